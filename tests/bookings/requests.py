"""What a student sends."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.schools import School

NEW_YORK = ZoneInfo("America/New_York")

MAI = {"name": "Mai Nguyen", "email": "mai@example.com", "timeZone": "Asia/Ho_Chi_Minh"}


def next_monday(hour: int, minute: int = 0) -> datetime:
    """A time on the Monday to come, in New York: the teacher of the tests works then from 9 to 17."""
    now = datetime.now(NEW_YORK)
    day = (now + timedelta(days=7 - now.weekday())).date()
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)


def lesson(school: School, start: datetime | str, **more: Any) -> dict[str, Any]:
    """The body of a booking of the school's lesson by Mai; `more` replaces and adds."""
    when = start if isinstance(start, str) else start.isoformat()
    return {"eventTypeId": school.lesson_id, "start": when, "attendee": MAI, **more}
