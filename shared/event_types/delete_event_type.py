"""The school takes back what nobody has booked."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.event_types.errors import EventTypeInUse
from shared.event_types.staff_queries import lock_event_type
from shared.staff.find_staff import StaffMember

# Whoever books it refers to it: they wait, and then find nothing, or we wait and find their booking.
_LOCK = text('SELECT id FROM "EventType" WHERE id = :id AND "tenantId" = :tenant FOR UPDATE')
_IN_USE = text("""
    SELECT EXISTS (SELECT FROM "Booking" WHERE "eventTypeId" = :id AND "tenantId" = :tenant)
        OR EXISTS (SELECT FROM "WaitlistEntry" w
                   JOIN "WorkshopSession" s ON s.id = w."sessionId" AND s."tenantId" = w."tenantId"
                   WHERE s."eventTypeId" = :id AND w."tenantId" = :tenant)
""")
_DELETE = text('DELETE FROM "EventType" WHERE id = :id AND "tenantId" = :tenant')


def delete_event_type(
    connection: Connection,
    staff: StaffMember,
    event_type_id: int,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> None:
    """With its assignments, its whitelist and its empty sessions.

    Raises EventTypeNotFound, what `check_unchanged` raises, EventTypeInUse.
    """
    asked = {"id": event_type_id, "tenant": staff.tenant.id}
    connection.execute(_LOCK, asked)
    before = lock_event_type(connection, staff.tenant.id, event_type_id)
    check_unchanged(before)
    if connection.execute(_IN_USE, asked).scalar_one():
        raise EventTypeInUse
    connection.execute(_DELETE, asked)
    subject, told = Subject("eventType", event_type_id), changes_between(before, None)
    record_audit(connection, staff.tenant.id, staff, "eventType.deleted", subject, now, told)
