"""How students are asked for and told, for the admins of their school."""

from datetime import datetime

from pydantic import Field

from shared.fields import Document, EmailAddress, IdInQuery, Search


class StudentOfStaff(Document):
    """Somebody with an account. Whoever only ever booked is in their bookings (`?email=`)."""

    id: int
    name: str | None = None
    email: str
    time_zone: str
    locale: str | None = None
    immersio_user_id: str | None = None
    is_locked: bool
    created_at: datetime


class StudentWithBookings(StudentOfStaff):
    """Counted by the address of who booked."""

    bookings: int = Field(description="All there were")
    upcoming_bookings: int


class StudentsOfStaff(Document):
    students: list[StudentOfStaff]
    next_cursor: str | None = None


class StudentsQuery(Document):
    """All filters must hold."""

    limit: int = Field(50, ge=1, le=100)
    cursor: IdInQuery | None = Field(None, description="`nextCursor` of the page before")
    email: EmailAddress | None = None
    search: Search | None = Field(None, description="Part of the name or of the address")
