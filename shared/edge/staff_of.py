"""Who is asking, by the token that API Gateway has verified and that is ours to judge again."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from sqlalchemy import Connection

from shared.edge.http import HttpApp
from shared.errors import Forbidden, Unauthorized
from shared.fields import normalised_email
from shared.staff.find_staff import StaffMember, find_staff
from shared.staff.schemas import Role


def staff_of(app: APIGatewayHttpResolver, connection: Connection, *, roles: frozenset[Role]) -> StaffMember:
    """Who is asking, when their role at the school of the transaction is one of `roles`.

    Raises Unauthorized, TenantNotFound, Forbidden.
    """
    member = find_staff(connection, email_of(app))
    if member.role not in roles:
        raise Forbidden
    return member


def email_of(app: APIGatewayHttpResolver) -> str:
    """The address in the token, in lower case; refused unless its issuer says that it is proven.

    Raises Unauthorized, Forbidden.
    """
    asked = app.current_event.raw_event["requestContext"]
    claims: dict[str, Any] = asked.get("authorizer", {}).get("jwt", {}).get("claims") or {}
    if not isinstance(app, HttpApp) or app.tokens is None:
        raise Unauthorized
    app.tokens.check(claims, datetime.now(UTC))
    try:
        return normalised_email(str(claims.get("email", "")))
    except ValueError:
        raise Unauthorized from None
