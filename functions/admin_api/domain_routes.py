"""The domain of a school's own: claimed, proven by DNS, released."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.clients.dns_txt import TxtResolver
from shared.edge.desk import Desk
from shared.edge.requests import body_of
from shared.staff.schemas import ADMINS

DOMAIN = "/v1/admin/settings/domain"


@dataclass(frozen=True, slots=True)
class DomainTools:
    """Who answers for DNS, and the hosts that are the service's own."""

    resolver: TxtResolver
    ours: frozenset[str]


def add_domain_routes(desk: Desk, tools: DomainTools) -> None:
    """The routes of /v1/admin/settings/domain."""
    _add_claiming(desk, tools)
    _add_proving(desk, tools)


def _add_claiming(desk: Desk, tools: DomainTools) -> None:
    app = desk.app

    @app.get(DOMAIN)
    def domain() -> Response[Any]:
        from shared.domains.queries import get_domain

        return desk.told(lambda c, staff: get_domain(c, staff.tenant.id), ADMINS)

    @app.put(DOMAIN)
    def claim() -> Response[Any]:
        from shared.domains.claim_domain import claim_domain
        from shared.domains.schemas import NewDomain

        now = datetime.now(UTC)
        return desk.told(
            lambda c, staff: claim_domain(c, staff, body_of(app, NewDomain).domain, tools.ours, now), ADMINS
        )

    @app.delete(DOMAIN)
    def release() -> Response[Any]:
        from shared.domains.release_domain import release_domain

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: release_domain(c, staff.tenant.id, staff, now), ADMINS)


def _add_proving(desk: Desk, tools: DomainTools) -> None:
    @desk.app.post(f"{DOMAIN}/verify")
    def verify() -> Response[Any]:
        from shared.domains.activate_domain import activate_domain
        from shared.domains.prove_domain import require_proof
        from shared.domains.queries import get_domain

        claimed = desk.done(lambda c, staff: get_domain(c, staff.tenant.id), ADMINS)
        # DNS is asked between the two transactions: neither waits for it.
        require_proof(tools.resolver, claimed.record)
        now = datetime.now(UTC)
        return desk.told(lambda c, staff: activate_domain(c, staff, claimed, now), ADMINS)
