"""An admin has the mail sent again, also to somebody whose invitation was revoked or has expired."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.invitations.errors import InvitationAccepted
from shared.invitations.queries import get_invitation, lock_invitation
from shared.invitations.schemas import InvitationView
from shared.plans.check_plan import require_room
from shared.staff.find_staff import StaffMember
from shared.teachers.invite_teacher import MOST_INVITATIONS
from shared.throttling.limit_requests import limit_requests

_RESEND = text("""
    WITH opened AS (
        UPDATE "Invitation" SET "tokenHash" = NULL, "sentAt" = NULL, "expiresAt" = NULL, "revokedAt" = NULL
        WHERE id = :id AND "tenantId" = :tenant RETURNING "userId"
    ), unlocked AS (
        UPDATE users SET locked = false FROM opened
        WHERE users.id = opened."userId" AND users."tenantId" = :tenant AND CAST(:revoked AS boolean)
    )
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    SELECT :tenant, 'staff.invited', jsonb_build_object('userId', "userId") FROM opened
""")


def resend_invitation(
    connection: Connection, staff: StaffMember, invitation_id: int, now: datetime
) -> InvitationView:
    """Links sent before are void at once; nobody is written to again and again.

    Raises InvitationNotFound, InvitationAccepted, PlanLimitReached, TooManyRequests.
    """
    tenant = staff.tenant.id
    before = lock_invitation(connection, tenant, invitation_id, now)
    if before.status == "ACCEPTED":
        raise InvitationAccepted
    subject = sha256(f"teacher {before.user_id}".encode()).hexdigest()[:32]
    limit_requests(connection, "invitation", subject, MOST_INVITATIONS, now)
    revoked = before.status == "REVOKED"
    if revoked and before.role == "TEACHER":
        require_room(connection, tenant, "maxTeachers")
    connection.execute(_RESEND, {"tenant": tenant, "id": invitation_id, "revoked": revoked})
    record_audit(connection, tenant, staff, "invitation.resent", Subject("user", before.user_id), now)
    return get_invitation(connection, tenant, invitation_id, now)
