"""The school books for somebody: by the same rules as they would, but for what it lets pass."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field, StrictBool, model_validator
from sqlalchemy import Connection

from shared.bookings.create_booking import Booked, create_booking
from shared.bookings.favours import Favours
from shared.bookings.schemas import NewAttendee, NewBooking
from shared.fields import Document, Id, Instant, Notes
from shared.staff.find_staff import StaffMember
from shared.workshops.book_seats import book_seats
from shared.workshops.schemas import NewSeats, SessionNumber


class NewStaffBooking(Document):
    """A lesson by its `start`, or a seat of a workshop by its session."""

    event_type_id: Id = Field(examples=[1])
    start: Instant | None = Field(None, examples=["2026-11-23T09:00:00-05:00"])
    session_number: SessionNumber | None = None
    teacher_id: Id | None = Field(None, description="Of a lesson; anybody who is free when left out")
    attendee: NewAttendee
    notes: Notes | None = None
    free: StrictBool = Field(default=False, description="Nothing has to be paid")
    override: StrictBool = Field(default=False, description="Notice, horizon and whitelist do not matter")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.start is None) == (self.session_number is None):
            raise ValueError("say either start or sessionNumber")
        if self.session_number is not None and self.teacher_id is not None:
            raise ValueError("a session has its own teacher")
        return self


# The favours are a part of what is asked: the same key with others is another request.
class _Lesson(NewBooking):
    free: bool
    override: bool


class _Seat(NewSeats):
    free: bool
    override: bool


def book_for_student(
    connection: Connection, staff: StaffMember, command: NewStaffBooking, key: str | None, now: datetime
) -> Booked:
    """The booking, which counts on the plan; what costs something waits to be paid.

    Ends the transaction. Raises what `create_booking` and `book_seats` raise.
    """
    favours = Favours(staff, command.free, command.override)
    said: dict[str, Any] = {**dict(command), "series": None}
    if command.start is not None:
        lesson = _Lesson.model_construct(**{name: said[name] for name in _Lesson.model_fields})
        return create_booking(connection, lesson, key, now, favours=favours)
    seat = _Seat.model_construct(**{name: said[name] for name in _Seat.model_fields})
    return book_seats(connection, seat, key, now, favours=favours)
