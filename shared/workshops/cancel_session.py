"""The school cancels one session of a workshop; the others, and who comes to them, stay as they are."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.actors import Actor
from shared.bookings.cancel_bookings import cancel_bookings
from shared.staff.find_staff import StaffMember
from shared.workshops.errors import SessionNotFound
from shared.workshops.queries import session_of_staff, session_row
from shared.workshops.schemas import SessionCancelled

# Bookings before their session, as whoever cancels one has them locked.
_LOCK = text("""
    SELECT b.id FROM "Booking" b
    WHERE b."tenantId" = :tenant AND b."eventTypeId" = :event_type AND b."workshopSessionNumber" = :number
      AND b.status IN ('accepted', 'pending') ORDER BY b.id FOR UPDATE OF b
""")
# From now on nobody gets in, so that who is found afterwards is everybody. Who waits is told.
_CANCEL = text("""
    WITH cancelled AS (
        UPDATE "WorkshopSession" SET "cancelledAt" = made.at, "updatedAt" = made.at
        FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC' AS at) made
        WHERE id = :session AND "tenantId" = :tenant AND "cancelledAt" IS NULL RETURNING id, made.at),
    closed AS (
        UPDATE "WaitlistEntry" w SET status = 'CLOSED', "updatedAt" = cancelled.at FROM cancelled
        WHERE w."sessionId" = cancelled.id AND w."tenantId" = :tenant AND w.status = 'WAITING'
        RETURNING w.id),
    told AS (
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        SELECT :tenant, 'waitlist.closed', jsonb_build_object('waitlistEntryId', id) FROM closed)
    SELECT count(*) FROM cancelled
""")


def cancel_session(  # what the school says
    connection: Connection,
    staff: StaffMember,
    event_type_id: int,
    number: int,
    reason: str | None,
    now: datetime,
) -> SessionCancelled:
    """Cancel it with all its bookings, which are refunded; one that is cancelled stays as it is.

    Raises EventTypeNotFound, SessionNotFound, also for a teacher who names another's session.
    """
    tenant = staff.tenant.id
    session = session_row(connection, tenant, event_type_id, number)
    if staff.role == "TEACHER" and session.teacher_id != staff.id:
        raise SessionNotFound
    asked = {"tenant": tenant, "event_type": event_type_id, "number": number}
    connection.execute(_LOCK, asked)
    cancelled = 0
    if connection.execute(_CANCEL, {"tenant": tenant, "session": session.id, "now": now}).scalar_one():
        bookings = connection.execute(_LOCK, asked).scalars().all()
        by = Actor("STAFF", staff.id_at_school)
        cancelled = len(cancel_bookings(connection, tenant, bookings, by, reason, now))
        subject = Subject("session", f"{event_type_id}/{number}")
        changes = {"bookingsCancelled": cancelled}
        record_audit(connection, tenant, staff, "session.cancelled", subject, now, changes)
    told = session_of_staff(session_row(connection, tenant, event_type_id, number))
    return SessionCancelled(**told.model_dump(), bookings_cancelled=cancelled)
