"""How the staff asks for bookings, and how they are told."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator

from shared.bookings.schemas import BookedAttendee, BookedEventType, RefundView, Status
from shared.event_types.schemas import Teacher
from shared.fields import Document, EmailAddress, IdInQuery, Instant, at_least_one

Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}-[0-9]{1,10}$")]


class BookingsQuery(Document):
    """All filters must hold; bookings start in [from, to)."""

    limit: int = Field(50, ge=1, le=100)
    cursor: Cursor | None = Field(None, description="`nextCursor` of the page before")
    status: Status | None = None
    since: Instant | None = Field(None, alias="from", examples=["2026-11-23T00:00:00-05:00"])
    until: Instant | None = Field(None, alias="to", examples=["2026-11-30T00:00:00-05:00"])
    teacher_id: IdInQuery | None = None
    event_type_id: IdInQuery | None = None
    session_number: IdInQuery | None = Field(None, description="Of a workshop; with eventTypeId, its roster")
    email: EmailAddress | None = Field(None, description="Of the attendee")


class StaffAttendee(BookedAttendee):
    no_show: bool = Field(description="Did not come")


class StaffBooking(Document):
    """A booking in a list; times in UTC."""

    uid: str
    status: Status
    title: str
    start: datetime
    end: datetime
    event_type: BookedEventType | None = None
    teacher: Teacher | None = None
    attendee: StaffAttendee | None = Field(None, description="Absent where Cal.com kept none")
    session_number: int | None = None
    no_show_host: bool = Field(description="The teacher did not come")
    created_at: datetime
    hold_expires_at: datetime | None = Field(None, description="Until when a pending booking keeps its time")
    rescheduled_from: str | None = None
    rescheduled_to: str | None = None


class BookingList(Document):
    bookings: list[StaffBooking]
    next_cursor: str | None = None


class BookingEventView(Document):
    """What happened; of CREATED the time alone is told, and a super admin has no actorId."""

    type: str = Field(examples=["CANCELLED"])
    at: datetime
    actor: Literal["ATTENDEE", "STAFF", "SYSTEM"] | None = None
    actor_id: int | None = None
    details: dict[str, Any] | None = None


class PaymentView(Document):
    amount: int = Field(description="In minor units of the currency, as Stripe has it")
    currency: str
    paid: bool
    refunded: bool


class StaffBookingView(StaffBooking):
    """A booking with everything that is known of it."""

    notes: str | None = None
    location: str | None = None
    reason: str | None = Field(None, description="Why it was cancelled or rejected, when somebody said so")
    refundable_until: datetime | None = None
    sequence: int
    history: list[BookingEventView]
    payments: list[PaymentView]
    refunds: list[RefundView]


class NoShow(Document):
    """Who did not come; false takes it back."""

    model_config = at_least_one("attendee", "host")

    attendee: StrictBool | None = None
    host: StrictBool | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.attendee is None and self.host is None:
            raise ValueError("say attendee, host or both")
        return self
