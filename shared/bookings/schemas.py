"""How bookings are asked for and told."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.event_types.schemas import Teacher
from shared.fields import Document, EmailAddress, Id, Instant, Locale, Name, Notes, TimeZone, exactly_one

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


class BookedSeat(Document):
    """One of the seats of a series; each has a token of its own."""

    uid: str
    session_number: int
    start: datetime
    end: datetime
    manage_token: str = Field(examples=["pV7yq0m3Zk2bN8sXw1RfTg"])


class CheckoutView(Document):
    """Where to pay, and until when the time is held for that."""

    checkout_url: str = Field(examples=["https://checkout.stripe.com/c/pay/cs_test_a1B2c3"])
    expires_at: datetime


class BookingCreated(Document):
    """The answer to a booking; the manage token is shown here and in the mail, nowhere else.

    Of a series this is the first seat, and `seats` are all of them.
    """

    uid: str = Field(examples=["019ab3c44e7a3f5b0c6d8e9fa1b2c3d4"])
    status: Status
    start: datetime
    end: datetime
    event_type_id: int
    teacher: Teacher
    manage_token: str = Field(examples=["pV7yq0m3Zk2bN8sXw1RfTg"])
    session_number: int | None = Field(None, description="Of a workshop")
    seats: list[BookedSeat] | None = Field(None, description="Of a series")
    payment: CheckoutView | None = Field(None, description="Of what costs something and is not paid yet")


class BookedEventType(Document):
    id: int
    title: str
    slug: str


class BookedAttendee(Document):
    name: str
    email: str
    time_zone: str
    locale: str


class RefundView(Document):
    amount: int = Field(description="In minor units of the currency, as Stripe has it")
    currency: str
    status: Literal["PENDING", "SUCCEEDED", "FAILED"]


class PaidView(Document):
    amount: int = Field(description="In minor units of the currency, as Stripe has it")
    currency: str


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
    ics_uid: str = Field(description="Names it in calendars; stays the same when it is moved")
    session_number: int | None = Field(None, description="Which session of a workshop")
    reason: str | None = Field(None, description="Why it was cancelled or rejected, when somebody said so")
    hold_expires_at: datetime | None = Field(None, description="Until when a pending booking keeps its time")
    refundable_until: datetime | None = Field(None, description="Whoever cancels until then is refunded")
    refunds: list[RefundView] | None = Field(None, description="Absent where no money comes back")
    rescheduled_from: str | None = Field(None, description="The booking that this one was moved from")
    rescheduled_to: str | None = Field(None, description="The booking that this one was moved to")
    offered: bool | None = Field(None, description="True of a seat that is offered and not accepted yet")
    paid: PaidView | None = Field(None, description="What was paid for it, whatever came back since")
    payment: CheckoutView | None = Field(None, description="Where it is paid for, while its time is held")


Reason = Annotated[Notes, StringConstraints(strip_whitespace=True, max_length=500)]


class Cancellation(Document):
    reason: Reason | None = Field(None, examples=["I have fallen ill."])


class OwnCancellation(Cancellation):
    series: bool = Field(
        default=False,
        strict=True,
        description="With all seats to come that were booked together with this one",
    )


class Rescheduling(Document):
    """Where to: a lesson by its new `start`, a seat by the number of another session of its workshop."""

    model_config = exactly_one("start", "sessionNumber")

    start: Instant | None = Field(None, examples=["2026-11-24T09:00:00-05:00"])
    session_number: Id | None = None
    teacher_id: Id | None = Field(None, description="A lesson's own teacher when not said")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.start is None) == (self.session_number is None):
            raise ValueError("say either start or sessionNumber")
        if self.session_number is not None and self.teacher_id is not None:
            raise ValueError("a session has its own teacher")
        return self
