"""What the database counts again, under a teacher's lock, before a booking counts in their periods."""

import json

from shared.slots.limits import windows_of
from shared.slots.offer import OfferedTeacher
from shared.slots.types import SlotRules


def period_limits(teacher: OfferedTeacher, rules: SlotRules, start: int) -> str:
    """The limits that count for a lesson that starts then (epoch seconds), as `is_period_full` reads them."""
    return json.dumps(
        [
            {
                "since": window.since,
                "until": window.until,
                "bookings": window.most_bookings,
                "minutes": window.most_minutes,
            }
            for window in windows_of(rules.limits, teacher.schedule.time_zone, start)
        ]
    )
