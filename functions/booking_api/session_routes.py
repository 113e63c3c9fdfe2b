"""Workshops, for students: the sessions, seats of them, and waiting for one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from shared.bookings.create_booking import Booked
from shared.config import HttpSettings
from shared.database import in_tenant
from shared.edge.holders import HoldersDesk
from shared.edge.http import answer
from shared.edge.requests import (
    body_of,
    idempotency_key,
    manage_token,
    number_in_path,
    query_of,
    source_of,
    tenant_of,
)
from shared.edge.unlisted import refused_alike
from shared.workshops.errors import WaitlistEntryNotFound

Booking = Callable[[Connection, str | None, datetime, str | None], Booked]


class NamesSeats(BaseModel):
    """As much of a booking's body as tells a workshop's from a lesson's."""

    sessionNumber: Any = None  # noqa: N815  # as the body has it
    series: Any = None


def seats_asked(app: APIGatewayHttpResolver) -> Booking | None:
    """How to book what the body names, when that is seats of a workshop."""
    if not body_of(app, NamesSeats).model_fields_set:
        return None
    from shared.workshops.book_seats import book_seats
    from shared.workshops.schemas import NewSeats

    command = body_of(app, NewSeats)
    return lambda connection, key, now, source: book_seats(connection, command, key, now, source)


def add_session_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of sessions and of waitlists."""
    _add_sessions(app, settings, database)
    _add_waiting(app, settings, database)


def _add_sessions(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    @app.get("/v1/event-types/<event_type_id>/sessions")
    def sessions(event_type_id: str) -> Response[Any]:
        from shared.workshops.queries import list_sessions
        from shared.workshops.schemas import SessionsQuery

        number, query, now = number_in_path(event_type_id), query_of(app, SessionsQuery), datetime.now(UTC)
        found = in_tenant(database, tenant_of(app, settings), lambda c: list_sessions(c, number, query, now))
        return answer(found)


def _add_waiting(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    desk = HoldersDesk(app, settings, database, WaitlistEntryNotFound)

    @app.post("/v1/event-types/<event_type_id>/sessions/<session>/waitlist")
    def join(event_type_id: str, session: str) -> Response[Any]:
        from shared.workshops.join_waitlist import JoinRequest, join_waitlist
        from shared.workshops.schemas import NewWaitlistEntry

        asked = JoinRequest(
            number_in_path(event_type_id),
            number_in_path(session),
            body_of(app, NewWaitlistEntry),
            idempotency_key(app),
            source_of(app),
        )
        now, school = datetime.now(UTC), tenant_of(app, settings)
        with refused_alike(database, school, source_of(app), now):
            joined = in_tenant(database, school, lambda c: join_waitlist(c, asked, now))
        headers: dict[str, str | list[str]] = {"Location": f"/v1/waitlist-entries/{joined.answer.id}"}
        return answer(joined.answer, 201, {"Idempotent-Replayed": "true"} if joined.replayed else headers)

    @app.get("/v1/waitlist-entries/<entry_id>")
    def entry(entry_id: str) -> Response[Any]:
        from shared.workshops.waitlist_entries import get_waitlist_entry

        number, token = number_in_path(entry_id), manage_token(app)
        return desk.told(lambda c: get_waitlist_entry(c, number, token))

    @app.post("/v1/waitlist-entries/<entry_id>/leave")
    def leave(entry_id: str) -> Response[Any]:
        from shared.workshops.leave_waitlist import leave_waitlist

        number, token, now = number_in_path(entry_id), manage_token(app), datetime.now(UTC)
        return desk.told(lambda c: leave_waitlist(c, number, token, now))
