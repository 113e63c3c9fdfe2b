"""An admin invites somebody to the staff: an account, and a mail with a link that proves the address."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.invitations.queries import get_invitation_of
from shared.invitations.schemas import InvitationView, NewInvitation
from shared.plans.check_plan import require_room
from shared.staff.add_staff import NewColleague, add_staff
from shared.staff.find_staff import StaffMember
from shared.staff.first_hours import give_first_hours

_INVITE = text("""
    INSERT INTO "Invitation" ("tenantId", "userId", "createdAt")
    VALUES (:tenant, :user, CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
    ON CONFLICT ("tenantId", "userId") DO NOTHING
""")


def invite_colleague(
    connection: Connection, staff: StaffMember, command: NewInvitation, key: str | None, now: datetime
) -> Answered[InvitationView]:
    """Once for a key. Raises PlanLimitReached, EmailTaken, IdempotencyKeyInUse, IdempotencyKeyReused."""
    request = Request(staff.tenant.id, "createInvitation", key, request_hash(command))
    return answer_once(connection, request, InvitationView, lambda: _invite(connection, staff, command, now))


def _invite(
    connection: Connection, staff: StaffMember, command: NewInvitation, now: datetime
) -> InvitationView:
    tenant = staff.tenant.id
    if command.role == "TEACHER":
        require_room(connection, tenant, "maxTeachers")
    who = NewColleague(command.name, command.email, command.time_zone, command.locale)
    user = add_staff(connection, tenant, command.role, who, now)
    if command.role == "TEACHER":
        give_first_hours(connection, tenant, user, command.time_zone)
    connection.execute(_INVITE, {"tenant": tenant, "user": user, "now": now})
    told = get_invitation_of(connection, tenant, user, now)
    changes = {"role": {"after": command.role}}
    record_audit(connection, tenant, staff, "invitation.created", Subject("user", user), now, changes)
    return told
