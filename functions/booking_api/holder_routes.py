"""A booking, for whoever holds its token."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.bookings.queries import get_booking
from shared.bookings.schemas import OwnCancellation, Rescheduling
from shared.config import HttpSettings
from shared.edge.holders import HoldersDesk
from shared.edge.http import answer
from shared.edge.paying import Till
from shared.edge.requests import (
    body_of,
    idempotency_key,
    manage_token,
    optional_body_of,
    source_of,
    tenant_of,
)


def add_holder_routes(
    app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine, till: Till
) -> None:
    """The routes below /v1/bookings/{uid}."""
    desk = HoldersDesk(app, settings, database)
    _add_reading(desk)
    _add_changing(desk)
    _add_accepting(desk, till)


def _add_reading(desk: HoldersDesk) -> None:
    app = desk.app

    @app.get("/v1/bookings/<uid>")
    def booking(uid: str) -> Response[Any]:
        token = manage_token(app)
        return desk.told(lambda c: get_booking(c, uid, token))

    @app.get("/v1/bookings/<uid>/calendar.ics")
    def calendar(uid: str) -> Response[Any]:
        from shared.bookings.calendar import CONTENT_TYPE, booking_calendar

        token = manage_token(app)
        found = desk.done(lambda c: get_booking(c, uid, token))
        headers: dict[str, str | list[str]] = {
            "Content-Disposition": f'attachment; filename="{found.uid}.ics"'
        }
        return Response(200, CONTENT_TYPE, booking_calendar(found).decode(), headers)


def _add_changing(desk: HoldersDesk) -> None:
    app = desk.app

    @app.post("/v1/bookings/<uid>/cancel")
    def cancel(uid: str) -> Response[Any]:
        from shared.bookings.cancel_own_booking import cancel_own_booking

        asked, token, now = optional_body_of(app, OwnCancellation), manage_token(app), datetime.now(UTC)
        return desk.told(lambda c: cancel_own_booking(c, uid, token, asked, now))

    @app.post("/v1/bookings/<uid>/reschedule")
    def reschedule(uid: str) -> Response[Any]:
        from shared.bookings.move_own_booking import MoveRequest, move_own_booking

        token, command, now = manage_token(app), body_of(app, Rescheduling), datetime.now(UTC)
        asked = MoveRequest(uid, token, command, idempotency_key(app), source_of(app))
        moved = desk.done(lambda c: move_own_booking(c, asked, now))
        headers: dict[str, str | list[str]] = {"Location": f"/v1/bookings/{moved.answer.uid}"}
        return answer(moved.answer, 201, {"Idempotent-Replayed": "true"} if moved.replayed else headers)


def _add_accepting(desk: HoldersDesk, till: Till) -> None:
    app = desk.app

    @app.post("/v1/bookings/<uid>/accept")
    def accept(uid: str) -> Response[Any]:
        from shared.workshops.accept_seat import accept_seat

        token, now = manage_token(app), datetime.now(UTC)
        seat = desk.done(lambda c: accept_seat(c, uid, token, now))
        if not seat.is_paid:
            return answer(seat.answer)
        return answer(till.with_page(tenant_of(app, desk.settings), seat.answer, now))
