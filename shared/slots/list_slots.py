"""The slots of an event type in a range of time, for any of its teachers or a named one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from shared.errors import InvalidRequest
from shared.fields import LAST_INSTANT
from shared.slots.find_slots import find_slots
from shared.slots.offer import Offer, OfferQuestion, load_offer
from shared.slots.schemas import Slot, SlotList, SlotsQuery, moment
from shared.time_zones import zone

LONGEST_RANGE = timedelta(days=62)


def list_slots(connection: Connection, event_type_id: int, query: SlotsQuery, now: datetime) -> SlotList:
    """Every start that may be booked at `now`, in order, told in the asker's zone.

    An event type that shows only its first slot tells one a day of that zone, the first that was asked for.
    It hides the others, as at Cal.com: whoever asks from a later time on is told them, and may book them.

    Raises InvalidRequest for a range that is none or too long, and what `load_offer` raises. Workshops
    have sessions, not slots: theirs is an empty list.
    """
    shown_in = zone(query.time_zone)
    start, end = _range(query, shown_in)
    offer = load_offer(connection, OfferQuestion(event_type_id, query.teacher_id, start, end))
    free = {} if offer.terms.is_workshop else _free(offer, start, end, int(now.timestamp()))
    shown = _first_of_days(free, shown_in) if offer.terms.only_first else sorted(free)
    slots = [_slot(instant, offer.rules.length, free[instant], shown_in) for instant in shown]
    return SlotList(event_type_id=event_type_id, time_zone=query.time_zone, slots=slots)


def _free(offer: Offer, start: int, end: int, now: int) -> dict[int, list[int]]:
    """Starts, each with the teachers who are free then."""
    free: dict[int, list[int]] = defaultdict(list)
    for teacher in offer.teachers:
        schedule, busy, booked = teacher.schedule, teacher.busy, teacher.booked
        for instant in find_slots(offer.rules, schedule, busy, start, end, now, booked):
            free[instant].append(teacher.id)
    return free


def _first_of_days(free: Iterable[int], shown_in: ZoneInfo) -> list[int]:
    firsts: dict[date, int] = {}
    for instant in sorted(free):
        firsts.setdefault(datetime.fromtimestamp(instant, shown_in).date(), instant)
    return list(firsts.values())


def _slot(start: int, length: int, teachers: list[int], shown_in: ZoneInfo) -> Slot:
    """Minutes are added to the instant: added to a time on the wall they would lose or gain an hour."""
    return Slot(
        start=datetime.fromtimestamp(start, shown_in),
        end=datetime.fromtimestamp(start + length * 60, shown_in),
        teacher_ids=teachers,
    )


def _range(query: SlotsQuery, asked_in: ZoneInfo) -> tuple[int, int]:
    start, end = _instant(moment(query.start), asked_in), _instant(moment(query.end), asked_in, last=True)
    if not start >= 0 or not end < LAST_INSTANT:
        raise InvalidRequest("ask for times that a calendar knows")
    if not start < end:
        raise InvalidRequest("end must come after start")
    if end - start > LONGEST_RANGE.total_seconds():
        raise InvalidRequest(f"ask for at most {LONGEST_RANGE.days} days at once")
    return start, end


def _instant(asked: date | datetime, asked_in: ZoneInfo, *, last: bool = False) -> int:
    if isinstance(asked, datetime):
        return int(asked.timestamp())
    day = asked + timedelta(days=1) if last and asked < date.max else asked
    midnight = datetime(day.year, day.month, day.day, tzinfo=asked_in)
    return int(midnight.astimezone(UTC).timestamp())
