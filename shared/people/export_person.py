"""Everything that a school holds of a person, in one document."""

from datetime import datetime

from sqlalchemy import ARRAY, Connection, Integer, bindparam, text

from shared.audit.record_audit import Subject, record_audit
from shared.people.errors import PersonNotFound
from shared.people.find_person import Person, find_person
from shared.people.schemas import PersonExport, Rows
from shared.staff.find_staff import StaffMember

# What opens something, or tells the service from a thief.
_SECRETS = (
    "manageToken", "token", "tokenHash", "oneTimePassword", "twoFactorSecret", "backupCodes", "requestHash",
    "idempotencyKey",
)  # fmt: skip
_WITHOUT = "'{" + ",".join(_SECRETS) + "}'::text[]"
_OF_BOOKINGS = """x."tenantId" = :tenant AND x."bookingId" = ANY(:bookings)"""
_OF_MAILS = """
    x."tenantId" = :tenant AND x."handledAt" IS NULL
    AND (x.payload->>'bookingId' = ANY(CAST(:bookings AS text[]))
         OR x.payload->>'waitlistEntryId' IN (SELECT id::text FROM "WaitlistEntry"
                                              WHERE "tenantId" = :tenant AND lower(email) = :email)
         OR x.payload->>'userId' = CAST(:user AS text))
"""

# By the name of the part: of which table, and which rows x.
_PARTS = {
    "account": ("users", 'x."tenantId" = :tenant AND x.id = CAST(:user AS int)'),
    # Those that they gave tell of others.
    "bookings": ("Booking", 'x."tenantId" = :tenant AND x.id = ANY(:bookings)'),
    "attendances": ("Attendee", 'x."tenantId" = :tenant AND lower(x.email) = :email'),
    "history": ("BookingEvent", _OF_BOOKINGS),
    "payments": ("Payment", _OF_BOOKINGS),
    "refunds": ("Refund", _OF_BOOKINGS),
    "waitlist": ("WaitlistEntry", 'x."tenantId" = :tenant AND lower(x.email) = :email'),
    "whitelist": ("WhitelistEntry", 'x."tenantId" = :tenant AND lower(x.email) = :email'),
    "mails": ("OutboxMessage", _OF_MAILS),
    "audit": (
        "AuditEvent",
        """x."tenantId" = :tenant AND (x."actorId" = CAST(:user AS int)
           OR x."subjectType" IN ('user', 'teacher') AND x."subjectId" = CAST(:user AS text))""",
    ),
}
_ROWS = {
    name: text(f"""
        SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - {_WITHOUT}) ORDER BY x.id), '[]')
        FROM "{table}" x WHERE {condition}
    """).bindparams(*([bindparam("bookings", type_=ARRAY(Integer))] if ":bookings" in condition else []))  # noqa: S608
    for name, (table, condition) in _PARTS.items()
}


def export_person(connection: Connection, staff: StaffMember, named: str, now: datetime) -> PersonExport:
    """Raises PersonNotFound when the school holds nothing of them."""
    tenant = staff.tenant.id
    person = find_person(connection, tenant, named)
    parts = {name: _rows(connection, tenant, person, name) for name in _ROWS}
    if not any(parts.values()):
        raise PersonNotFound
    subject = Subject("user" if person.user_id else "person", person.user_id or 0)
    record_audit(connection, tenant, staff, "person.exported", subject, now)
    return PersonExport(email=person.email, **parts)


def _rows(connection: Connection, tenant_id: int, person: Person, part: str) -> Rows:
    asked = {
        "tenant": tenant_id,
        "email": person.email,
        "user": person.user_id,
        "bookings": list(person.booking_ids),
    }
    statement = _ROWS[part]
    needed = {name: value for name, value in asked.items() if name in statement.compile().params}
    found: Rows = connection.execute(statement, needed).scalar_one()
    return found
