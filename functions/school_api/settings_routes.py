"""How a school shows itself and wants things done, and who changed what, for its admins."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.requests import body_of, query_of
from shared.staff.schemas import ADMINS

LANDING = "/v1/admin/landing"
SETTINGS = "/v1/admin/settings"


def add_settings_routes(
    app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine, image_hosts: frozenset[str]
) -> None:
    """The routes of the landing page, of the settings and of the trail."""
    desk = Desk(app, settings, database)
    _add_landing(desk, image_hosts)
    _add_settings(desk)
    _add_trail(desk)


def _add_landing(desk: Desk, image_hosts: frozenset[str]) -> None:
    app = desk.app

    @app.get(LANDING)
    def landing() -> Response[Any]:
        from shared.landing.queries import get_landing

        return desk.shown(lambda c, staff: get_landing(c, staff.tenant.id), ADMINS)

    @app.put(LANDING)
    def put() -> Response[Any]:
        from shared.landing.put_landing import put_landing
        from shared.landing.schemas import LandingTerms

        now = datetime.now(UTC)
        return desk.changed(
            lambda c, staff: put_landing(
                c, staff, body_of(app, LandingTerms), image_hosts, desk.unchanged, now
            )
        )

    @app.get(f"{LANDING}/templates")
    def templates() -> Response[Any]:
        from shared.landing.queries import list_templates

        return desk.told(lambda c, staff: list_templates(c, staff.tenant.id), ADMINS)


def _add_settings(desk: Desk) -> None:
    app = desk.app

    @app.get(SETTINGS)
    def settings() -> Response[Any]:
        from shared.school_settings.queries import get_settings

        return desk.shown(lambda c, staff: get_settings(c, staff.tenant.id), ADMINS)

    @app.patch(SETTINGS)
    def change() -> Response[Any]:
        from shared.school_settings.change_settings import change_settings
        from shared.school_settings.schemas import SettingsChanges

        now = datetime.now(UTC)
        return desk.changed(
            lambda c, staff: change_settings(c, staff, body_of(app, SettingsChanges), desk.unchanged, now)
        )


def _add_trail(desk: Desk) -> None:
    @desk.app.get("/v1/admin/audit")
    def trail() -> Response[Any]:
        from shared.audit.queries import list_audit_events
        from shared.audit.schemas import AuditQuery

        return desk.told(
            lambda c, staff: list_audit_events(c, staff.tenant.id, query_of(desk.app, AuditQuery)), ADMINS
        )
