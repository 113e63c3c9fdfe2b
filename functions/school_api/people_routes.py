"""Those who teach and those who learn, for the admins of a school."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.requests import body_of, idempotency_key, number_in_path, query_of
from shared.staff.schemas import ADMINS

TEACHERS = "/v1/admin/teachers"
STUDENTS = "/v1/admin/students"


def add_people_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of teachers and of students."""
    desk = Desk(app, settings, database)
    _add_reading(desk)
    _add_writing(desk)
    _add_locking(desk)
    _add_students(desk)


def _add_reading(desk: Desk) -> None:
    app = desk.app

    @app.get(TEACHERS)
    def teachers() -> Response[Any]:
        from shared.teachers.queries import list_teachers
        from shared.teachers.schemas import TeachersQuery

        return desk.told(
            lambda c, staff: list_teachers(c, staff.tenant.id, query_of(app, TeachersQuery)), ADMINS
        )

    @app.get(f"{TEACHERS}/<teacher_id>")
    def teacher(teacher_id: str) -> Response[Any]:
        from shared.teachers.queries import get_teacher

        return desk.shown(
            lambda c, staff: get_teacher(c, staff.tenant.id, number_in_path(teacher_id)), ADMINS
        )


def _add_writing(desk: Desk) -> None:
    app = desk.app

    @app.post(TEACHERS)
    def create() -> Response[Any]:
        from shared.teachers.create_teacher import create_teacher
        from shared.teachers.schemas import NewTeacher

        now = datetime.now(UTC)
        return desk.made(
            TEACHERS,
            lambda c, staff: create_teacher(c, staff, body_of(app, NewTeacher), idempotency_key(app), now),
        )

    @app.patch(f"{TEACHERS}/<teacher_id>")
    def change(teacher_id: str) -> Response[Any]:
        from shared.teachers.change_teacher import change_teacher
        from shared.teachers.schemas import TeacherChanges

        now = datetime.now(UTC)
        return desk.changed(
            lambda c, staff: change_teacher(
                c, staff, number_in_path(teacher_id), body_of(app, TeacherChanges), desk.unchanged, now
            )
        )


def _add_locking(desk: Desk) -> None:
    app = desk.app

    @app.post(f"{TEACHERS}/<teacher_id>/invite")
    def invite(teacher_id: str) -> Response[Any]:
        from shared.teachers.invite_teacher import invite_teacher

        now = datetime.now(UTC)
        return desk.changed(lambda c, staff: invite_teacher(c, staff, number_in_path(teacher_id), now))

    @app.post(f"{TEACHERS}/<teacher_id>/lock")
    def lock(teacher_id: str) -> Response[Any]:
        from shared.teachers.lock_teacher import lock_teacher

        now = datetime.now(UTC)
        # Also where a school is suspended: whoever has left may not sign in.
        return desk.told(lambda c, staff: lock_teacher(c, staff, number_in_path(teacher_id), now), ADMINS)

    @app.post(f"{TEACHERS}/<teacher_id>/unlock")
    def unlock(teacher_id: str) -> Response[Any]:
        from shared.teachers.lock_teacher import unlock_teacher

        now = datetime.now(UTC)
        return desk.changed(lambda c, staff: unlock_teacher(c, staff, number_in_path(teacher_id), now))


def _add_students(desk: Desk) -> None:
    app = desk.app

    @app.get(STUDENTS)
    def students() -> Response[Any]:
        from shared.students.queries import list_students
        from shared.students.schemas import StudentsQuery

        return desk.told(
            lambda c, staff: list_students(c, staff.tenant.id, query_of(app, StudentsQuery)), ADMINS
        )

    @app.get(f"{STUDENTS}/<student_id>")
    def student(student_id: str) -> Response[Any]:
        from shared.students.queries import get_student

        now = datetime.now(UTC)
        return desk.told(
            lambda c, staff: get_student(c, staff.tenant.id, number_in_path(student_id), now), ADMINS
        )
