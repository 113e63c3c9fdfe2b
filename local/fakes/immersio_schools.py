"""What the fake Immersio knows of each school: its secret, its courses, the calls it has seen."""

import base64
import binascii
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

TOMBSTONES_STAY = timedelta(days=30)
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Course = dict[str, Any]
Place = tuple[str, str]


class Refused(Exception):
    """An answer that is a problem document."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail


def timestamp(instant: datetime) -> str:
    """RFC 3339 UTC with milliseconds; as text it sorts as the times do."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of(text: str, code: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, code, text) from None
    if not text.endswith("Z") or instant.tzinfo is None:
        raise Refused(400, code, "times are RFC 3339 in UTC")
    return instant


@dataclass(frozen=True)
class CourseQuery:
    """The checked parameters of a list of courses."""

    updated_since: str = ""
    after: Place = ("", "")
    limit: int = 50
    include_deleted: bool = False

    @classmethod
    def of(cls, parameters: dict[str, str], now: datetime) -> Self:
        known = {"updated_since", "cursor", "limit", "include_deleted"}
        if unknown := set(parameters) - known:
            raise Refused(400, "unknown_parameter", ", ".join(sorted(unknown)))
        limit, deleted = parameters.get("limit", "50"), parameters.get("include_deleted", "false")
        if not limit.isdecimal() or not 1 <= int(limit) <= 200:
            raise Refused(400, "invalid_limit", limit)
        if deleted not in {"true", "false"}:
            raise Refused(400, "invalid_include_deleted", deleted)
        since = parameters.get("updated_since")
        if since is not None and instant_of(since, "invalid_updated_since") < now - TOMBSTONES_STAY:
            raise Refused(410, "cursor_expired")
        cursor = parameters.get("cursor")
        after = ("", "") if cursor is None else place_of(cursor, now)
        return cls(since or "", after, int(limit), deleted == "true")


@dataclass
class School:
    """One key's world. Times of changes grow strictly, so that the order of changes is theirs."""

    api_key: str
    secrets: list[str]
    courses: dict[str, Course] = field(default_factory=dict)
    nonces: dict[str, float] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    last_change: datetime = LONG_AGO

    def put(self, told: Course) -> None:
        """Create or change a course, as somebody at the school would."""
        with self.lock:
            now = datetime.now(UTC)
            self.last_change = max(now, self.last_change + timedelta(milliseconds=1))
            before = self.courses.get(told["id"], {"version": 0})
            self.courses[told["id"]] = {
                **NEW_COURSE,
                **before,
                "updated_at": timestamp(self.last_change),
                "version": before["version"] + 1,
                **told,
            }

    def page(self, query: CourseQuery, now: datetime) -> dict[str, Any]:
        """The envelope of a page, ordered by (updated_at, id)."""
        with self.lock:
            found = sorted((course for course in self.courses.values() if wanted(course, query)), key=place)
        page = found[: query.limit]
        more = len(found) > query.limit
        return {
            "data": page,
            "next_cursor": cursor_at(place(page[-1]), now) if more else None,
            "as_of": timestamp(now),
        }

    def course(self, course_id: str) -> Course:
        with self.lock:
            course = self.courses.get(course_id)
        if course is None:
            raise Refused(404, "course_not_found")
        return course

    def see(self, nonce: str, remembered_seconds: float) -> bool:
        """Whether the nonce is new."""
        now = time.time()
        with self.lock:
            self.nonces = {old: at for old, at in self.nonces.items() if at > now - remembered_seconds}
            is_new = nonce not in self.nonces
            self.nonces[nonce] = now
            return is_new


NEW_COURSE: Course = {
    "status": "active",
    "course_code": None,
    "description": None,
    "language": "en",
    "level": None,
    "is_published": True,
    "price": {"amount_minor": 1500, "currency": "EUR"},
    "instructor_ids": [],
}


def wanted(course: Course, query: CourseQuery) -> bool:
    return (
        place(course) > query.after
        and course["updated_at"] >= query.updated_since
        and (query.include_deleted or course["status"] != "tobedeleted")
    )


def place(course: Course) -> Place:
    return course["updated_at"], str(course["id"])


def cursor_at(where: Place, now: datetime) -> str:
    return base64.urlsafe_b64encode(json.dumps([*where, timestamp(now)]).encode()).decode()


def place_of(cursor: str, now: datetime) -> Place:
    try:
        updated_at, course_id, issued = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise Refused(400, "invalid_cursor") from None
    if instant_of(issued, "invalid_cursor") < now - TOMBSTONES_STAY:
        raise Refused(410, "cursor_expired")
    return updated_at, course_id
