"""A page of Immersio's courses becomes drafts of event types.

A new course is a hidden draft: the school decides what it sells and for how much. A draft follows its
course; once it is published, what the school wrote wins. A course that is deleted there deletes nothing
here: bookings may hang on it, so its draft stays unpublished and the log tells.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, text

from shared.event_types.slugs import free_slug
from shared.immersio.schemas import Course, plain_id

MINUTES = 60

KNOWN = text("""
    SELECT id, "immersioCourseId" AS course_id, title, description, "isPublished" AS is_published,
           metadata->>'immersioVersion' AS version
    FROM "EventType"
    WHERE "tenantId" = :tenant AND "immersioCourseId" = ANY(CAST(:ids AS text[]))
    ORDER BY id DESC
""")
SLUGS = text('SELECT slug FROM "EventType" WHERE "tenantId" = :tenant')
# Cal.com shows an event type to its owner, so it is one of those who run the school.
CREATE = text("""
    INSERT INTO "EventType" ("tenantId", "userId", title, slug, description, length, hidden, "isPublished",
                             "immersioCourseId", metadata, "updatedAt")
    SELECT :tenant, (SELECT min(id) FROM users WHERE "tenantId" = :tenant AND "tenantRole" = 'TENANT_ADMIN'),
           c.title, c.slug, c.description, :minutes, true, false, c.id,
           jsonb_build_object('immersioVersion', c.version), now() AT TIME ZONE 'UTC'
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS c(id text, title text, slug text, description text, version integer)
""")
_MARKED = """
    metadata = (CASE jsonb_typeof(e.metadata) WHEN 'object' THEN e.metadata ELSE '{}' END)
               || jsonb_build_object('immersioVersion', c.version),
    "updatedAt" = now() AT TIME ZONE 'UTC'
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS c("eventTypeId" integer, title text, description text, version integer)
    WHERE e."tenantId" = :tenant AND e.id = c."eventTypeId"
"""
# It may have been published since it was read.
UPDATE = text(f"""
    UPDATE "EventType" e SET title = c.title, description = c.description, {_MARKED} AND NOT e."isPublished"
""")  # noqa: S608  # the part is above
MARK = text(f'UPDATE "EventType" e SET {_MARKED}')  # noqa: S608
LOG = text("""
    INSERT INTO "ImmersioSyncLog" ("tenantId", "syncType", direction, "resourceType", "resourceId", status,
                                   "errorCode", "errorMessage", metadata)
    SELECT :tenant, 'COURSE', 'PULL', 'course', l.id, l.status, l.code, l.message, l.metadata
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS l(id text, status text, code text, message text, metadata jsonb)
""")


@dataclass(frozen=True)
class Change:
    """What a course asks for; `action` is `created`, `updated` or `deleted`."""

    action: str
    course: Course
    event_type_id: int | None = None

    def row(self) -> dict[str, Any]:
        return {**self.course.model_dump(), "eventTypeId": self.event_type_id}

    def log(self) -> dict[str, Any]:
        told = {"action": self.action, "version": self.course.version}
        return {"id": self.course.id, "status": "SUCCESS", "metadata": told}


def merge_courses(connection: Connection, tenant_id: int, rows: list[Any]) -> Counter[str]:
    """Take over what changed, log it, and count by action; a row that is no course is logged as failed.

    The caller holds the stream's fence, so nobody else creates event types for the same courses.
    """
    courses, failures = read_courses(rows)
    changes = _changes(connection, tenant_id, courses)
    for action, write in (("created", _create), ("updated", _update), ("deleted", _mark)):
        if chosen := [change for change in changes if change.action == action]:
            write(connection, tenant_id, chosen)
    if logs := [change.log() for change in changes] + failures:
        connection.execute(LOG, {"tenant": tenant_id, "rows": json.dumps(logs)})
    counted = Counter(change.action for change in changes)
    return counted + Counter(failed=len(failures), unchanged=len(courses) - len(changes))


def read_courses(rows: list[Any]) -> tuple[list[Course], list[dict[str, Any]]]:
    """The newest of each course, and a log line for each row that is none."""
    courses: dict[str, Course] = {}
    failures = []
    for row in rows:
        try:
            course = Course.model_validate(row)
        except ValidationError as error:
            failures.append(_failure(row, error))
        else:
            courses[course.id] = max(course, courses.get(course.id, course), key=lambda c: c.version)
    return list(courses.values()), failures


def _changes(connection: Connection, tenant_id: int, courses: list[Course]) -> list[Change]:
    ids = [course.id for course in courses]
    # The first that was made when a school has made more event types of a course.
    known = {row.course_id: row for row in connection.execute(KNOWN, {"tenant": tenant_id, "ids": ids})}
    decided = (_change(course, known.get(course.id)) for course in courses)
    return [change for change in decided if change is not None]


def _change(course: Course, there: Row[Any] | None) -> Change | None:
    if there is None:
        return None if course.is_deleted else Change("created", course)
    if course.version <= _version(there):
        return None
    if course.is_deleted:
        return Change("deleted", course, there.id)
    differs = (course.title, course.description) != (there.title, there.description)
    return Change("updated", course, there.id) if differs and not there.is_published else None


def _version(there: Row[Any]) -> int:
    """What was taken over last; -1 for an event type that the school made itself."""
    return int(there.version) if there.version and there.version.isdecimal() else -1


def _create(connection: Connection, tenant_id: int, changes: list[Change]) -> None:
    taken = set(connection.execute(SLUGS, {"tenant": tenant_id}).scalars())
    rows = []
    for change in changes:
        slug = free_slug(change.course.title, change.course.id, taken)
        taken.add(slug)
        rows.append({**change.row(), "slug": slug})
    connection.execute(CREATE, {"tenant": tenant_id, "minutes": MINUTES, "rows": json.dumps(rows)})


def _update(connection: Connection, tenant_id: int, changes: list[Change]) -> None:
    connection.execute(UPDATE, {"tenant": tenant_id, "rows": _rows(changes)})


def _mark(connection: Connection, tenant_id: int, changes: list[Change]) -> None:
    """Remember the deletion's version, so that it is told once."""
    connection.execute(MARK, {"tenant": tenant_id, "rows": _rows(changes)})


def _rows(changes: Iterable[Change]) -> str:
    return json.dumps([change.row() for change in changes])


def _failure(row: Any, error: ValidationError) -> dict[str, Any]:
    """Says which field is wrong and how, never what it holds."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    field = ".".join(map(str, first["loc"])) or "course"
    return {
        "id": plain_id(row),
        "status": "FAILED",
        "code": "invalid_course",
        "message": f"{field}: {first['msg']}",
    }
