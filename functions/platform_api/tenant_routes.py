"""Schools, for the platform: taking them in, plans, suspensions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from sqlalchemy import Connection

from shared.edge.etags import check_unchanged, tagged
from shared.edge.http import answer
from shared.edge.platform_desk import PlatformDesk
from shared.edge.requests import body_of, idempotency_key, number_in_path, optional_body_of, query_of
from shared.staff.find_staff import StaffMember
from shared.tenants.change_status import change_status
from shared.tenants.change_tenant import change_tenant
from shared.tenants.create_tenant import create_tenant
from shared.tenants.queries import get_tenant, list_tenants, lock_tenant
from shared.tenants.schemas import (
    Cancelling,
    NewTenant,
    Suspension,
    TenantChanges,
    TenantsQuery,
    TenantStatus,
    TenantView,
)

TENANT = "/v1/platform/tenants/<tenant_id>"


def add_tenant_routes(desk: PlatformDesk) -> None:
    """The routes of /v1/platform/tenants."""
    _add_reading(desk)
    _add_writing(desk)
    _add_ending(desk)


def _add_reading(desk: PlatformDesk) -> None:
    app = desk.app

    @app.get("/v1/platform/tenants")
    def tenants() -> Response[Any]:
        return desk.told(lambda c, _: list_tenants(c, query_of(app, TenantsQuery)))

    @app.get(TENANT)
    def tenant(tenant_id: str) -> Response[Any]:
        return tagged(desk.done(lambda c, _: get_tenant(c, number_in_path(tenant_id))))

    @app.get(f"{TENANT}/usage")
    def usage(tenant_id: str) -> Response[Any]:
        from shared.usage.schemas import UsageQuery
        from shared.usage.usage_report import usage_report

        now = datetime.now(UTC)
        return desk.told(
            lambda c, _: usage_report(c, number_in_path(tenant_id), query_of(app, UsageQuery), now)
        )


def _add_writing(desk: PlatformDesk) -> None:
    app = desk.app

    @app.post("/v1/platform/tenants")
    def create() -> Response[Any]:
        now, key = datetime.now(UTC), idempotency_key(app)
        made = desk.done(lambda c, root: create_tenant(c, root, body_of(app, NewTenant), key, now))
        headers: dict[str, str | list[str]] = {"Location": f"/v1/platform/tenants/{made.answer.id}"}
        if made.replayed:
            headers["Idempotent-Replayed"] = "true"
        return answer(made.answer, 201, headers)

    @app.patch(TENANT)
    def change(tenant_id: str) -> Response[Any]:
        now = datetime.now(UTC)

        def change(connection: Connection, root: StaffMember) -> TenantView:
            changes = body_of(app, TenantChanges)
            return change_tenant(connection, root, _locked(desk, connection, tenant_id), changes, now)

        return tagged(desk.done(change))


def _add_ending(desk: PlatformDesk) -> None:
    app = desk.app

    @app.post(f"{TENANT}/suspend")
    def suspend(tenant_id: str) -> Response[Any]:
        return _changed(desk, tenant_id, "SUSPENDED", lambda: body_of(app, Suspension).reason)

    @app.post(f"{TENANT}/resume")
    def resume(tenant_id: str) -> Response[Any]:
        return _changed(desk, tenant_id, "ACTIVE", lambda: None)

    @app.post(f"{TENANT}/cancel")
    def cancel(tenant_id: str) -> Response[Any]:
        return _changed(desk, tenant_id, "CANCELLED", lambda: optional_body_of(app, Cancelling).reason)


def _changed(
    desk: PlatformDesk, tenant_id: str, status: TenantStatus, reason: Callable[[], str | None]
) -> Response[Any]:
    now = datetime.now(UTC)

    def change(connection: Connection, root: StaffMember) -> TenantView:
        why = reason()
        return change_status(connection, root, _locked(desk, connection, tenant_id), status, why, now)

    return tagged(desk.done(change))


def _locked(desk: PlatformDesk, connection: Connection, tenant_id: str) -> TenantView:
    """The school as the client has seen it, if they say so."""
    view = lock_tenant(connection, number_in_path(tenant_id))
    check_unchanged(desk.app, view)
    return view
