"""What a school's bookings are made of, in the model."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

# Who asks: with the token, with a wrong one, the first teacher, or an admin.
Hand = Literal["student", "stranger", "teacher", "admin"]


@dataclass(frozen=True)
class Course:
    """An event type: a lesson, or a workshop when it has sessions."""

    id: int
    length: timedelta
    confirms: bool
    refund_window: timedelta


@dataclass(eq=False)
class Session:
    course: Course
    number: int
    start: datetime
    teacher: int
    seats: int
    is_cancelled: bool = False

    @property
    def end(self) -> datetime:
        return self.start + self.course.length


@dataclass(eq=False)
class Booking:
    """`money` and `refunds` are minor units; `history` has the kind and the actor of each change."""

    course: Course
    student: str
    teacher: int
    start: datetime
    status: str
    refundable_until: datetime
    hold_until: datetime | None = None
    session: Session | None = None
    came_from: "Booking | None" = None
    is_moved: bool = False
    is_absent: bool = False
    uid: str = ""
    token: str = ""
    money: list[int] = field(default_factory=list)
    refunds: list[tuple[int, str]] = field(default_factory=list)
    history: list[tuple[str, str]] = field(default_factory=list)

    @property
    def end(self) -> datetime:
        return self.start + self.course.length

    @property
    def is_live(self) -> bool:
        return self.status in ("pending", "accepted")


@dataclass(eq=False)
class Place:
    """One on a waitlist; `status` is WAITING, OFFERED, BOOKED or OVER."""

    session: Session
    student: str
    id: int
    token: str
    status: str = "WAITING"
    booking: Booking | None = None
