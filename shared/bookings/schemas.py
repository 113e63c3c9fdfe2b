"""How bookings are asked for and told."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.event_types.schemas import Teacher
from shared.fields import Document, EmailAddress, Id, Instant, Locale, Name, Notes, TimeZone

Status = Literal["accepted", "pending", "cancelled", "rejected", "awaiting_host"]


class NewAttendee(Document):
    name: Name = Field(examples=["Mai Nguyen"])
    email: EmailAddress = Field(examples=["mai@example.com"])
    time_zone: TimeZone = Field(examples=["Asia/Ho_Chi_Minh"])
    locale: Locale = Field("en", description="Language of the mails", examples=["vi"])


class NewBooking(Document):
    """A lesson: the event type, when, with whom (anybody when not said), and who comes."""

    event_type_id: Id = Field(examples=[1])
    start: Instant = Field(examples=["2026-11-23T09:00:00-05:00"])
    teacher_id: Id | None = None
    attendee: NewAttendee
    notes: Notes | None = Field(None, examples=["I would like to talk about travel."])


class BookingCreated(Document):
    """The answer to a booking; the manage token is shown here and in the mail, nowhere else."""

    uid: str = Field(examples=["019ab3c44e7a3f5b0c6d8e9fa1b2c3d4"])
    status: Status
    start: datetime
    end: datetime
    event_type_id: int
    teacher: Teacher
    manage_token: str = Field(examples=["pV7yq0m3Zk2bN8sXw1RfTg"])


class BookedEventType(Document):
    id: int
    title: str
    slug: str


class BookedAttendee(Document):
    name: str
    email: str
    time_zone: str
    locale: str


class BookingView(Document):
    """A booking as its holder sees it; times in the attendee's zone."""

    uid: str
    status: Status
    title: str
    start: datetime
    end: datetime
    event_type: BookedEventType | None = None
    teacher: Teacher | None = None
    attendee: BookedAttendee
    notes: str | None = None
    location: str | None = None
    created_at: datetime
    sequence: int = Field(description="Counts the changes, for calendars")
