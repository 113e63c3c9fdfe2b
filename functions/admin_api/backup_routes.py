"""Backups, for the admins of a school: asking for one, and seeing what there is."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.http import answer
from shared.edge.requests import idempotency_key, query_of
from shared.staff.schemas import ADMINS

BACKUPS = "/v1/admin/backups"


def add_backup_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The routes of /v1/admin/backups."""
    desk = Desk(app, settings, database)

    @app.post(BACKUPS)
    def create() -> Response[Any]:
        from shared.backups.create_backup import create_backup

        now, key = datetime.now(UTC), idempotency_key(app)
        made = desk.done(lambda c, staff: create_backup(c, staff, key, now), ADMINS)
        headers: dict[str, str | list[str]] = {"Location": f"{BACKUPS}/{made.answer.id}"}
        if made.replayed:
            headers["Idempotent-Replayed"] = "true"
        return answer(made.answer, 202, headers)

    @app.get(BACKUPS)
    def backups() -> Response[Any]:
        from shared.backups.queries import list_backups
        from shared.backups.schemas import BackupsQuery

        return desk.told(
            lambda c, staff: list_backups(c, staff.tenant.id, query_of(app, BackupsQuery)), ADMINS
        )

    @app.get(f"{BACKUPS}/<backup_id>")
    def backup(backup_id: str) -> Response[Any]:
        from shared.backups.queries import backup_id_in_path, get_backup

        return desk.told(
            lambda c, staff: get_backup(c, staff.tenant.id, backup_id_in_path(backup_id)), ADMINS
        )
