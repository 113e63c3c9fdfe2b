"""What the school has used of its plan, for its admins."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.requests import query_of
from shared.staff.schemas import ADMINS


def add_usage_routes(app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine) -> None:
    """The route /v1/admin/usage."""
    desk = Desk(app, settings, database)

    @app.get("/v1/admin/usage")
    def usage() -> Response[Any]:
        from shared.usage.schemas import UsageQuery
        from shared.usage.usage_report import usage_report

        now = datetime.now(UTC)
        return desk.told(
            lambda c, staff: usage_report(c, staff.tenant.id, query_of(app, UsageQuery), now), ADMINS
        )
