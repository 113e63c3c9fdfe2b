"""The streams that are pulled: courses from one list, students from a list for each course."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, text

from shared.clients.immersio import Immersio
from shared.clients.immersio_errors import ImmersioFailed
from shared.immersio.merge_courses import merge_courses
from shared.immersio.merge_students import merge_students
from shared.immersio.position import Position

_COURSES = text("""
    SELECT DISTINCT "immersioCourseId" FROM "EventType"
    WHERE "tenantId" = :tenant AND "immersioCourseId" IS NOT NULL AND "immersioDeletedAt" IS NULL ORDER BY 1
""")


@dataclass(frozen=True)
class StreamPage:
    """Rows as they came; `next_cursor` is ours, and None at the end of the whole stream.

    `as_of` is Immersio's clock, None when it was not told. An incomplete page may have left rows out.
    """

    data: list[Any]
    next_cursor: str | None
    as_of: datetime | None
    is_incomplete: bool = False


@dataclass(frozen=True)
class Stream:
    """How a stream is walked through: the lists it is made of, a page of them, and what becomes of one."""

    name: str
    scope: Callable[[Connection, int], list[str]]
    fetch: Callable[[Immersio, Position], StreamPage]
    merge: Callable[[Connection, int, list[Any], datetime], Counter[str]]


def _no_scope(_: Connection, __: int) -> list[str]:
    return []


def _page_of_courses(immersio: Immersio, position: Position) -> StreamPage:
    page = immersio.courses(updated_since=position.watermark, cursor=position.cursor)
    return StreamPage(page.data, page.next_cursor, page.as_of)


def _courses_here(connection: Connection, tenant_id: int) -> list[str]:
    return list(connection.execute(_COURSES, {"tenant": tenant_id}).scalars())


def _page_of_students(immersio: Immersio, position: Position) -> StreamPage:
    """Of the course where the cursor stands, whose whole list is asked for when the last pass had it not."""
    course, cursor = _place(position)
    if course is None:
        return StreamPage([], None, None)
    since = position.watermark if course in position.known else None
    following = _following(position.scope, course)
    try:
        page = immersio.students(course, updated_since=since, cursor=cursor)
    except ImmersioFailed as failure:
        if failure.status != HTTPStatus.NOT_FOUND:
            raise
        # Deleted since; its tombstone is the other stream's matter.
        return StreamPage([], following, None, is_incomplete=True)
    next_cursor = following if page.next_cursor is None else json.dumps([course, page.next_cursor])
    return StreamPage(page.data, next_cursor, page.as_of)


def _place(position: Position) -> tuple[str | None, str | None]:
    if position.cursor is None:
        return (position.scope[0] if position.scope else None), None
    course, cursor = json.loads(position.cursor)
    return course, cursor


def _following(scope: tuple[str, ...], course: str) -> str | None:
    after = scope[scope.index(course) + 1 :] if course in scope else ()
    return json.dumps([after[0], None]) if after else None


COURSES = Stream("courses", _no_scope, _page_of_courses, merge_courses)
STUDENTS = Stream("students", _courses_here, _page_of_students, merge_students)
