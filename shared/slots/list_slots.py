"""The slots of an event type in a range of time, for any of its teachers or a named one."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from shared.errors import InvalidRequest
from shared.fields import LAST_INSTANT
from shared.slots.find_slots import find_slots
from shared.slots.offer import Offer, load_offer, offer_statement
from shared.slots.schemas import Slot, SlotList, SlotsQuery, moment
from shared.time_zones import zone

LONGEST_RANGE = timedelta(days=62)

_STATEMENT = offer_statement()


def list_slots(connection: Connection, event_type_id: int, query: SlotsQuery, now: datetime) -> SlotList:
    """Every start that may be booked at `now`, in order, told in the asker's zone.

    Raises InvalidRequest for a range that is none or too long, and what `load_offer` raises. Workshops
    have sessions, not slots: theirs is an empty list.
    """
    shown_in = zone(query.time_zone)
    start, end = _range(query, shown_in)
    parameters = {
        "event_type": event_type_id,
        "teacher": query.teacher_id,
        "start": start,
        "end": end,
    }
    offer = load_offer(connection, _STATEMENT, parameters)
    free = {} if offer.row.is_workshop else _free(offer, start, end, int(now.timestamp()))
    length = timedelta(minutes=offer.rules.length)
    slots = [
        Slot(start=local, end=(local + length).astimezone(shown_in), teacher_ids=free[instant])
        for instant in sorted(free)
        for local in (datetime.fromtimestamp(instant, shown_in),)
    ]
    return SlotList(event_type_id=event_type_id, time_zone=query.time_zone, slots=slots)


def _free(offer: Offer, start: int, end: int, now: int) -> dict[int, list[int]]:
    """Starts, each with the teachers who are free then."""
    free: dict[int, list[int]] = defaultdict(list)
    for teacher in offer.teachers:
        for instant in find_slots(offer.rules, teacher.schedule, teacher.busy, start, end, now):
            free[instant].append(teacher.id)
    return free


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
