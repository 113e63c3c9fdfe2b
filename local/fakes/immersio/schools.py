"""What the fake Immersio knows of each school: its secrets, its rows, the calls it has seen."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from local.fakes.immersio.lists import DELETED, Row, in_order
from local.fakes.immersio.refusals import Refused
from local.fakes.immersio.times import timestamp

LONG_AGO = datetime.min.replace(tzinfo=UTC)
REQUESTS_SHOWN = 10_000

NEW_COURSE: Row = {
    "status": "active",
    "course_code": None,
    "description": None,
    "language": "en",
    "level": None,
    "is_published": True,
    "price": {"amount_minor": 1500, "currency": "EUR"},
    "instructor_ids": [],
}
NEW_STUDENT: Row = {"status": "active", "given_name": "A", "family_name": "Student", "locale": "en"}


@dataclass
class School:
    """One key's world. Times of changes grow strictly, so that the order of changes is theirs.

    `bookings` and `pushed` are by the uid of whoever wrote them, `pushed` holding enrolments; those that
    people made at Immersio are in `enrollments` by their own id, as all are.
    """

    api_key: str
    secrets: list[str]
    courses: dict[str, Row] = field(default_factory=dict)
    students: dict[str, Row] = field(default_factory=dict)
    enrollments: dict[str, Row] = field(default_factory=dict)
    bookings: dict[str, Row] = field(default_factory=dict)
    pushed: dict[str, str] = field(default_factory=dict)
    writes: list[Row] = field(default_factory=list)
    nonces: dict[str, float] = field(default_factory=dict)
    called: deque[float] = field(default_factory=deque)
    limited: int = 0
    requests: deque[Row] = field(default_factory=lambda: deque(maxlen=REQUESTS_SHOWN))
    lock: threading.RLock = field(default_factory=threading.RLock)
    last_change: datetime = LONG_AGO
    _lists: dict[str, tuple[datetime, list[Row]]] = field(default_factory=dict)

    def tick(self, now: datetime) -> str:
        """The time of a change."""
        self.last_change = max(now, self.last_change + timedelta(milliseconds=1))
        return timestamp(self.last_change)

    def put_course(self, told: Row, now: datetime) -> None:
        """Create or change a course, as somebody at the school would."""
        with self.lock:
            before = self.courses.get(told["id"], {"version": 0})
            made = {"updated_at": self.tick(now), "version": before["version"] + 1}
            self.courses[told["id"]] = {**NEW_COURSE, **before, **made, **told}

    def put_student(self, told: Row, now: datetime) -> None:
        """Create or change a student; `courses` are added to those that they are enrolled in."""
        with self.lock:
            student = {name: value for name, value in told.items() if name != "courses"}
            before = self.students.get(student["id"], {"email": f"{student['id']}@students.test"})
            made = {"updated_at": self.tick(now)}
            self.students[student["id"]] = {**NEW_STUDENT, **before, **made, **student}
            for course in told.get("courses", ()):
                self.enroll(course, student["id"], now)

    def enroll(self, course_id: str, student_id: str, now: datetime, **more: Any) -> Row:
        """The enrolment, new or as it was changed."""
        with self.lock:
            uid = more.get("source_ref")
            known = self.pushed.get(uid) if uid else self._enrolled(course_id, student_id)
            row_id = known or f"enr_{uuid4().hex[:20]}"
            before = self.enrollments.get(row_id, {"source_ref": None, "begin_date": None, "end_date": None})
            made = {"id": row_id, "course_id": course_id, "student_id": student_id, "role": "student"}
            changed = {"status": "active", "updated_at": self.tick(now)}
            self.enrollments[row_id] = {**before, **made, **changed, **more}
            if uid:
                self.pushed[uid] = row_id
            return self.enrollments[row_id]

    def _enrolled(self, course_id: str, student_id: str) -> str | None:
        wanted = (course_id, student_id, None)
        return next(
            (
                row["id"]
                for row in self.enrollments.values()
                if (row["course_id"], row["student_id"], row["source_ref"]) == wanted
            ),
            None,
        )

    def students_of(self, course_id: str) -> list[Row]:
        """Who is enrolled, as changed by themselves or by their enrolment, in order. Raises Refused."""
        self.course(course_id)
        kept = self._lists.get(course_id)
        if kept is None or kept[0] != self.last_change:
            kept = self._lists[course_id] = (self.last_change, in_order(self._students_of(course_id)))
        return kept[1]

    def _students_of(self, course_id: str) -> Iterator[Row]:
        enrolled: dict[str, str] = {}
        for row in self.enrollments.values():
            if row["course_id"] == course_id and row["status"] != DELETED:
                enrolled[row["student_id"]] = max(enrolled.get(row["student_id"], ""), row["updated_at"])
        found = ((self.students[each], since) for each, since in enrolled.items())
        return ({**row, "updated_at": max(row["updated_at"], since)} for row, since in found)

    def course(self, course_id: str) -> Row:
        return self._one(self.courses, course_id, "course_not_found")

    def student(self, student_id: str) -> Row:
        return self._one(self.students, student_id, "student_not_found")

    def _one(self, rows: dict[str, Row], row_id: str, code: str) -> Row:
        with self.lock:
            if row_id not in rows:
                raise Refused(404, code)
            return rows[row_id]

    def see(self, nonce: str, now: float, remembered_seconds: float) -> bool:
        """Whether the nonce is new."""
        with self.lock:
            self.nonces = {old: at for old, at in self.nonces.items() if at > now - remembered_seconds}
            is_new = nonce not in self.nonces
            self.nonces[nonce] = now
            return is_new
