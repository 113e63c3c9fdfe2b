"""Reading bookings, each with all that is told of it, in one statement."""

import hmac
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from shared.bookings.errors import BookingNotFound
from shared.bookings.schemas import (
    BookedAttendee,
    BookedEventType,
    BookingView,
    CheckoutView,
    PaidView,
    RefundView,
)
from shared.event_types.schemas import Teacher
from shared.tenant_scope import CURRENT_TENANT
from shared.tenants.errors import TenantNotFound
from shared.time_zones import UnknownTimeZone, zone

_BOOKING = """
    SELECT b.uid, b.status::text AS status, b.title, b."startTime" AS starts, b."endTime" AS ends,
           b.description AS notes, b.location, b."createdAt" AS created, b."iCalSequence" AS sequence,
           coalesce(NULLIF(b."iCalUID", ''), b.uid) AS ics_uid,
           b."manageToken" AS manage_token, b."workshopSessionNumber" AS session_number,
           CASE b.status WHEN 'cancelled' THEN b."cancellationReason"
                         WHEN 'rejected' THEN b."rejectionReason" END AS reason,
           CASE b.status WHEN 'pending' THEN b."holdExpiresAt" END AS hold_expires_at,
           b."refundableUntil" AS refundable_until, b."fromReschedule" AS rescheduled_from,
           (SELECT uid FROM "Booking" WHERE "fromReschedule" = b.uid AND "tenantId" = t.id
            ORDER BY id LIMIT 1) AS rescheduled_to,
           (SELECT json_agg(json_build_object('amount', amount, 'currency', currency, 'status', status)
                            ORDER BY "createdAt", id)
            FROM "Refund" WHERE "bookingId" = b.id AND "tenantId" = t.id) AS refunds,
           (SELECT json_build_object('amount', p.amount, 'currency', p.currency) FROM "Payment" p
            WHERE p."bookingId" = b.id AND p."tenantId" = t.id AND p.success ORDER BY p.id LIMIT 1) AS paid,
           CASE b.status WHEN 'pending' THEN
               (SELECT json_build_object('checkout_url', c.url, 'expires_at', c."holdUntil" || 'Z')
                FROM "Payment" p JOIN "Checkout" c ON c.id = p."checkoutId" AND c."tenantId" = t.id
                WHERE p."bookingId" = b.id AND p."tenantId" = t.id AND NOT p.success
                  AND c.status = 'OPEN' AND c.url IS NOT NULL ORDER BY p.id LIMIT 1) END AS payment,
           CASE b.status WHEN 'pending' THEN
               EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."bookingId" = b.id AND w."tenantId" = t.id
                       AND w.status = 'OFFERED') END AS offered,
           e.id AS event_type_id, e.title AS event_type_title, e.slug,
           u.id AS teacher_id, u.name AS teacher_name,
           a.name AS attendee_name, a.email, a."timeZone" AS time_zone, a.locale
    FROM "Tenant" t
    LEFT JOIN "Booking" b ON b."tenantId" = t.id AND {which}
    LEFT JOIN LATERAL (SELECT * FROM "Attendee" WHERE "bookingId" = b.id AND "tenantId" = t.id
                       ORDER BY id LIMIT 1) a ON true
    LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = t.id
    LEFT JOIN users u ON u.id = b."userId" AND u."tenantId" = t.id
    WHERE t.id = {tenant}
"""
_BY_UID = text(_BOOKING.format(which="b.uid = :uid", tenant=CURRENT_TENANT))


def get_booking(connection: Connection, uid: str, token: str) -> BookingView:
    """The booking, for whoever holds its manage token; BookingNotFound for everybody else, TenantNotFound."""
    row = connection.execute(_BY_UID, {"uid": uid}).one_or_none()
    if row is None:
        raise TenantNotFound
    if not is_same_token(token, row.manage_token):
        raise BookingNotFound
    return _view(row)


def is_same_token(given: str, expected: str | None) -> bool:
    """Compares in a time that does not tell where they differ; Cal.com's bookings have no token."""
    return expected is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _view(row: Row[Any]) -> BookingView:
    event_type = row.event_type_id and BookedEventType(
        id=row.event_type_id, title=row.event_type_title, slug=row.slug
    )
    return BookingView(
        uid=row.uid,
        status=row.status,
        title=row.title,
        start=_shown(row.starts, row.time_zone),
        end=_shown(row.ends, row.time_zone),
        event_type=event_type or None,
        teacher=Teacher(id=row.teacher_id, name=row.teacher_name or "") if row.teacher_id else None,
        attendee=BookedAttendee(
            name=row.attendee_name,
            email=row.email,
            time_zone=row.time_zone,
            locale=row.locale or "en",
        ),
        notes=row.notes,
        location=row.location,
        created_at=row.created.replace(tzinfo=UTC),
        sequence=row.sequence,
        ics_uid=row.ics_uid,
        session_number=row.session_number,
        reason=row.reason,
        hold_expires_at=row.hold_expires_at and _shown(row.hold_expires_at, row.time_zone),
        refundable_until=row.refundable_until and _shown(row.refundable_until, row.time_zone),
        refunds=row.refunds and [RefundView(**refund) for refund in row.refunds],
        rescheduled_from=row.rescheduled_from,
        rescheduled_to=row.rescheduled_to,
        offered=row.offered or None,
        paid=row.paid and PaidView(**row.paid),
        payment=row.payment and _payment(row),
    )


def _payment(row: Row[Any]) -> CheckoutView:
    until = datetime.fromisoformat(row.payment["expires_at"])
    return CheckoutView(checkout_url=row.payment["checkout_url"], expires_at=until)


def _shown(at: datetime, time_zone: str) -> datetime:
    """A time of the database, on the attendee's clock; in UTC where Cal.com kept a zone nobody knows."""
    utc = at.replace(tzinfo=UTC)
    try:
        return utc.astimezone(zone(time_zone))
    except UnknownTimeZone:
        return utc
