"""What Immersio offers, by method and path; each gives the document of its answer."""

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request

from local.fakes.immersio import writes
from local.fakes.immersio.lists import ListQuery, Row, in_order, page_of
from local.fakes.immersio.schools import School
from local.fakes.immersio.times import timestamp
from local.fakes.immersio.world import World

Answering = Callable[..., dict[str, Any]]


def ping(world: World, _: School, __: Request) -> dict[str, Any]:
    return {"status": "ok", "as_of": timestamp(world.now())}


def courses(world: World, school: School, request: Request) -> dict[str, Any]:
    return _page(world, school, request, lambda: in_order(school.courses.values()))


def course(_: World, school: School, __: Request, course_id: str) -> dict[str, Any]:
    return school.course(course_id)


def course_students(world: World, school: School, request: Request, course_id: str) -> dict[str, Any]:
    return _page(world, school, request, lambda: school.students_of(course_id))


def student(_: World, school: School, __: Request, student_id: str) -> dict[str, Any]:
    return school.student(student_id)


def enrollments(world: World, school: School, request: Request) -> dict[str, Any]:
    return _page(world, school, request, lambda: in_order(school.enrollments.values()))


def put_booking(world: World, school: School, request: Request, uid: str) -> dict[str, Any]:
    writes.check_uid(uid)
    return writes.put_booking(school, request, uid, world.now())


def put_enrollment(world: World, school: School, request: Request, uid: str) -> dict[str, Any]:
    writes.check_uid(uid)
    return writes.put_enrollment(school, request, uid, world.now())


def delete_booking(world: World, school: School, _: Request, uid: str) -> dict[str, Any]:
    writes.check_uid(uid)
    return writes.delete_booking(school, uid, world.now())


def delete_enrollment(world: World, school: School, _: Request, uid: str) -> dict[str, Any]:
    writes.check_uid(uid)
    return writes.delete_enrollment(school, uid, world.now())


def _page(world: World, school: School, request: Request, rows: Callable[[], list[Row]]) -> dict[str, Any]:
    now = world.now()
    query = ListQuery.of(request.args.to_dict(), now)
    with school.lock:
        return page_of(rows(), query, now)


OPERATIONS: dict[str, Answering] = {
    "GET /v1/ping": ping,
    "GET /v1/courses": courses,
    "GET /v1/courses/<course_id>": course,
    "GET /v1/courses/<course_id>/students": course_students,
    "GET /v1/students/<student_id>": student,
    "GET /v1/enrollments": enrollments,
    "PUT /v1/bookings/<uid>": put_booking,
    "DELETE /v1/bookings/<uid>": delete_booking,
    "PUT /v1/enrollments/<uid>": put_enrollment,
    "DELETE /v1/enrollments/<uid>": delete_enrollment,
}
