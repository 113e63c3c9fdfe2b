"""The sync with Immersio, for the platform: how every school is doing."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.edge.platform_desk import PlatformDesk
from shared.edge.requests import query_of
from shared.immersio.sync_health import SyncHealthQuery, sync_health


def add_sync_routes(desk: PlatformDesk) -> None:
    """The route /v1/platform/immersio."""
    app = desk.app

    @app.get("/v1/platform/immersio")
    def health() -> Response[Any]:
        now = datetime.now(UTC)
        return desk.told(lambda c, _: sync_health(c, query_of(app, SyncHealthQuery), now))
