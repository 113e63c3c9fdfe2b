"""Restores of a school, for the platform."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.backups.ask_restore import ask_restore
from shared.backups.queries import get_restore_of
from shared.backups.schemas import NewRestore
from shared.edge.http import answer
from shared.edge.platform_desk import PlatformDesk
from shared.edge.requests import body_of, idempotency_key, number_in_path

TENANT = "/v1/platform/tenants/<tenant_id>"


def add_restore_routes(desk: PlatformDesk) -> None:
    """The routes of /v1/platform/tenants/{id}/restore and …/restores."""
    app = desk.app

    @app.post(f"{TENANT}/restore")
    def restore(tenant_id: str) -> Response[Any]:
        now, key = datetime.now(UTC), idempotency_key(app)
        asked = desk.done(
            lambda c, root: ask_restore(
                c, root, number_in_path(tenant_id), body_of(app, NewRestore), key, now
            )
        )
        place = f"/v1/platform/tenants/{tenant_id}/restores/{asked.answer.id}"
        headers: dict[str, str | list[str]] = {"Location": place}
        if asked.replayed:
            headers["Idempotent-Replayed"] = "true"
        return answer(asked.answer, 202, headers)

    @app.get(f"{TENANT}/restores/<restore_id>")
    def show(tenant_id: str, restore_id: str) -> Response[Any]:
        return desk.told(lambda c, _: get_restore_of(c, number_in_path(tenant_id), restore_id))
