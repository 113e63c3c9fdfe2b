"""When somebody teaches what: hours and absences, a teacher's their own, and assignments."""

from datetime import UTC, datetime

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.collections import Collection, UseCases, add_collection
from shared.edge.desk import Desk
from shared.staff.schemas import ADMINS


def add_schedule_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of schedules, absences and assignments."""
    desk = Desk(app, settings, database)
    add_collection(desk, Collection("/v1/admin/schedules", _schedules), _now)
    add_collection(desk, Collection("/v1/admin/out-of-office", _absences), _now)
    add_collection(desk, Collection("/v1/admin/assignments", _assignments, ADMINS), _now)


def _now() -> datetime:
    return datetime.now(UTC)


def _schedules() -> UseCases:
    from shared.schedules import queries, schemas
    from shared.schedules.change_schedule import change_schedule
    from shared.schedules.create_schedule import create_schedule
    from shared.schedules.delete_schedule import delete_schedule

    return UseCases(
        schemas.SchedulesQuery,
        queries.list_schedules,
        queries.get_schedule,
        schemas.NewSchedule,
        create_schedule,
        schemas.ScheduleChanges,
        change_schedule,
        delete_schedule,
    )


def _absences() -> UseCases:
    from shared.absences import queries, schemas
    from shared.absences.change_absence import change_absence
    from shared.absences.create_absence import create_absence
    from shared.absences.delete_absence import delete_absence

    return UseCases(
        schemas.AbsencesQuery,
        queries.list_absences,
        queries.get_absence,
        schemas.NewAbsence,
        create_absence,
        schemas.AbsenceChanges,
        change_absence,
        delete_absence,
    )


def _assignments() -> UseCases:
    from shared.assignments import queries, schemas
    from shared.assignments.change_assignment import change_assignment
    from shared.assignments.create_assignment import create_assignment
    from shared.assignments.delete_assignment import delete_assignment

    return UseCases(
        schemas.AssignmentsQuery,
        queries.list_assignments,
        queries.get_assignment,
        schemas.NewAssignment,
        create_assignment,
        schemas.AssignmentChanges,
        change_assignment,
        delete_assignment,
    )
