"""A copy of a school is not the school: nothing in it may be paid, mailed or pushed a second time."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection, text

from shared.backups.stage_backup import staged

# What a copy begins without; whoever adds a table says why.
NOT_COPIED: Mapping[str, str] = {
    "IdempotencyKey": "the answers name the other school's bookings",
    "WebhookEndpoint": "an address at a vendor's is one school's",
    "WebhookEvent": "events of the other school's account",
    "ImmersioSyncState": "Immersio is not connected",
    "ImmersioSyncLog": "tells of the other school's connection",
    "ImmersioSighting": "the same",
    "ImmersioPush": "the same",
    "ImmersioGate": "the same",
    "AuditEvent": "tells what was done at the other school",
    "Invitation": "the links are the other school's",
    "CustomDomain": "a domain is one school's",
}

# Keys, secrets and addresses at vendors, whichever there are.
OF_VENDORS = ("stripe", "immersio")

# Columns of which the copy gets another value, by SQL over the staged row `s`. What is unique over all
# schools is made anew, and what a vendor knows by this name is forgotten.
OTHER_VALUES: Mapping[tuple[str, str], str] = {
    ("Tenant", "customDomain"): "NULL",
    ("Tenant", "statusReason"): "NULL",
    ("Tenant", "statusChangedAt"): "NULL",
    ("users", "uuid"): "gen_random_uuid()",
    ("users", "username"): "NULL",
    ("users", "invitedTo"): "NULL",
    ("users", "organizationId"): "NULL",
    ("users", "movedToProfileId"): "NULL",
    ("EventType", "teamId"): "NULL",
    ("EventType", "profileId"): "NULL",
    ("EventType", "secondaryEmailId"): "NULL",
    ("Host", "memberId"): "NULL",
    ("OutOfOfficeEntry", "uuid"): "gen_random_uuid()",
    ("OutOfOfficeEntry", "reasonId"): "NULL",
    ("Booking", "destinationCalendarId"): "NULL",
    ("Booking", "idempotencyKey"): "NULL",
    ("Booking", "oneTimePassword"): "NULL",
    ("Booking", "immersioEnrollmentId"): "NULL",
    ("Payment", "uid"): "'pay_' || replace(gen_random_uuid()::text, '-', '')",
    ("Payment", "externalId"): "'copied_' || replace(gen_random_uuid()::text, '-', '')",
    ("Payment", "stripeAccountId"): "NULL",
    ("Checkout", "stripeAccountId"): "NULL",
    ("Checkout", "sessionId"): "NULL",
    ("Checkout", "paymentIntentId"): "NULL",
    ("Checkout", "url"): "NULL",
    ("Checkout", "lookAt"): "NULL",
    ("Refund", "externalId"): "NULL",
    ("WaitlistEntry", "idempotencyKey"): "NULL",
}

# Whoever waits is waiting at the other school: in the copy what is not settled has run out, as it would have
# by itself, but nobody is told. What was paid and waited for the school's word has it.
RUN_OUT = (
    """
    UPDATE {Booking} b SET status = 'accepted', "holdExpiresAt" = NULL
    WHERE status = 'pending' AND "manageToken" IS NOT NULL
      AND EXISTS (SELECT FROM {Payment} p WHERE p."bookingId" = b.id AND p.success)
    """,
    """
    CREATE TEMPORARY TABLE "run out" ON COMMIT DROP AS
    SELECT id FROM {Booking} WHERE status = 'pending' AND "manageToken" IS NOT NULL
    """,
    """
    UPDATE {Booking} SET status = 'cancelled' WHERE id IN (SELECT id FROM "run out")
    """,
    """
    INSERT INTO {BookingEvent} (id, "tenantId", "bookingId", type, actor)
    SELECT -row_number() OVER (ORDER BY id), (SELECT id FROM {Tenant}), id, 'EXPIRED', 'SYSTEM' FROM "run out"
    """,
    """
    DELETE FROM {TeacherOccupancy} WHERE "bookingId" IN (SELECT id FROM "run out")
    """,
    """
    UPDATE {WorkshopSession} s SET "seatsTaken" = s."seatsTaken" - freed.seats
    FROM (SELECT "eventTypeId", "workshopSessionNumber" AS number, count(*) AS seats FROM {Booking}
          WHERE id IN (SELECT id FROM "run out") GROUP BY 1, 2) freed
    WHERE s."eventTypeId" = freed."eventTypeId" AND s."sessionNumber" = freed.number
    """,
    """
    UPDATE {WaitlistEntry} SET status = CASE status WHEN 'OFFERED' THEN 'EXPIRED' ELSE 'CLOSED' END
    WHERE status IN ('OFFERED', 'WAITING')
    """,
    """
    UPDATE {Checkout} SET status = 'EXPIRED' WHERE status IN ('NEW', 'OPEN', 'PROCESSING')
    """,
)
SILENT = """
    UPDATE {OutboxMessage} SET "handledAt" = now() AT TIME ZONE 'UTC', "parkedAt" = NULL
    WHERE "handledAt" IS NULL
"""
# Cal.com logs its people in by these addresses, so no two have the same; the mails still arrive.
TAGGED = """
    UPDATE {users} SET email = regexp_replace(email, '@', '+' || CAST(:tag AS text) || '@')
    WHERE "tenantRole" <> 'STUDENT'
"""

_NAMED = re.compile(r"\{(\w+)\}")


def other_value(table: str, column: str) -> str | None:
    """The SQL of what the copy has in the column instead, or None for what the school has."""
    if table == "Tenant" and column.startswith(OF_VENDORS):
        return "NULL"
    return OTHER_VALUES.get((table, column))


def detach(connection: Connection) -> None:
    """Make of the staged school one that no vendor knows and in which nothing is open."""
    for table in NOT_COPIED:
        connection.exec_driver_sql(f"DELETE FROM {staged(table)}")  # noqa: S608  # of the list above
    for statement in RUN_OUT:
        connection.exec_driver_sql(_over_staged(statement))


def silence(connection: Connection) -> None:
    """Whatever waits in the staged outbox was told since, or is for nobody to be told."""
    connection.exec_driver_sql(_over_staged(SILENT))


def tag_staff(connection: Connection, tag: str) -> None:
    """Give the staged staff addresses that nobody else has: `ada@…` becomes `ada+{tag}@…`."""
    connection.execute(text(_over_staged(TAGGED)), {"tag": tag})


def _over_staged(statement: str) -> str:
    """`{Booking}` stands for what is staged of it."""
    return _NAMED.sub(lambda found: staged(found[1]), statement)
