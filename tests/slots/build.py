"""Short ways to say in a test what a school would set up."""

from datetime import date, datetime, time

from shared.slots.types import DateOverride, Horizon, Hours, Limit, Schedule, SlotRules

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
UNLIMITED = Horizon("unlimited", None, True, None, None)


def at(text: str) -> int:
    """Epoch seconds of an RFC 3339 time with an offset, such as 2026-03-08T07:00Z."""
    instant = datetime.fromisoformat(text)
    assert instant.tzinfo
    return int(instant.timestamp())


def schedule(*items: Hours | DateOverride, zone: str = "UTC") -> Schedule:
    weekly = tuple(item for item in items if isinstance(item, Hours))
    return Schedule(zone, weekly, tuple(item for item in items if isinstance(item, DateOverride)))


def weekly(hours: str, *days: int) -> Hours:
    """`weekly("09:00-17:00", 1, 2)`: Monday and Tuesday; without days every day."""
    return Hours(days or EVERY_DAY, *_times(hours))


def on(day: str, hours: str) -> DateOverride:
    return DateOverride(date.fromisoformat(day), *_times(hours))


def rules(
    length: int = 60,
    interval: int | None = None,
    offset: int = 0,
    before: int = 0,
    after: int = 0,
    notice: int = 0,
    *,
    horizon: Horizon = UNLIMITED,
    limits: tuple[Limit, ...] = (),
) -> SlotRules:
    return SlotRules(length, interval or length, offset, before, after, notice, horizon, limits)


def _times(hours: str) -> tuple[time, time]:
    start, end = hours.replace("24:00", "23:59").split("-")
    return time.fromisoformat(start), time.fromisoformat(end)
