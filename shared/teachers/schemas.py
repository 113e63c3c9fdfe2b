"""How those who teach are entered and told, for the admins of their school."""

from datetime import datetime
from typing import Any

from pydantic import Field

from shared.changes import changes_of
from shared.fields import Document, EmailAddress, IdInQuery, Locale, Name, Search, TimeZone


class NewTeacher(Document):
    """They sign in by their address, which nobody else of any staff may have."""

    name: Name = Field(examples=["Tess Teacher"])
    email: EmailAddress = Field(examples=["tess@aurora.example"])
    time_zone: TimeZone = Field(examples=["America/New_York"])
    locale: Locale = Field("en", description="Language of their mails", examples=["vi"])


TeacherChanges: Any = changes_of(NewTeacher, "TeacherChanges")


class TeacherOfStaff(NewTeacher):
    """Of somebody that Cal.com made, fields may hold what could not be entered here."""

    id: int
    default_schedule_id: int | None = Field(None, description="Whose hours hold where nothing else is said")
    is_locked: bool = Field(description="Does not sign in, and is not booked any more")
    created_at: datetime


class TeachersOfStaff(Document):
    teachers: list[TeacherOfStaff]
    next_cursor: str | None = None


class TeachersQuery(Document):
    """All filters must hold."""

    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    locked: bool | None = None
    search: Search | None = Field(None, description="Part of the name or of the address")


class UpcomingBooking(Document):
    uid: str
    title: str
    start: datetime
    end: datetime
    session_number: int | None = None


class UpcomingSession(Document):
    event_type_id: int
    session_number: int
    start: datetime
    end: datetime
    seats_taken: int


class LockedTeacher(TeacherOfStaff):
    """What the school still has to see to: the first hundred of each, by their start."""

    upcoming_bookings: list[UpcomingBooking]
    upcoming_sessions: list[UpcomingSession]
