"""A person is forgotten: names, addresses, notes, tokens go; what was booked, when, for how much stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.actors import Actor
from shared.bookings.cancel_bookings import cancel_bookings
from shared.people.erasing import ERASE, MARKS
from shared.people.errors import FutureBookings, PersonIsStaff
from shared.people.find_person import Person, find_person
from shared.people.schemas import PersonErased
from shared.staff.find_staff import StaffMember

MOST_TOLD = 100

_FUTURE = text("""
    SELECT id, uid FROM "Booking"
    WHERE "tenantId" = :tenant AND (id = ANY(:bookings) OR "userId" = CAST(:user AS int))
      AND status IN ('accepted', 'pending', 'awaiting_host')
      AND "endTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    ORDER BY "startTime", id
""").bindparams(bindparam("bookings", type_=ARRAY(Integer)))


def erase_person(
    connection: Connection, staff: StaffMember, named: str, now: datetime, *, cancel_future: bool
) -> PersonErased:
    """Twice is as good as once. Raises PersonNotFound, PersonIsStaff, FutureBookings."""
    tenant = staff.tenant.id
    person = find_person(connection, tenant, named)
    if person.is_active_staff:
        raise PersonIsStaff
    cancelled = _end_future(connection, staff, person, now, cancel_future=cancel_future)
    counts = _erase(connection, tenant, person, now)
    told = PersonErased(
        account=counts["users"] > 0,
        bookings=counts["Attendee"],
        bookings_cancelled=len(cancelled),
        waitlist_entries=counts["WaitlistEntry"],
        whitelist_entries=counts["WhitelistEntry"],
        mails=counts["OutboxMessage"],
    )
    if any(counts.values()):
        subject = Subject("user" if person.user_id else "person", person.user_id or 0)
        record_audit(connection, tenant, staff, "person.erased", subject, now)
    return told


def _end_future(
    connection: Connection, staff: StaffMember, person: Person, now: datetime, *, cancel_future: bool
) -> Sequence[int]:
    asked = {
        "tenant": staff.tenant.id,
        "bookings": list(person.booking_ids),
        "user": person.user_id,
        "now": now,
    }
    coming = connection.execute(_FUTURE, asked).all()
    if coming and not cancel_future:
        raise FutureBookings(bookings=[row.uid for row in coming[:MOST_TOLD]])
    by = Actor("STAFF", staff.id_at_school)
    return cancel_bookings(connection, staff.tenant.id, [row.id for row in coming], by, None, now)


def _erase(connection: Connection, tenant_id: int, person: Person, now: datetime) -> dict[str, int]:
    """How many rows of each table were changed."""
    asked: dict[str, Any] = {
        "tenant": tenant_id,
        "email": person.email,
        "user": person.user_id,
        "bookings": list(person.booking_ids),
        "now": now,
        **MARKS,
    }
    return {
        table: sum(_changed(connection, statement, asked) for statement in statements)
        for table, statements in ERASE.items()
    }


def _changed(connection: Connection, statement: Any, asked: dict[str, Any]) -> int:
    needed = {name: value for name, value in asked.items() if name in statement.compile().params}
    return int(connection.execute(statement, needed).rowcount)
