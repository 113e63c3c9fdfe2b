"""Bookings with all that letters tell of them, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import ARRAY, Connection, Integer, Row, bindparam, text

from shared.bookings.errors import BookingNotFound
from shared.notifications.news import Reader
from shared.time_zones import UnknownTimeZone, zone

LIVE = ("accepted", "pending", "awaiting_host")

# The reason is the school's or none: whoever booked might write anything into a mail to an address of
# their choice.
_TOLD = text("""
    SELECT b.id, b.uid, coalesce(NULLIF(b."iCalUID", ''), b.uid) AS ics_uid, b."recurringEventId" AS series,
           b."iCalSequence" AS sequence, b.status::text AS status, b."startTime" AS starts,
           b."endTime" AS ends, coalesce(e.title, b.title) AS title, b."manageToken" AS token,
           b."workshopSessionNumber" IS NOT NULL AS is_seat, b."holdExpiresAt" AS held_until,
           t.name AS school, t.settings->>'replyTo' AS reply_to,
           coalesce(NULLIF(t."customDomain", ''), t.subdomain || '.' || CAST(:base_domain AS text)) AS host,
           a.name AS attendee_name, a.email AS attendee_email, a."timeZone" AS attendee_zone,
           a.locale AS attendee_locale,
           u.id AS teacher_id, u.name AS teacher_name, u.email AS teacher_email,
           u."timeZone" AS teacher_zone, u.locale AS teacher_locale,
           coalesce(history.changed, b."createdAt") AS changed, history.confirmed, history.accepted,
           history.reason,
           EXISTS (SELECT FROM "Payment" p WHERE p."bookingId" = b.id AND p."tenantId" = b."tenantId"
                   AND p.success) AS paid,
           EXISTS (SELECT FROM "Payment" p WHERE p."bookingId" = b.id AND p."tenantId" = b."tenantId"
                   AND p."checkoutId" IS NOT NULL AND NOT p.success) AS unpaid,
           EXISTS (SELECT FROM "Payment" p JOIN "Checkout" c ON c.id = p."checkoutId"
                       AND c."tenantId" = p."tenantId" AND c."sessionId" IS NOT NULL
                   WHERE p."bookingId" = b.id AND p."tenantId" = b."tenantId" AND NOT p.success
                     AND NOT EXISTS (SELECT FROM "Payment" o WHERE o."checkoutId" = c.id
                                     AND o."tenantId" = c."tenantId" AND o.id < p.id)) AS shown_payment,
           EXISTS (SELECT FROM "WorkshopSession" s WHERE s."eventTypeId" = b."eventTypeId"
                   AND s."sessionNumber" = b."workshopSessionNumber" AND s."tenantId" = b."tenantId"
                   AND s."cancelledAt" IS NOT NULL) AS session_is_off,
           EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."bookingId" = b.id
                   AND w."tenantId" = b."tenantId") AS offered,
           (SELECT json_agg(json_build_array(amount, currency) ORDER BY currency) FROM (
                SELECT sum(r.amount) AS amount, r.currency FROM "Refund" r
                WHERE r."bookingId" = b.id AND r."tenantId" = b."tenantId" AND r.status <> 'FAILED'
                GROUP BY r.currency) sums) AS refunds
    FROM "Booking" b
    JOIN "Tenant" t ON t.id = b."tenantId"
    LEFT JOIN LATERAL (SELECT * FROM "Attendee" WHERE "bookingId" = b.id AND "tenantId" = b."tenantId"
                       ORDER BY id LIMIT 1) a ON true
    LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"
    LEFT JOIN users u ON u.id = b."userId" AND u."tenantId" = b."tenantId"
    LEFT JOIN LATERAL (
        SELECT max("createdAt") AS changed, bool_or(type = 'CONFIRMED') AS confirmed,
               bool_or(type = 'SEAT_ACCEPTED') AS accepted,
               (array_agg(details ->> 'reason' ORDER BY id DESC)
                FILTER (WHERE actor = 'STAFF' AND type IN ('CANCELLED', 'REJECTED')))[1] AS reason
        FROM "BookingEvent" WHERE "bookingId" = b.id AND "tenantId" = b."tenantId") history ON true
    WHERE b.id = ANY(:ids) AND b."tenantId" = :tenant
    ORDER BY b."startTime", b.id
""").bindparams(bindparam("ids", type_=ARRAY(Integer)))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reads letters; UTC where Cal.com kept a zone that nobody knows."""

    name: str
    email: str
    clock: tzinfo
    locale: str


@dataclass(frozen=True, slots=True)
class ToldBooking:
    """Times are aware, in UTC; `refunds` are amounts in minor units with their currencies.

    `was_shown_payment`: the first of what is paid together, whose page at Stripe was opened and left unpaid.
    """

    id: int
    uid: str
    ics_uid: str
    status: str
    starts: datetime
    ends: datetime
    title: str
    school: str
    host: str
    attendee: Person | None
    teacher: Person | None
    changed: datetime
    sequence: int = 0
    series: str | None = None
    token: str | None = None
    is_seat: bool = False
    held_until: datetime | None = None
    teacher_id: int | None = None
    reason: str = ""
    was_confirmed: bool = False
    is_paid: bool = False
    is_unpaid: bool = False
    was_shown_payment: bool = False
    was_offered: bool = False
    was_accepted: bool = False
    refunds: tuple[tuple[int, str], ...] = ()
    session_is_off: bool = False
    path: str = ""
    reply_to: str | None = None

    def reader(self, reader: Reader) -> Person | None:
        return self.attendee if reader == "attendee" else self.teacher


def load_told(
    connection: Connection, tenant_id: int, booking_ids: Sequence[int], base_domain: str
) -> list[ToldBooking]:
    """The bookings by their start. Raises BookingNotFound when the school lacks one of them."""
    asked = {"tenant": tenant_id, "ids": list(booking_ids), "base_domain": base_domain}
    found = [_told(row) for row in connection.execute(_TOLD, asked)]
    if len(found) < len(set(booking_ids)):
        raise BookingNotFound
    return found


def _told(row: Row[Any]) -> ToldBooking:
    return ToldBooking(
        id=row.id,
        uid=row.uid,
        ics_uid=row.ics_uid,
        series=row.series,
        sequence=row.sequence,
        status=row.status,
        starts=row.starts.replace(tzinfo=UTC),
        ends=row.ends.replace(tzinfo=UTC),
        title=row.title,
        token=row.token,
        is_seat=row.is_seat,
        held_until=row.held_until and row.held_until.replace(tzinfo=UTC),
        school=row.school,
        reply_to=row.reply_to,
        host=row.host,
        attendee=person(row.attendee_name, row.attendee_email, row.attendee_zone, row.attendee_locale),
        teacher_id=row.teacher_id,
        teacher=person(row.teacher_name, row.teacher_email, row.teacher_zone, row.teacher_locale),
        changed=row.changed.replace(tzinfo=UTC),
        was_confirmed=bool(row.confirmed),
        reason=row.reason or "",
        is_paid=row.paid,
        is_unpaid=row.unpaid,
        was_shown_payment=row.shown_payment,
        was_offered=row.offered,
        session_is_off=row.session_is_off,
        path=f"bookings/{row.uid}",
        was_accepted=bool(row.accepted),
        refunds=tuple((int(amount), currency) for amount, currency in row.refunds or ()),
    )


def person(name: str | None, email: str | None, time_zone: str, locale: str | None) -> Person | None:
    """Whoever has an address."""
    return Person(name or "", email, _clock(time_zone), locale or "en") if email else None


def _clock(time_zone: str) -> tzinfo:
    try:
        return zone(time_zone)
    except UnknownTimeZone:
        return UTC
