"""Event types, for the staff: everybody sees them, admins set them up."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.requests import body_of, idempotency_key, number_in_path, query_of

PLACE = "/v1/admin/event-types"


def add_event_type_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of event types themselves."""
    desk = Desk(app, settings, database)
    _add_reading(desk)
    _add_writing(desk)


def _add_reading(desk: Desk) -> None:
    app = desk.app

    @app.get(PLACE)
    def event_types() -> Response[Any]:
        from shared.event_types.staff_queries import list_event_types_of_staff
        from shared.event_types.staff_schemas import EventTypesQuery

        return desk.told(
            lambda c, staff: list_event_types_of_staff(c, staff.tenant.id, query_of(app, EventTypesQuery))
        )

    @app.get(f"{PLACE}/<event_type_id>")
    def event_type(event_type_id: str) -> Response[Any]:
        from shared.event_types.staff_queries import get_event_type_of_staff

        return desk.shown(
            lambda c, staff: get_event_type_of_staff(c, staff.tenant.id, number_in_path(event_type_id))
        )


def _add_writing(desk: Desk) -> None:
    app = desk.app

    @app.post(PLACE)
    def create() -> Response[Any]:
        from shared.event_types.create_event_type import create_event_type
        from shared.event_types.staff_schemas import NewEventType

        now = datetime.now(UTC)
        return desk.made(
            PLACE,
            lambda c, staff: create_event_type(
                c, staff, body_of(app, NewEventType), idempotency_key(app), now
            ),
        )

    @app.patch(f"{PLACE}/<event_type_id>")
    def change(event_type_id: str) -> Response[Any]:
        from shared.event_types.change_event_type import change_event_type
        from shared.event_types.staff_schemas import EventTypeChanges

        now = datetime.now(UTC)
        return desk.changed(
            lambda c, staff: change_event_type(
                c, staff, number_in_path(event_type_id), body_of(app, EventTypeChanges), desk.unchanged, now
            )
        )

    @app.delete(f"{PLACE}/<event_type_id>")
    def delete(event_type_id: str) -> Response[Any]:
        from shared.event_types.delete_event_type import delete_event_type

        now = datetime.now(UTC)
        return desk.removed(
            lambda c, staff: delete_event_type(c, staff, number_in_path(event_type_id), desk.unchanged, now)
        )
