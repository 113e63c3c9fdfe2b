"""Bookings as the staff of a school sees them: a teacher their own, an admin all."""

from typing import Any, get_args

from sqlalchemy import Connection, Integer, Row, Text, TextClause, bindparam, text

from shared.bookings.errors import BookingNotFound
from shared.bookings.schemas import BookedEventType, RefundView, Status
from shared.bookings.staff_schemas import (
    BookingEventView,
    BookingList,
    BookingsQuery,
    PaymentView,
    StaffAttendee,
    StaffBooking,
    StaffBookingView,
)
from shared.event_types.schemas import Teacher
from shared.staff.find_staff import StaffMember

_COLUMNS = """
    b.id, b.uid, b.status::text AS status, b.title, b."startTime" AT TIME ZONE 'UTC' AS start,
    b."endTime" AT TIME ZONE 'UTC' AS "end", b."createdAt" AT TIME ZONE 'UTC' AS created_at,
    b."workshopSessionNumber" AS session_number, coalesce(b."noShowHost", false) AS no_show_host,
    CASE b.status WHEN 'pending' THEN b."holdExpiresAt" AT TIME ZONE 'UTC' END AS hold_expires_at,
    b."fromReschedule" AS rescheduled_from,
    (SELECT uid FROM "Booking" WHERE "fromReschedule" = b.uid AND "tenantId" = b."tenantId"
     ORDER BY id LIMIT 1) AS rescheduled_to,
    e.id AS event_type_id, e.title AS event_type_title, e.slug, u.id AS teacher_id, u.name AS teacher_name,
    a.name, a.email, a."timeZone" AS time_zone, a.locale, coalesce(a."noShow", false) AS no_show
"""
_FROM = """
    FROM "Booking" b
    LEFT JOIN LATERAL (SELECT * FROM "Attendee" WHERE "bookingId" = b.id AND "tenantId" = b."tenantId"
                       ORDER BY id LIMIT 1) a ON true
    LEFT JOIN "EventType" e ON e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"
    LEFT JOIN users u ON u.id = b."userId" AND u."tenantId" = b."tenantId"
    WHERE b."tenantId" = :tenant AND (CAST(:own AS int) IS NULL OR b."userId" = :own)
"""
# The address first: an EXISTS beside the OR would be asked of every booking of the school. The status as a
# literal: only so can what is pending, a school's inbox, be found by the index of those.
_FOUND = f"""
    SELECT {_COLUMNS} {_FROM}
      AND {{status}}
      AND (CAST(:since AS timestamptz) IS NULL
           OR b."startTime" >= CAST(:since AS timestamptz) AT TIME ZONE 'UTC')
      AND (CAST(:until AS timestamptz) IS NULL
           OR b."startTime" < CAST(:until AS timestamptz) AT TIME ZONE 'UTC')
      AND (CAST(:teacher AS int) IS NULL OR b."userId" = :teacher)
      AND (CAST(:event_type AS int) IS NULL OR b."eventTypeId" = :event_type)
      AND (CAST(:session AS int) IS NULL OR b."workshopSessionNumber" = :session)
      AND (CAST(:email AS text) IS NULL
           OR b.id = ANY(ARRAY(SELECT "bookingId" FROM "Attendee"
                               WHERE "tenantId" = :tenant AND email = :email)))
      AND (CAST(:after_ms AS bigint) IS NULL OR (b."startTime", b.id) >
           (to_timestamp(CAST(:after_ms AS bigint) / 1000.0) AT TIME ZONE 'UTC', CAST(:after_id AS bigint)))
    ORDER BY b."startTime", b.id LIMIT :limit
"""  # noqa: S608  # only the constants above are put in


def _list(status: str) -> TextClause:
    return text(_FOUND.format(status=status)).bindparams(
        bindparam("own", type_=Integer),
        bindparam("teacher", type_=Integer),
        bindparam("event_type", type_=Integer),
        bindparam("session", type_=Integer),
        bindparam("email", type_=Text),
    )


_LISTS = {None: _list("true")} | {status: _list(f"b.status = '{status}'") for status in get_args(Status)}
_ONE = text(f"""
    SELECT {_COLUMNS}, b.description AS notes, b.location, b."iCalSequence" AS sequence,
        CASE b.status WHEN 'cancelled' THEN b."cancellationReason"
                      WHEN 'rejected' THEN b."rejectionReason" END AS reason,
        b."refundableUntil" AT TIME ZONE 'UTC' AS refundable_until,
        (SELECT coalesce(json_agg(json_build_object('type', type,
                    'at', to_char("createdAt", 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'actor', actor,
                    'actor_id', "actorId", 'details', details) ORDER BY id), '[]')
         FROM "BookingEvent" WHERE "bookingId" = b.id AND "tenantId" = b."tenantId") AS history,
        (SELECT coalesce(json_agg(json_build_object('amount', amount, 'currency', currency,
                    'paid', success, 'refunded', refunded) ORDER BY id), '[]')
         FROM "Payment" WHERE "bookingId" = b.id AND "tenantId" = b."tenantId") AS payments,
        (SELECT coalesce(json_agg(json_build_object('amount', amount, 'currency', currency,
                    'status', status) ORDER BY "createdAt", id), '[]')
         FROM "Refund" WHERE "bookingId" = b.id AND "tenantId" = b."tenantId") AS refunds
    {_FROM} AND b.uid = :uid
""").bindparams(bindparam("own", type_=Integer))  # noqa: S608  # the same


def list_bookings(connection: Connection, staff: StaffMember, query: BookingsQuery) -> BookingList:
    """The bookings that the filters leave, by their start."""
    after_ms, _, after_id = (query.cursor or "").partition("-")
    found = connection.execute(_LISTS[query.status], {
        "tenant": staff.tenant.id,
        "own": staff.only_own,
        "since": query.since,
        "until": query.until,
        "teacher": query.teacher_id,
        "event_type": query.event_type_id,
        "session": query.session_number,
        "email": query.email,
        "after_ms": int(after_ms) if after_ms else None,
        "after_id": int(after_id) if after_id else None,
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    page = found[: query.limit]
    return BookingList(
        bookings=[StaffBooking(**_told(row)) for row in page],
        next_cursor=_cursor_after(page[-1]) if len(found) > len(page) else None,
    )


def get_staffs_booking(connection: Connection, staff: StaffMember, uid: str) -> StaffBookingView:
    """The booking with its history. Raises BookingNotFound, also for a teacher who asks for another's."""
    asked = {"tenant": staff.tenant.id, "own": staff.only_own, "uid": uid}
    row = connection.execute(_ONE, asked).one_or_none()
    if row is None:
        raise BookingNotFound
    made = BookingEventView(type="CREATED", at=row.created_at)
    return StaffBookingView(
        **_told(row),
        notes=row.notes,
        location=row.location,
        reason=row.reason,
        refundable_until=row.refundable_until,
        sequence=row.sequence,
        history=[made, *(BookingEventView(**event) for event in row.history)],
        payments=[PaymentView(**payment) for payment in row.payments],
        refunds=[RefundView(**refund) for refund in row.refunds],
    )


def _cursor_after(row: Row[Any]) -> str:
    return f"{round(row.start.timestamp() * 1000)}-{row.id}"


def _told(row: Row[Any]) -> dict[str, Any]:
    """What a list and a single view have in common."""
    attendee = row.email and StaffAttendee(
        name=row.name,
        email=row.email,
        time_zone=row.time_zone,
        locale=row.locale or "en",
        no_show=row.no_show,
    )
    event_type = row.event_type_id and BookedEventType(
        id=row.event_type_id, title=row.event_type_title, slug=row.slug
    )
    same = ("uid", "status", "title", "start", "end", "session_number", "no_show_host", "created_at",
            "hold_expires_at", "rescheduled_from", "rescheduled_to")  # fmt: skip
    return {name: getattr(row, name) for name in same} | {
        "event_type": event_type or None,
        "teacher": Teacher(id=row.teacher_id, name=row.teacher_name or "") if row.teacher_id else None,
        "attendee": attendee or None,
    }
