"""How the staff sets up what can be booked, and how it is told to them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, WithJsonSchema, model_validator

from shared.changes import changes_of
from shared.event_types.schemas import Price
from shared.event_types.slugs import LONGEST
from shared.fields import AsWhole, Document, IdInQuery, LocalDate, Name, Notes, Search
from shared.money import CURRENCIES, minor_units
from shared.slots.offer import FARTHEST_DAYS, LONGEST_MINUTES

Kind = Literal["lesson", "workshop"]
Slug = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=1, max_length=LONGEST)
]
Minutes = Annotated[int, Field(ge=0, le=LONGEST_MINUTES, strict=True), AsWhole]
SomeMinutes = Annotated[int, Field(ge=1, le=LONGEST_MINUTES, strict=True), AsWhole]
Most = Annotated[int, Field(ge=1, le=1_000_000, strict=True), AsWhole]
Seats = Annotated[int, Field(ge=1, le=10_000, strict=True), AsWhole]


def _charged(currency: str) -> str:
    if currency not in CURRENCIES:
        raise ValueError("must be a currency that payments are taken in, as EUR")
    return currency


AS_NUMBER_OR_TEXT = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0, "maximum": 99_999_999.99},
            {"type": "string", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,2})?$"},
        ]
    }
)


class NewPrice(Document):
    """In major units. One that the currency has no coins for is refused."""

    amount: Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2), AS_NUMBER_OR_TEXT] = Field(
        examples=["15.00"]
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_charged)] = Field(
        examples=["EUR"]
    )

    @property
    def minor(self) -> int:
        """Raises PriceNotExpressible."""
        return minor_units(self.amount, self.currency)


class BookingLimits(Document):
    """The most bookings a teacher has of it in a period of the calendar; what is left out is no limit."""

    per_day: Most | None = Field(None, alias="PER_DAY")
    per_week: Most | None = Field(None, alias="PER_WEEK")
    per_month: Most | None = Field(None, alias="PER_MONTH")
    per_year: Most | None = Field(None, alias="PER_YEAR")


class DurationLimits(BookingLimits):
    """The same in minutes."""


class Period(Document):
    """How far ahead may be booked: without end, for `days` from today on, or between two dates."""

    type: Literal["unlimited", "rolling", "rolling_window", "range"] = "unlimited"
    days: Annotated[int, Field(ge=0, le=FARTHEST_DAYS, strict=True), AsWhole] | None = None
    count_calendar_days: StrictBool = Field(default=True, description="false counts Monday to Friday only")
    start: LocalDate | None = Field(None, examples=["2027-01-11"])
    end: LocalDate | None = Field(None, examples=["2027-03-26"])

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type.startswith("rolling") and self.days is None:
            raise ValueError("say days")
        if self.type == "range" and (self.start is None or self.end is None or self.end < self.start):
            raise ValueError("say start and end, in order")
        return self


class EventTypeTerms(Document):
    """What of an event type may be changed; lengths of time in minutes unless their names say otherwise."""

    title: Name = Field(examples=["Conversation"])
    slug: Slug = Field(examples=["conversation"], description="Its page's address; of the school's own")
    description: Notes | None = None
    length: SomeMinutes = Field(examples=[30])
    price: NewPrice | None = Field(None, description="Null is free")
    seat_limit: Seats | None = Field(
        None, description="Of each session of a workshop that is made from now on; null is no limit"
    )
    whitelist_enabled: StrictBool = Field(default=False, description="Only listed addresses may book")
    requires_confirmation: StrictBool = False
    refund_window_hours: Annotated[int, Field(ge=0, le=8_760, strict=True), AsWhole] = 12
    minimum_booking_notice: Annotated[int, Field(ge=0, le=525_600, strict=True), AsWhole] = 120
    before_event_buffer: Minutes = 0
    after_event_buffer: Minutes = 0
    slot_interval: SomeMinutes | None = Field(None, description="Between starts; null is the length")
    offset_start: Annotated[int, Field(ge=0, le=1_439, strict=True), AsWhole] = 0
    period: Period = Period()
    booking_limits: BookingLimits | None = Field(None, examples=[{"PER_DAY": 6}])
    duration_limits: DurationLimits | None = Field(None, examples=[{"PER_WEEK": 600}])
    max_active_bookings_per_booker: Annotated[int, Field(ge=1, le=10_000, strict=True), AsWhole] | None = None
    only_show_first_available_slot: StrictBool = False
    disable_cancelling: StrictBool = Field(default=False, description="Only the school cancels")
    disable_rescheduling: StrictBool = Field(default=False, description="Only the school moves")
    minimum_reschedule_notice: Annotated[int, Field(ge=0, le=525_600, strict=True), AsWhole] | None = None
    is_published: StrictBool = Field(default=False, description="Students see and book it")


class NewEventType(EventTypeTerms):
    kind: Kind = "lesson"
    slug: Slug | None = Field(None, description="Made of the title when left out")  # type: ignore[assignment]


EventTypeChanges: Any = changes_of(EventTypeTerms, "EventTypeChanges")


class EventTypeOfStaff(EventTypeTerms):
    """Of one that Cal.com made, fields may hold what could not be entered here."""

    id: int
    kind: Kind
    price: Price | None = None  # type: ignore[assignment]
    immersio_course_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class EventTypesOfStaff(Document):
    event_types: list[EventTypeOfStaff]
    next_cursor: str | None = None


class EventTypesQuery(Document):
    """All filters must hold."""

    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    kind: Kind | None = None
    published: bool | None = None
    search: Search | None = Field(None, description="Part of the title or of the slug")
