"""Invitations to the staff: sent and taken back by admins, accepted by whoever got one."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.http import answer
from shared.edge.requests import body_of, idempotency_key, number_in_path, query_of
from shared.invitations.schemas import Acceptance, InvitationsQuery, NewInvitation
from shared.staff.schemas import ADMINS

INVITATION = "/v1/admin/invitations/<invitation_id>"


def add_invitation_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of /v1/admin/invitations, and the one that accepts."""
    desk = Desk(app, settings, database)
    _add_inviting(desk)
    _add_changing(desk)


def _add_inviting(desk: Desk) -> None:
    app = desk.app

    @app.get("/v1/admin/invitations")
    def invitations() -> Response[Any]:
        from shared.invitations.queries import list_invitations

        now = datetime.now(UTC)
        return desk.told(
            lambda c, staff: list_invitations(c, staff.tenant.id, query_of(app, InvitationsQuery), now),
            ADMINS,
        )

    @app.post("/v1/admin/invitations")
    def invite() -> Response[Any]:
        from shared.invitations.invite_colleague import invite_colleague

        now, key = datetime.now(UTC), idempotency_key(app)
        made = desk.done(
            lambda c, staff: invite_colleague(c, staff, body_of(app, NewInvitation), key, now), ADMINS
        )
        headers: dict[str, str | list[str]] = {"Location": f"/v1/admin/invitations/{made.answer.id}"}
        return answer(made.answer, 201, {"Idempotent-Replayed": "true"} if made.replayed else headers)


def _add_changing(desk: Desk) -> None:
    app = desk.app

    @app.get(INVITATION)
    def invitation(invitation_id: str) -> Response[Any]:
        from shared.invitations.queries import get_invitation

        number, now = number_in_path(invitation_id), datetime.now(UTC)
        return desk.told(lambda c, staff: get_invitation(c, staff.tenant.id, number, now), ADMINS)

    @app.post(f"{INVITATION}/resend")
    def resend(invitation_id: str) -> Response[Any]:
        from shared.invitations.resend_invitation import resend_invitation

        number, now = number_in_path(invitation_id), datetime.now(UTC)
        return desk.told(lambda c, staff: resend_invitation(c, staff, number, now), ADMINS)

    @app.post(f"{INVITATION}/revoke")
    def revoke(invitation_id: str) -> Response[Any]:
        from shared.invitations.revoke_invitation import revoke_invitation

        number, now = number_in_path(invitation_id), datetime.now(UTC)
        return desk.told(lambda c, staff: revoke_invitation(c, staff, number, now), ADMINS)

    @app.post("/v1/invitations/accept")
    def accept() -> Response[Any]:
        from shared.invitations.accept_invitation import accept_invitation

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: accept_invitation(c, staff, body_of(app, Acceptance).token, now))
