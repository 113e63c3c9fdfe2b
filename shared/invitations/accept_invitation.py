"""Whoever was invited follows the link, signed in with the address it was sent to: it is theirs."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.invitations.errors import InvitationExpired, InvitationNotFound
from shared.invitations.queries import get_invitation
from shared.invitations.renew_token import token_hash
from shared.invitations.schemas import InvitationView
from shared.staff.find_staff import StaffMember

_NAMED = text("""
    SELECT id FROM "Invitation"
    WHERE "tenantId" = :tenant AND "userId" = :user AND "tokenHash" = :hash FOR UPDATE
""")
_ACCEPT = text("""
    WITH accepted AS (
        UPDATE "Invitation" SET "acceptedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        WHERE id = :id AND "tenantId" = :tenant RETURNING "userId", "acceptedAt"
    )
    UPDATE users SET "emailVerified" = accepted."acceptedAt" FROM accepted
    WHERE users.id = accepted."userId" AND users."tenantId" = :tenant
""")


def accept_invitation(
    connection: Connection, staff: StaffMember, token: str, now: datetime
) -> InvitationView:
    """Twice is as good as once. Raises InvitationNotFound, InvitationExpired."""
    tenant = staff.tenant.id
    named = {"tenant": tenant, "user": staff.id_at_school, "hash": token_hash(token)}
    found = connection.execute(_NAMED, named).scalar_one_or_none()
    if found is None:
        raise InvitationNotFound
    before = get_invitation(connection, tenant, found, now)
    if before.status == "ACCEPTED":
        return before
    if before.status != "PENDING":
        raise InvitationExpired
    connection.execute(_ACCEPT, {"tenant": tenant, "id": found, "now": now})
    record_audit(connection, tenant, staff, "invitation.accepted", Subject("user", before.user_id), now)
    return get_invitation(connection, tenant, found, now)
