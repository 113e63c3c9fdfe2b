"""An admin takes an invitation back: its link is void, and the account is locked."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.invitations.errors import InvitationAccepted
from shared.invitations.queries import get_invitation, lock_invitation
from shared.invitations.schemas import InvitationView
from shared.staff.find_staff import StaffMember

_REVOKE = text("""
    WITH revoked AS (
        UPDATE "Invitation" SET "tokenHash" = NULL,
               "revokedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        WHERE id = :id AND "tenantId" = :tenant RETURNING "userId"
    )
    UPDATE users SET locked = true FROM revoked
    WHERE users.id = revoked."userId" AND users."tenantId" = :tenant
""")


def revoke_invitation(
    connection: Connection, staff: StaffMember, invitation_id: int, now: datetime
) -> InvitationView:
    """Twice is as good as once. Raises InvitationNotFound, InvitationAccepted."""
    tenant = staff.tenant.id
    before = lock_invitation(connection, tenant, invitation_id, now)
    # Whoever asks has signed in with the address, whether they followed the link or not.
    if before.status == "ACCEPTED" or before.user_id == staff.id_at_school:
        raise InvitationAccepted
    if before.status == "REVOKED":
        return before
    connection.execute(_REVOKE, {"tenant": tenant, "id": invitation_id, "now": now})
    record_audit(connection, tenant, staff, "invitation.revoked", Subject("user", before.user_id), now)
    return get_invitation(connection, tenant, invitation_id, now)
