"""Reading invitations."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.invitations.errors import InvitationNotFound
from shared.invitations.schemas import InvitationList, InvitationsQuery, InvitationView
from shared.people.find_person import ERASED_DOMAIN

# Whoever was forgotten is nobody any more.
_SEEN = f"""
    SELECT * FROM (
        SELECT i.id, u.id AS user_id, u."tenantRole" AS role, u.name, u.email, i."createdAt" AS created_at,
               i."sentAt" AS sent_at, i."expiresAt" AS expires_at, i."acceptedAt" AS accepted_at,
               CASE WHEN i."revokedAt" IS NOT NULL THEN 'REVOKED'
                    WHEN i."acceptedAt" IS NOT NULL THEN 'ACCEPTED'
                    WHEN i."expiresAt" <= CAST(:now AS timestamptz) AT TIME ZONE 'UTC' THEN 'EXPIRED'
                    ELSE 'PENDING' END AS status
        FROM "Invitation" i JOIN users u ON u.id = i."userId" AND u."tenantId" = i."tenantId"
        WHERE i."tenantId" = :tenant AND u."tenantRole" IN ('TEACHER', 'TENANT_ADMIN') AND {{condition}}
          AND right(u.email, {len(ERASED_DOMAIN)}) <> '{ERASED_DOMAIN}'
    ) seen
"""  # noqa: S608  # only the constant is put in
ONE = text(_SEEN.format(condition="i.id = :id"))
OF_USER = text(_SEEN.format(condition='i."userId" = :user'))
PAGE = text(
    _SEEN.format(condition="(CAST(:before AS int) IS NULL OR i.id < :before)")
    + """ WHERE CAST(:status AS text) IS NULL OR status = :status ORDER BY id DESC LIMIT :limit"""
)
LOCK = text('SELECT FROM "Invitation" WHERE id = :id AND "tenantId" = :tenant FOR UPDATE')


def get_invitation(
    connection: Connection, tenant_id: int, invitation_id: int, now: datetime
) -> InvitationView:
    """Raises InvitationNotFound."""
    asked = {"tenant": tenant_id, "id": invitation_id, "now": now}
    return _found(connection.execute(ONE, asked).one_or_none())


def get_invitation_of(connection: Connection, tenant_id: int, user_id: int, now: datetime) -> InvitationView:
    """Raises InvitationNotFound."""
    asked = {"tenant": tenant_id, "user": user_id, "now": now}
    return _found(connection.execute(OF_USER, asked).one_or_none())


def lock_invitation(
    connection: Connection, tenant_id: int, invitation_id: int, now: datetime
) -> InvitationView:
    """The same, and nobody else changes it until the transaction ends."""
    connection.execute(LOCK, {"tenant": tenant_id, "id": invitation_id})
    return get_invitation(connection, tenant_id, invitation_id, now)


def list_invitations(
    connection: Connection, tenant_id: int, query: InvitationsQuery, now: datetime
) -> InvitationList:
    """A page, the newest first."""
    asked = {"tenant": tenant_id, "before": query.cursor, "status": query.status, "now": now}
    rows = connection.execute(PAGE, {**asked, "limit": query.limit + 1}).all()
    shown = [_view(row) for row in rows[: query.limit]]
    return InvitationList(
        invitations=shown, next_cursor=str(shown[-1].id) if len(rows) > query.limit else None
    )


def _found(row: Row[Any] | None) -> InvitationView:
    if row is None:
        raise InvitationNotFound
    return _view(row)


def _utc(at: datetime | None) -> datetime | None:
    return at and at.replace(tzinfo=UTC)


def _view(row: Row[Any]) -> InvitationView:
    told = dict(row._mapping)
    times = {name: _utc(told[name]) for name in ("created_at", "sent_at", "expires_at", "accepted_at")}
    return InvitationView(**{**told, **times, "name": row.name or ""})
