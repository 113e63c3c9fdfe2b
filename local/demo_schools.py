"""The two schools of the demonstration, as plain facts; `seed` writes them into the tables."""

from dataclasses import dataclass
from decimal import Decimal

WEEKDAYS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class DemoTeacher:
    """Weekly hours in the teacher's own zone: (days with 0 for Sunday, from, to)."""

    name: str
    email: str
    time_zone: str
    hours: tuple[tuple[tuple[int, ...], str, str], ...]


@dataclass(frozen=True)
class DemoWorkshop:
    """Every such weekday (`SA`) from the week after next on, at a time of the teacher's own zone."""

    teacher: str
    weekday: str
    at: str
    count: int


@dataclass(frozen=True)
class DemoEventType:
    """A lesson or workshop; length in minutes."""

    title: str
    slug: str
    description: str
    length: int = 30
    price: Decimal | None = None
    currency: str = "EUR"
    whitelisted: tuple[str, ...] = ()
    seat_limit: int | None = None
    workshop: "DemoWorkshop | None" = None


@dataclass(frozen=True)
class DemoLanding:
    """The school's page; `design` is the id of a LandingTemplate."""

    design: int
    title: str
    subtitle: str
    about: str
    colours: tuple[str, str | None]
    profiles: dict[str, str]


@dataclass(frozen=True)
class DemoSchool:
    name: str
    subdomain: str
    locale: str
    landing: DemoLanding
    teachers: tuple[DemoTeacher, ...]
    event_types: tuple[DemoEventType, ...]


AURORA = DemoSchool(
    name="Aurora Languages",
    subdomain="aurora",
    locale="en",
    landing=DemoLanding(
        1,
        "Speak from the first minute",
        "One-to-one lessons and small groups, with teachers in New York and in Ho Chi Minh City.",
        "We have taught languages for twenty years: in classrooms, in cafés and online. Whoever learns with "
        "us talks from the first minute, and laughs about mistakes with us.",
        ("#1d4ed8", "#f59e0b"),
        {"facebook": "https://www.facebook.com/aurora", "youtube": "https://www.youtube.com/@aurora"},
    ),
    teachers=(
        DemoTeacher(
            "Tess Teacher", "tess@aurora.example", "America/New_York", ((WEEKDAYS, "09:00", "17:00"),)
        ),
        DemoTeacher(
            "Minh Tran",
            "minh@aurora.example",
            "Asia/Ho_Chi_Minh",
            (((1, 2, 3, 4, 5, 6), "08:00", "12:00"), (WEEKDAYS, "14:00", "18:00")),
        ),
    ),
    event_types=(
        DemoEventType("Conversation", "conversation", "Half an hour of free talk."),
        DemoEventType(
            "Exam coaching",
            "exam-coaching",
            "An hour on what the examiners look for.",
            length=60,
            price=Decimal("15.00"),
        ),
        DemoEventType(
            "Alumni club",
            "alumni-club",
            "For those on the school's list.",
            whitelisted=("mai@example.com",),
        ),
        DemoEventType(
            "Pronunciation workshop",
            "pronunciation-workshop",
            "Eight Saturdays in a small group.",
            length=90,
            price=Decimal("80.00"),
            seat_limit=12,
            workshop=DemoWorkshop("tess@aurora.example", "SA", "10:00", 8),
        ),
        DemoEventType(
            "Reading circle",
            "reading-circle",
            "A book in six Sundays, three readers at a time.",
            length=60,
            seat_limit=3,
            workshop=DemoWorkshop("tess@aurora.example", "SU", "11:00", 6),
        ),
    ),
)

LOTUS = DemoSchool(
    name="Trung tâm Hoa Sen",
    subdomain="lotus",
    locale="vi",
    landing=DemoLanding(
        4,
        "Học tiếng như gặp bạn bè",
        "Trò chuyện, luyện thi, mỗi buổi một câu chuyện.",
        "Trung tâm Hoa Sen là nơi mọi người đến để nói, không chỉ để nghe. Lớp nhỏ, giáo viên tận tâm.",
        ("#be185d", "#15803d"),
        {"facebook": "https://www.facebook.com/hoasen"},
    ),
    teachers=(
        DemoTeacher(
            "Cô Hạnh",
            "hanh@lotus.example",
            "Asia/Ho_Chi_Minh",
            ((WEEKDAYS, "08:00", "11:30"), (WEEKDAYS, "13:30", "20:00")),
        ),
    ),
    event_types=(
        DemoEventType("Giao tiếp căn bản", "giao-tiep", "Ba mươi phút trò chuyện cùng giáo viên."),
        DemoEventType(
            "Luyện thi IELTS",
            "luyen-thi-ielts",
            "Một giờ luyện nói.",
            length=60,
            price=Decimal(350000),
            currency="VND",
        ),
    ),
)

SCHOOLS = (AURORA, LOTUS)
