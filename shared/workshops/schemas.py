"""How sessions, their seats and their waitlists are asked for and told."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from shared.bookings.schemas import NewAttendee
from shared.event_types.schemas import Teacher
from shared.fields import AsWhole, Document, Id, LocalDate, Notes, TimeZone, exactly_one

_WALL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:00)?", re.ASCII)
_LAST_YEAR = 2150


def _wall_time(asked: Any) -> Any:
    """Without an offset: the zone says it, anew for each session."""
    if isinstance(asked, datetime):
        return asked
    if not isinstance(asked, str) or not _WALL.fullmatch(asked):
        raise ValueError("must be a local time without an offset, as 2026-12-01T10:00")
    return asked


def _of_our_time(asked: datetime) -> datetime:
    if not 1970 <= asked.year <= _LAST_YEAR:
        raise ValueError("must be a time that a calendar knows")
    return asked


# RFC 3339's date-time has an offset, so it has a format of its own.
WALL_TIME = WithJsonSchema({"type": "string", "format": "local-date-time"})
ByDay = Annotated[str, StringConstraints(pattern=r"^(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)$")]
SeatLimit = Annotated[int, Field(ge=1, le=10_000, strict=True), AsWhole]
SessionNumber = Id


class Recurrence(Document):
    """When a workshop takes place, on the wall clock of `timeZone`, which is the teacher's unless said."""

    model_config = exactly_one("count", "endDate")

    frequency: Literal["DAILY", "WEEKLY", "MONTHLY"]
    interval: Annotated[int, AsWhole] = Field(1, ge=1, le=99, strict=True)
    count: Annotated[int, Field(ge=1, le=200, strict=True), AsWhole] | None = Field(
        None, description="How many sessions"
    )
    end_date: LocalDate | None = Field(
        None, description="The last local date that may have one", examples=["2027-02-16"]
    )
    by_day: list[ByDay] | None = Field(
        None,
        min_length=1,
        max_length=35,
        description="`MO` to `SU`; with MONTHLY also `1MO`, the month's first Monday, and `-1MO`, its last",
        examples=[["TU"]],
    )
    start: Annotated[datetime, BeforeValidator(_wall_time), AfterValidator(_of_our_time), WALL_TIME] = Field(
        description="The first session: a local time without an offset", examples=["2026-12-01T10:00"]
    )
    time_zone: TimeZone | None = None
    teacher_id: Id | None = Field(None, description="May be left out when only one teaches the workshop")

    @model_validator(mode="after")
    def _ends(self) -> "Recurrence":
        if (self.count is None) == (self.end_date is None):
            raise ValueError("say either count or endDate")
        if self.frequency != "MONTHLY" and any(len(day) > 2 for day in self.by_day or ()):
            raise ValueError("only the days of a month are numbered")
        return self

    def document(self) -> dict[str, Any]:
        """As it is stored with the event type."""
        told = self.model_dump(
            mode="json", by_alias=True, exclude_none=True, include=set(Recurrence.model_fields)
        )
        return {**told, "start": f"{self.start:%Y-%m-%dT%H:%M}"}


class NewRecurrence(Recurrence):
    """The rule, and the seats of each session where they change as well."""

    seat_limit: SeatLimit | None = Field(None, description="Seats of every session to come", examples=[12])


class RecurrenceSaved(Document):
    """Which sessions, by number, were made, stay as they are, and are gone."""

    event_type_id: int
    recurrence: Recurrence
    seat_limit: int | None = None
    created: list[int]
    kept: list[int]
    removed: list[int]


class SessionOfStaff(Document):
    session_number: int
    start: datetime
    end: datetime
    teacher: Teacher | None = None
    seat_limit: int | None = Field(None, description="Absent where there is no limit")
    seats_taken: int
    waiting: int = Field(description="How many wait for a seat")
    cancelled_at: datetime | None = None


class SessionsOfStaff(Document):
    """By their numbers; times in UTC."""

    event_type_id: int
    recurrence: dict[str, Any] | None = Field(
        None, description="As it was put, or as Cal.com had it; absent where nobody said when"
    )
    seat_limit: int | None = Field(None, description="Of sessions made from now on")
    sessions: list[SessionOfStaff]
    next_cursor: str | None = None


class SessionCancelled(SessionOfStaff):
    bookings_cancelled: int = Field(description="By this request")


class Session(Document):
    """A session as the public sees it."""

    session_number: int
    start: datetime
    end: datetime
    teacher: Teacher | None = None
    seat_limit: int | None = Field(None, description="Absent where there is no limit")
    seats_left: int | None = Field(None, description="0 while people wait; absent where there is no limit")
    waitlist_length: int
    bookable: bool
    reason: Literal["full", "too_late", "payment", "no_teacher"] | None = Field(
        None, description="Why it is not bookable"
    )


class SessionList(Document):
    event_type_id: int
    time_zone: str
    sessions: list[Session]
    next_cursor: str | None = None


class SessionsQuery(Document):
    """A page of the sessions to come, by their start."""

    time_zone: TimeZone = Field("UTC", examples=["Europe/Paris"])
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(
        None, pattern=r"^[0-9]{1,12}-[0-9]{1,9}$", description="`nextCursor` of the page before"
    )


class NewSeats(Document):
    """A seat in one session of a workshop, or in all to come, or in all to come that have one left."""

    model_config = exactly_one("sessionNumber", "series")

    event_type_id: Id = Field(examples=[4])
    session_number: SessionNumber | None = Field(None, examples=[3])
    series: Literal["all", "available"] | None = None
    attendee: NewAttendee
    notes: Notes | None = None

    @model_validator(mode="after")
    def _names_one_thing(self) -> "NewSeats":
        if (self.session_number is None) == (self.series is None):
            raise ValueError("say either sessionNumber or series")
        return self


class NewWaitlistEntry(Document):
    attendee: NewAttendee


WaitlistStatus = Literal["WAITING", "OFFERED", "BOOKED", "EXPIRED", "LEFT", "CLOSED"]


class WaitlistEntryCreated(Document):
    """The token is shown here and in the mails; it manages the seat that is offered, too."""

    id: int
    position: int = Field(description="1 is the next in line")
    token: str = Field(examples=["pV7yq0m3Zk2bN8sXw1RfTg"])


class WaitlistEntryView(Document):
    id: int
    status: WaitlistStatus
    position: int | None = Field(None, description="1 is the next in line")
    session_number: int
    start: datetime
    end: datetime
    booking_uid: str | None = Field(None, description="The seat that was offered")
    offer_expires_at: datetime | None = None
