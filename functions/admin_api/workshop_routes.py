"""Workshops, for the staff: when they take place, and which session does not."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.bookings.schemas import Cancellation
from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.requests import body_of, number_in_path, optional_body_of, query_of
from shared.event_types.schemas import ListQuery
from shared.staff.schemas import ADMINS
from shared.workshops.queries import list_sessions_of_staff
from shared.workshops.schemas import NewRecurrence


def add_workshop_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of workshops below /v1/admin/event-types."""
    desk = Desk(app, settings, database)

    @app.put("/v1/admin/event-types/<event_type_id>/recurrence")
    def recurrence(event_type_id: str) -> Response[Any]:
        from shared.workshops.plan_sessions import plan_sessions

        number, now = number_in_path(event_type_id), datetime.now(UTC)
        return desk.told(
            lambda c, staff: plan_sessions(c, staff, number, body_of(app, NewRecurrence), now), ADMINS
        )

    @app.get("/v1/admin/event-types/<event_type_id>/sessions")
    def sessions(event_type_id: str) -> Response[Any]:
        number = number_in_path(event_type_id)
        return desk.told(
            lambda c, staff: list_sessions_of_staff(c, staff.tenant.id, number, query_of(app, ListQuery))
        )

    @app.post("/v1/admin/event-types/<event_type_id>/sessions/<session>/cancel")
    def cancel_session(event_type_id: str, session: str) -> Response[Any]:
        from shared.workshops import cancel_session as use_case

        number, of_session, now = number_in_path(event_type_id), number_in_path(session), datetime.now(UTC)
        return desk.told(
            lambda c, staff: use_case.cancel_session(
                c, staff, number, of_session, optional_body_of(app, Cancellation).reason, now
            )
        )
