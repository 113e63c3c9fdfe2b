"""What the slots of an event type follow from, loaded in one statement: rules, teachers, their time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, NamedTuple

from sqlalchemy import Connection

from shared.database import call
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.slots.assignment_rule import parse_assignment_rule
from shared.slots.limits import parse_limits
from shared.slots.local_days import day_number
from shared.slots.types import DateOverride, Horizon, Hours, Interval, Schedule, SlotRules
from shared.telemetry import logger
from shared.tenants.errors import TenantNotFound, TenantSuspended
from shared.time_zones import zone_names

# Beyond these a row is a slip of somebody's, and its arithmetic would leave the calendar.
LONGEST_MINUTES = 7 * 24 * 60
FARTHEST_DAYS = 3_650

OFFER = "SELECT offer_of($1, $2, $3, $4, $5, $6, $7, $8, $9)"


class OfferQuestion(NamedTuple):
    """Which event type, of whom (None: anybody), for lessons that start within [start, end), epoch seconds.

    `except_booking` is the id of one that is being moved, whose own time is not in its way. `booker` is the
    address of who asks to book, with the key of the request and the UTC month that the booking counts in.
    """

    event_type: int
    teacher: int | None
    start: int
    end: int
    except_booking: int | None = None
    booker: str | None = None
    key: str | None = None
    year: int | None = None
    month: int | None = None


@dataclass(frozen=True, slots=True)
class OfferedTeacher:
    """Who teaches, when the school lets them, and when they are taken (with buffers).

    `booked` are their lessons of this event type without buffers; empty where it has no limits.
    """

    id: int
    name: str
    schedule: Schedule
    busy: list[Interval]
    booked: list[Interval]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an event type asks of who books it; until `refund_hours` before the start it is paid back."""

    id: int
    title: str
    is_workshop: bool
    is_paid: bool
    requires_confirmation: bool
    whitelist_enabled: bool
    refund_hours: int
    most_active: int | None
    only_first: bool


@dataclass(frozen=True, slots=True)
class Booker:
    """What is known of who asks: `used` of the month's `allowed` bookings, the `first` answer to the key."""

    allowed: int | None
    used: int
    is_listed: bool
    first: dict[str, Any] | None
    is_alone: bool
    active: int


@dataclass(frozen=True, slots=True)
class Offer:
    """An event type that can be booked, by whom it is taught, and what is known of who asks."""

    tenant_id: int
    terms: Terms
    rules: SlotRules
    teachers: tuple[OfferedTeacher, ...]
    booker: Booker


def load_offer(connection: Connection, question: OfferQuestion) -> Offer:
    """Read an offer in one statement.

    `busy` and `booked` are complete for lessons that start within the question's range. Raises
    TenantNotFound, TenantSuspended, EventTypeNotFound, TeacherNotFound.
    """
    ((told,),) = call(connection, OFFER, *question)
    if told is None:
        raise TenantNotFound
    if told["tenant"]["status"] != "ACTIVE":
        raise TenantSuspended
    if told["event_type"] is None:
        raise EventTypeNotFound
    if not told["teachers"] and question.teacher is not None:
        raise TeacherNotFound
    teachers = [_teacher(each) for each in told["teachers"] or ()]
    return Offer(
        told["tenant"]["id"],
        _terms(told["event_type"]),
        _rules(told["event_type"]),
        tuple(each for each in teachers if each is not None),
        _booker(told["booker"] or {}, told["tenant"]["allowed"]),
    )


def _terms(told: dict[str, Any]) -> Terms:
    return Terms(
        told["id"],
        told["title"],
        told["is_workshop"],
        bool(told["is_paid"]),
        told["requires_confirmation"],
        told["whitelist_enabled"],
        told["refund_hours"],
        told["most_active"],
        told["only_first"],
    )


def _booker(told: dict[str, Any], allowed: int | None) -> Booker:
    """Of somebody who only looks, nothing is known."""
    return Booker(
        allowed,
        told.get("used") or 0,
        bool(told.get("listed")),
        told.get("first"),
        told.get("alone", True),
        told.get("active") or 0,
    )


def _rules(told: dict[str, Any]) -> SlotRules:
    """The event type's rules. One whose rules make no sense, as Cal.com lets them be, is not offered."""
    try:
        return _checked_rules(told)
    except ValueError as error:
        logger.warning("event type with senseless rules", event_type_id=told["id"], reason=str(error))
        raise EventTypeNotFound from None


def _checked_rules(told: dict[str, Any]) -> SlotRules:
    if max(told["length"], told["before_buffer"], told["after_buffer"]) > LONGEST_MINUTES:
        raise ValueError("a lesson or a buffer of more than a week")
    first, last = told["period_start"], told["period_end"]
    horizon = Horizon(
        told["period_type"],
        min(told["period_days"] or 0, FARTHEST_DAYS),
        bool(told["period_calendar_days"]),
        first and date.fromisoformat(first),
        last and date.fromisoformat(last),
    )
    return SlotRules(
        length=told["length"],
        interval=told["slot_interval"] or told["length"],
        offset=told["offset_start"],
        before_buffer=told["before_buffer"],
        after_buffer=told["after_buffer"],
        minimum_notice=told["minimum_notice"],
        horizon=horizon,
        limits=parse_limits(told["booking_limits"], told["duration_limits"]),
    )


def _teacher(told: dict[str, Any]) -> OfferedTeacher | None:
    """None for a teacher whose hours cannot be told: their zone or the assignment's rule makes no sense."""
    if told["zone"] not in zone_names():
        logger.warning("teacher in an unknown zone", teacher_id=told["id"])
        return None
    try:
        schedule = _schedule(told)
    except ValueError as error:
        logger.warning("assignment with a senseless rule", teacher_id=told["id"], reason=str(error))
        return None
    taken = (told["busy"] or []) + (told["unsettled"] or [])
    busy = [(int(start), int(end)) for start, end in taken if start < end]
    booked = [(int(start), int(end)) for start, end in told["booked"] or ()]
    return OfferedTeacher(told["id"], told["name"] or "", schedule, busy, booked)


def _schedule(told: dict[str, Any]) -> Schedule:
    hours = told["hours"] or ()
    of_week = ((tuple(days or ()), start, end) for days, day, start, end in hours if day is None)
    of_date = ((date.fromisoformat(day), start, end) for _, day, start, end in hours if day)
    return Schedule(
        told["zone"],
        tuple(_made(Hours, of_week)),
        tuple(_made(DateOverride, of_date)),
        parse_assignment_rule(told["rule"], told["zone"], int(told["assigned"])),
        tuple(_days(first, last) for first, last in told["away"] or ()),
    )


def _days(first: str, last: str) -> range:
    """Both included; none when the last comes first."""
    return range(day_number(date.fromisoformat(first)), day_number(date.fromisoformat(last)) + 1)


def _made(kind: Any, rows: Iterable[Sequence[Any]]) -> Iterable[Any]:
    """Rows that say nothing sensible, as hours that end before they start, open nothing; so at Cal.com."""
    for when, start, end in rows:
        try:
            yield kind(when, time.fromisoformat(start), time.fromisoformat(end))
        except ValueError:
            continue
