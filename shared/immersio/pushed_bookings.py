"""What Immersio is to know of a school's bookings, compared with what it was told.

The state is pushed and not the event: whatever changed a booking, and whoever wrote it, the next look finds
the difference. A version is higher than all before it, and at least the time in seconds, so that it goes on
growing even when what we remember was lost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from shared.outbox.retry_delay import retry_delay
from shared.people.find_person import ERASED_DOMAIN

BATCH = 20
# What fails for longer is given up and waits for a person.
PATIENCE = timedelta(hours=24)

_NOW = "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'"
_TIME = """YYYY-MM-DD"T"HH24:MI:SS.MS"Z\""""
_CONTENT = f"""
    SELECT b.id, b.uid, e."immersioCourseId" AS course_id,
           b.status = 'accepted' AND e."immersioCourseId" IS NOT NULL AS is_live,
           b."endTime" AS ends, e."immersioDeletedAt" IS NULL AS is_offered,
           to_char(b."startTime", '{_TIME}') AS start_at, to_char(b."endTime", '{_TIME}') AS end_at,
           b."startTime"::date::text AS begin_date, b."endTime"::date::text AS end_date,
           b.paid, coalesce(p.amount, 0) AS amount_minor, upper(coalesce(p.currency, e.currency)) AS currency,
           a.email, a.name, a.locale
    FROM "Booking" b
    LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"
    LEFT JOIN LATERAL (SELECT lower(email) AS email, name, locale FROM "Attendee"
                       WHERE "bookingId" = b.id AND "tenantId" = b."tenantId" ORDER BY id LIMIT 1) a ON true
    LEFT JOIN LATERAL (SELECT amount, currency FROM "Payment"
                       WHERE "bookingId" = b.id AND "tenantId" = b."tenantId" AND success
                       ORDER BY id LIMIT 1) p ON true
    WHERE b."tenantId" = :tenant AND b.status IN ('accepted', 'cancelled', 'rejected')
"""  # noqa: S608  # only the constant above is put in
_FINGERPRINT = """
    md5(CASE WHEN is_live THEN jsonb_build_array(course_id, start_at, end_at, paid, amount_minor, currency,
                                                 email, name)::text ELSE 'ended' END)
"""
# Whose lesson it was may have been erased since: of them there is nothing to tell any more.
# What has ended matters only when Immersio has heard of it, and what is over to nobody any more. Of a course
# that is gone there, nothing but an end can be told.
_NOTE = text(f"""
    INSERT INTO "ImmersioPush" AS known ("tenantId", "bookingId", version, fingerprint, "dueAt", "updatedAt")
    SELECT :tenant, found.id, extract(epoch FROM {_NOW})::int, {_FINGERPRINT}, {_NOW}, {_NOW}
    FROM ({_CONTENT} AND b."startTime" > {_NOW} - interval '31 days') found
    LEFT JOIN "ImmersioPush" before ON before."bookingId" = found.id AND before."tenantId" = :tenant
    WHERE CASE WHEN before."bookingId" IS NULL
               THEN is_live AND is_offered AND ends > {_NOW} AND email IS NOT NULL
               ELSE NOT is_live OR is_offered AND coalesce(right(email, length(:erased)) <> :erased, true) END
    ORDER BY found.id
    ON CONFLICT ("tenantId", "bookingId") DO UPDATE
        SET version = greatest(known.version + 1, excluded.version), fingerprint = excluded.fingerprint,
            "dueAt" = excluded."dueAt", attempts = 0, "failingSince" = NULL, "errorCode" = NULL,
            "deadAt" = NULL, "updatedAt" = excluded."updatedAt"
        WHERE known.fingerprint <> excluded.fingerprint
""")  # noqa: S608  # only the constants above are put in
_DUE = text(f"""
    SELECT found.*, p.version, p.attempts, p."studentId" AS student_id, p."pushedVersion" AS pushed_version,
           p."failingSince" AT TIME ZONE 'UTC' AS failing_since
    FROM "ImmersioPush" p JOIN ({_CONTENT}) found ON found.id = p."bookingId"
    WHERE p."tenantId" = :tenant AND p."dueAt" <= {_NOW}
    ORDER BY p."dueAt", p."bookingId" LIMIT :batch
""")  # noqa: S608  # the same
_NEXT = text("""
    SELECT min("dueAt") AT TIME ZONE 'UTC' FROM "ImmersioPush" WHERE "tenantId" = :tenant
      AND "dueAt" IS NOT NULL
""")
# What has changed meanwhile is due again.
_DONE = text(f"""
    UPDATE "ImmersioPush" SET "pushedVersion" = :version, "studentId" = coalesce(:student, "studentId"),
           attempts = 0, "failingSince" = NULL, "errorCode" = NULL, "updatedAt" = {_NOW},
           "dueAt" = CASE WHEN version = :version THEN NULL ELSE "dueAt" END
    WHERE "tenantId" = :tenant AND "bookingId" = :booking
""")  # noqa: S608  # the same
_ENROLLED = text("""
    UPDATE "Booking" SET "immersioEnrollmentId" = :enrollment WHERE id = :booking AND "tenantId" = :tenant
      AND "immersioEnrollmentId" IS DISTINCT FROM :enrollment
""")
_FAILED = text(f"""
    UPDATE "ImmersioPush" SET attempts = attempts + 1, "errorCode" = :code, "updatedAt" = {_NOW},
           "failingSince" = coalesce("failingSince", {_NOW}),
           "dueAt" = CAST(:due AS timestamptz) AT TIME ZONE 'UTC',
           "deadAt" = CASE WHEN CAST(:due AS timestamptz) IS NULL THEN {_NOW} END
    WHERE "tenantId" = :tenant AND "bookingId" = :booking AND version = :version
""")  # noqa: S608  # the same
_IS_OVER = f""""failingSince" <= {_NOW} - make_interval(hours => {int(PATIENCE.total_seconds() // 3600)})"""
# Nobody can be told anything: it is no message's fault, and each is given up when its patience ends.
_HELD_UP = text(f"""
    UPDATE "ImmersioPush" SET "failingSince" = coalesce("failingSince", {_NOW}), "errorCode" = :code,
           "deadAt" = CASE WHEN {_IS_OVER} THEN {_NOW} END,
           "dueAt" = CASE WHEN {_IS_OVER} THEN NULL ELSE "dueAt" END
    WHERE "tenantId" = :tenant AND "dueAt" <= {_NOW}
""")  # noqa: S608  # the same
_REDRIVE = text(f"""
    UPDATE "ImmersioPush" SET "deadAt" = NULL, "dueAt" = {_NOW}, attempts = 0, "failingSince" = NULL
    WHERE "tenantId" = :tenant AND "deadAt" IS NOT NULL
""")  # noqa: S608  # the same


@dataclass(frozen=True, slots=True)
class PushedBooking:
    """A booking to be pushed as it is now; times and days as Immersio writes them, money in minor units.

    `student_id` is who was enrolled by an earlier push, `pushed_version` the last that arrived.
    """

    id: int
    uid: str
    version: int
    is_live: bool
    course_id: str | None
    start_at: str
    end_at: str
    begin_date: str
    end_date: str
    paid: bool
    amount_minor: int
    currency: str
    email: str | None
    name: str | None
    locale: str | None
    student_id: str | None
    pushed_version: int | None
    attempts: int
    failing_since: datetime | None


def note_pushes(connection: Connection, tenant_id: int, now: datetime) -> int:
    """Find what Immersio does not know yet; how many bookings that are."""
    return connection.execute(_NOTE, {"tenant": tenant_id, "now": now, "erased": ERASED_DOMAIN}).rowcount


def due_pushes(connection: Connection, tenant_id: int, now: datetime) -> list[PushedBooking]:
    """The next ones, the longest due first."""
    found = connection.execute(_DUE, {"tenant": tenant_id, "now": now, "batch": BATCH}).mappings()
    names = PushedBooking.__slots__
    return [PushedBooking(**{name: row[name] for name in names}) for row in found]


def next_due(connection: Connection, tenant_id: int) -> datetime | None:
    found: datetime | None = connection.execute(_NEXT, {"tenant": tenant_id}).scalar_one()
    return found


def keep_pushed(
    connection: Connection,
    tenant_id: int,
    booking: PushedBooking,
    student_id: str | None,
    enrollment_id: str | None,
    now: datetime,
) -> None:
    """Immersio knows this version."""
    key = {"tenant": tenant_id, "booking": booking.id}
    told = {**key, "version": booking.version, "student": student_id, "now": now}
    connection.execute(_DONE, told)
    if enrollment_id is not None:
        connection.execute(_ENROLLED, {**key, "enrollment": enrollment_id})


def keep_failed(
    connection: Connection,
    tenant_id: int,
    booking: PushedBooking,
    code: str,
    now: datetime,
    *,
    is_final: bool,
) -> None:
    """It is tried again later, or given up: when that would only fail again, or after a day."""
    since = booking.failing_since or now
    is_over = is_final or now - since >= PATIENCE
    due = None if is_over else now + retry_delay(booking.attempts + 1)
    told: dict[str, Any] = {"tenant": tenant_id, "booking": booking.id, "version": booking.version}
    connection.execute(_FAILED, {**told, "code": code, "due": due, "now": now})


def keep_held_up(connection: Connection, tenant_id: int, code: str, now: datetime) -> None:
    """All that is due waits because nothing can be told for the moment."""
    connection.execute(_HELD_UP, {"tenant": tenant_id, "code": code, "now": now})


def redrive_pushes(connection: Connection, tenant_id: int, now: datetime) -> int:
    """What was given up is due again; how many bookings that are."""
    return connection.execute(_REDRIVE, {"tenant": tenant_id, "now": now}).rowcount
