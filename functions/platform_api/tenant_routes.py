"""Schools, for the platform."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.edge.platform_desk import PlatformDesk
from shared.edge.requests import query_of
from shared.tenants.queries import list_tenants
from shared.tenants.schemas import TenantsQuery


def add_tenant_routes(desk: PlatformDesk) -> None:
    """The routes of /v1/platform/tenants."""
    _add_reading(desk)


def _add_reading(desk: PlatformDesk) -> None:
    app = desk.app

    @app.get("/v1/platform/tenants")
    def tenants() -> Response[Any]:
        return desk.told(lambda c, _: list_tenants(c, query_of(app, TenantsQuery)))
