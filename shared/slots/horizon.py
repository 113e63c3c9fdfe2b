"""Which local days are near enough to be booked."""

from datetime import date

from shared.slots.local_days import DAY, EARLIEST, LATEST, day_number, local_day, weekday
from shared.slots.open_hours import windows_of_days
from shared.slots.types import Horizon, Schedule, SlotRules

# Local days run up to a day ahead of UTC or behind it.
_FIRST, _LAST = EARLIEST // DAY - 2, LATEST // DAY + 2


def bookable_days(rules: SlotRules, schedule: Schedule, now: int, until: int) -> range:
    """Numbers of the local days on which a slot may start; right for all windows that open before `until`.

    * unlimited: all.
    * range: from `start` to `end`, both included.
    * rolling: through the end of today + `days`; without counting calendar days only Monday to Friday count,
      so on a Saturday one day ahead is Monday.
    * rolling_window: through the end of the `days`-th date that counts. A date counts when some of its open
      hours lie after now + minimum notice, and, without counting calendar days, when it is Monday to Friday.
      Bookings and absences do not matter: a fully booked date counts. With 0 days: through the end of
      today. When the schedule has fewer such dates, none is too far.

    Today is the local date at `now` (epoch seconds) in the schedule's zone.
    """
    match rules.horizon:
        case Horizon(kind="range", start=date() as first, end=date() as last):
            return range(day_number(first), day_number(last) + 1)
        case Horizon(kind="rolling", days=int(days), counts_calendar_days=calendar):
            today = local_day(schedule.time_zone, now)
            return range(_FIRST, (today + days if calendar else _add_weekdays(today, days)) + 1)
        case Horizon(kind="rolling_window", days=int(days)):
            return range(_FIRST, _window_end(rules, days, schedule, now, until) + 1)
    return range(_FIRST, _LAST)


def _add_weekdays(day: int, count: int) -> int:
    since_monday = (weekday(day) - 1) % 7
    # From a Saturday or Sunday counting goes on where Friday left it.
    weeks, rest = divmod(min(since_monday, 4) + count, 5)
    return max(day, day - since_monday + weeks * 7 + rest)


def _window_end(rules: SlotRules, days: int, schedule: Schedule, now: int, until: int) -> int:
    if not days:
        return local_day(schedule.time_zone, now)
    counted: set[int] = set()
    # Days from `until` on are not asked for, so the walk can stop there without having found all.
    for _, _, day in windows_of_days(schedule, now + rules.minimum_notice * 60, until):
        if rules.horizon.counts_calendar_days or weekday(day) not in (0, 6):
            counted.add(day)
        if len(counted) == days:
            return day
    return _LAST
