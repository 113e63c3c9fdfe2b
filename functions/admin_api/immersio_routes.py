"""Immersio, for the admins of a school: their keys, whether they work, what was synchronised."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Connection, Engine

from shared.clients.public_hosts import HostRule
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings
from shared.edge.desk import Desk
from shared.edge.http import answer
from shared.edge.requests import body_of, optional_body_of, query_of
from shared.plans.check_plan import require_feature
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import ADMINS


def add_immersio_routes(
    app: APIGatewayHttpResolver, settings: PaymentSettings, database: Engine, sealer: Sealer, hosts: HostRule
) -> None:
    """The routes below /v1/admin/immersio."""
    desk = Desk(app, settings, database)
    _add_settings(desk, settings, sealer, hosts)
    _add_trial(desk, sealer, hosts)
    _add_sync(desk)


def _add_settings(desk: Desk, settings: PaymentSettings, sealer: Sealer, hosts: HostRule) -> None:
    app, api_url = desk.app, settings.url_of(settings.first_api_host)

    @app.get("/v1/admin/immersio/settings")
    def immersio_settings() -> Response[Any]:
        from shared.immersio import immersio_settings as keys

        now = datetime.now(UTC)
        return desk.told(
            lambda c, staff: keys.settings_view(
                c, keys.load_immersio_settings(c, staff.tenant.id), api_url, now
            ),
            ADMINS,
        )

    @app.put("/v1/admin/immersio/settings")
    def put_immersio_settings() -> Response[Any]:
        from shared.immersio import immersio_settings as keys
        from shared.immersio.set_immersio import set_immersio
        from shared.immersio.settings_schemas import ImmersioSettingsView, NewImmersioSettings

        before = desk.done(_load_allowed, ADMINS)
        command, now = body_of(app, NewImmersioSettings), datetime.now(UTC)
        # KMS and the resolver are asked between the two transactions: neither waits for them.
        after = keys.changed_settings(before, command, sealer, hosts)

        def save(connection: Connection, staff: StaffMember) -> ImmersioSettingsView:
            return set_immersio(connection, staff, before, after, api_url, now)

        return desk.told(save, ADMINS)


def _add_trial(desk: Desk, sealer: Sealer, hosts: HostRule) -> None:
    @desk.app.post("/v1/admin/immersio/test")
    def try_immersio() -> Response[Any]:
        from shared.immersio.try_immersio import try_immersio

        return answer(try_immersio(desk.done(_load_allowed, ADMINS), sealer, hosts))


def _add_sync(desk: Desk) -> None:
    app = desk.app

    @app.post("/v1/admin/immersio/sync")
    def sync() -> Response[Any]:
        from shared.immersio.request_sync import request_sync
        from shared.immersio.settings_schemas import NewSync, SyncRequested

        now = datetime.now(UTC)

        def ask(connection: Connection, staff: StaffMember) -> SyncRequested:
            require_feature(connection, staff.tenant.id, "immersioSync")
            return request_sync(connection, staff.tenant.id, optional_body_of(app, NewSync), now)

        return answer(desk.done(ask, ADMINS), 202)

    @app.post("/v1/admin/immersio/redrive")
    def redrive_pushes() -> Response[Any]:
        from shared.immersio.request_sync import redrive

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: redrive(c, staff.tenant.id, now), ADMINS)

    @app.get("/v1/admin/immersio/logs")
    def logs() -> Response[Any]:
        from shared.immersio.list_logs import list_logs
        from shared.immersio.settings_schemas import SyncLogQuery

        return desk.told(lambda c, staff: list_logs(c, staff.tenant.id, query_of(app, SyncLogQuery)), ADMINS)


def _load_allowed(connection: Connection, staff: StaffMember) -> Any:
    from shared.immersio.immersio_settings import load_immersio_settings

    require_feature(connection, staff.tenant.id, "immersioSync")
    return load_immersio_settings(connection, staff.tenant.id)
