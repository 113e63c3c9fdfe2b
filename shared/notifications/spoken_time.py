"""Times as a reader of the mail would write them.

Two languages need nineteen words. A library of all the world's would be the largest part of the layer.
"""

from datetime import datetime

DASH = "\N{EN DASH}"

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "vi": ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"),
}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def spoken_date(at: datetime, language: str) -> str:
    """`Monday, 7 December 2026`, `Thứ Hai, 7 tháng 12 năm 2026`; the date on the clock of `at`."""
    weekday = WEEKDAYS[language][at.weekday()]
    if language == "vi":
        return f"{weekday}, {at.day} tháng {at.month} năm {at.year}"
    return f"{weekday}, {at.day} {MONTHS[at.month - 1]} {at.year}"


def spoken_span(start: datetime, end: datetime, language: str) -> str:
    """`Monday, 7 December 2026, 10:00` and `10:30`, with a dash; the end's date only if it is another."""
    if end.date() == start.date():
        return f"{spoken_moment(start, language)}{DASH}{end:%H:%M}"
    return f"{spoken_moment(start, language)} {DASH} {spoken_moment(end, language)}"


def spoken_moment(at: datetime, language: str) -> str:
    """`Monday, 7 December 2026, 10:00`."""
    return f"{spoken_date(at, language)}, {at:%H:%M}"


def spoken_zone(*moments: datetime) -> str:
    """`Asia/Ho_Chi_Minh, UTC+07:00`: the zone of the moments, and what it is off UTC if that is one."""
    name = str(moments[0].tzinfo)
    offsets = {at.isoformat()[-6:] for at in moments}
    return name if name == "UTC" or len(offsets) > 1 else f"{name}, UTC{offsets.pop()}"
