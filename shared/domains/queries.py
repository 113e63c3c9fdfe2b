"""Reading the domain of a school."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.domains.errors import DomainNotFound
from shared.domains.schemas import CHALLENGE_LABEL, DnsRecord, DomainView

_OF_SCHOOL = """
    SELECT domain, challenge, status, "createdAt" AS created_at, "verifiedAt" AS verified_at,
           "missingSince" AS missing_since
    FROM "CustomDomain" WHERE "tenantId" = :tenant AND status <> 'RELEASED'
"""
SEEN = text(_OF_SCHOOL)
LOCKED = text(f"{_OF_SCHOOL} FOR UPDATE")


def find_domain(connection: Connection, tenant_id: int, *, lock: bool = False) -> DomainView | None:
    """The school's domain, or None; with `lock`, nobody else changes it until the transaction ends."""
    row = connection.execute(LOCKED if lock else SEEN, {"tenant": tenant_id}).one_or_none()
    return None if row is None else _view(row)


def get_domain(connection: Connection, tenant_id: int) -> DomainView:
    """Raises DomainNotFound."""
    found = find_domain(connection, tenant_id)
    if found is None:
        raise DomainNotFound
    return found


def _view(row: Row[Any]) -> DomainView:
    return DomainView(
        domain=row.domain,
        status=row.status,
        record=DnsRecord(name=f"{CHALLENGE_LABEL}.{row.domain}", value=row.challenge),
        created_at=row.created_at.replace(tzinfo=UTC),
        verified_at=_utc(row.verified_at),
        missing_since=_utc(row.missing_since),
    )


def _utc(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)
