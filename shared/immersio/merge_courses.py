"""A page of Immersio's courses becomes drafts of event types.

A new course is a hidden draft: the school decides what it sells and for how much. A draft follows its
course; once it is published, what the school wrote wins. A course that is deleted there deletes nothing
here: bookings may hang on it, so its event type is marked, and the log tells.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, text

from shared.event_types.slugs import free_slug
from shared.immersio.log_rows import done, log_rows, unreadable
from shared.immersio.schemas import Course

MINUTES = 60

KNOWN = text("""
    SELECT id, "immersioCourseId" AS course_id, title, description, "isPublished" AS is_published,
           "immersioVersion" AS version, "immersioDeletedAt" IS NOT NULL AS is_deleted
    FROM "EventType"
    WHERE "tenantId" = :tenant AND "immersioCourseId" = ANY(CAST(:ids AS text[]))
    ORDER BY id DESC
""")
SLUGS = text('SELECT slug FROM "EventType" WHERE "tenantId" = :tenant')
# Cal.com shows an event type to its owner, so it is one of those who run the school.
CREATE = text("""
    INSERT INTO "EventType" ("tenantId", "userId", title, slug, description, length, hidden, "isPublished",
                             "immersioCourseId", "immersioVersion", "updatedAt")
    SELECT :tenant, (SELECT min(id) FROM users WHERE "tenantId" = :tenant AND "tenantRole" = 'TENANT_ADMIN'),
           c.title, c.slug, c.description, :minutes, true, false, c.id, c.version,
           CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS c(id text, title text, slug text, description text, version integer)
""")
_OF_ROWS = """
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS c(id text, title text, description text, version integer)
    WHERE e."tenantId" = :tenant AND e."immersioCourseId" = c.id
"""
# It may have been published since it was read; a school may have made more event types of a course.
UPDATE = text(f"""
    UPDATE "EventType" e SET title = CASE WHEN e."isPublished" THEN e.title ELSE c.title END,
           description = CASE WHEN e."isPublished" THEN e.description ELSE c.description END,
           "immersioVersion" = c.version, "immersioDeletedAt" = NULL,
           "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC' {_OF_ROWS}
""")  # noqa: S608  # the part is above
MARK = text(f"""
    UPDATE "EventType" e SET "immersioVersion" = c.version,
           "immersioDeletedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC' {_OF_ROWS}
""")  # noqa: S608


@dataclass(frozen=True)
class Change:
    """What a course asks for; `action` is `created`, `updated` or `deleted`."""

    action: str
    course: Course


def merge_courses(connection: Connection, tenant_id: int, rows: list[Any], now: datetime) -> Counter[str]:
    """Take over what changed, log it, and count by action; a row that is no course is logged as failed.

    The caller holds the stream's fence, so nobody else creates event types for the same courses.
    """
    courses, failures = read_courses(rows)
    changes = _changes(connection, tenant_id, courses)
    for action, write in (("created", _create), ("updated", _update), ("deleted", _mark)):
        if chosen := [change.course for change in changes if change.action == action]:
            write(connection, tenant_id, chosen, now)
    logs = [done(each.course.id, action=each.action, version=each.course.version) for each in changes]
    log_rows(connection, tenant_id, "COURSE", "PULL", logs + failures)
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
            failures.append(unreadable(row, error, "course"))
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
    # -1 for an event type that the school made itself. What was swept too early is there again.
    version = -1 if there.version is None else there.version
    if course.version < version or (course.version == version and course.is_deleted == there.is_deleted):
        return None
    if course.is_deleted:
        return None if there.is_deleted else Change("deleted", course)
    differs = (course.title, course.description) != (there.title, there.description)
    return Change("updated", course) if there.is_deleted or (differs and not there.is_published) else None


def _create(connection: Connection, tenant_id: int, courses: list[Course], now: datetime) -> None:
    taken = set(connection.execute(SLUGS, {"tenant": tenant_id}).scalars())
    rows = []
    for course in courses:
        slug = free_slug(course.title, course.id, taken)
        taken.add(slug)
        rows.append({**course.model_dump(), "slug": slug})
    told = {"tenant": tenant_id, "minutes": MINUTES, "rows": json.dumps(rows), "now": now}
    connection.execute(CREATE, told)


def _update(connection: Connection, tenant_id: int, courses: list[Course], now: datetime) -> None:
    connection.execute(UPDATE, {"tenant": tenant_id, "rows": _rows(courses), "now": now})


def _mark(connection: Connection, tenant_id: int, courses: list[Course], now: datetime) -> None:
    connection.execute(MARK, {"tenant": tenant_id, "rows": _rows(courses), "now": now})


def _rows(courses: Iterable[Course]) -> str:
    return json.dumps([course.model_dump() for course in courses])
