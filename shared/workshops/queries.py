"""Reading the sessions of a workshop, in one statement each."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, text

from shared.event_types.errors import EventTypeNotFound
from shared.event_types.schemas import ListQuery, Teacher
from shared.tenant_scope import CURRENT_TENANT
from shared.tenants.errors import TenantNotFound, TenantSuspended
from shared.time_zones import zone
from shared.workshops.errors import SessionNotFound
from shared.workshops.schemas import (
    Session,
    SessionList,
    SessionOfStaff,
    SessionsOfStaff,
    SessionsQuery,
)

_SESSION = """
    s.id, s."sessionNumber" AS number, s."startTime" AT TIME ZONE 'UTC' AS start,
    s."endTime" AT TIME ZONE 'UTC' AS end, s."seatLimit" AS seat_limit, s."seatsTaken" AS seats_taken,
    s."cancelledAt" AT TIME ZONE 'UTC' AS cancelled_at, u.id AS teacher_id, u.name AS teacher_name,
    coalesce(u.locked, false) AS has_no_teacher,
    (SELECT count(*) FROM "WaitlistEntry" w WHERE w."sessionId" = s.id AND w."tenantId" = s."tenantId"
     AND w.status = 'WAITING') AS waiting
"""
# One row even when there is no session, so that an unknown workshop is told from an empty one.
_COMING = text(f"""
    SELECT t."subscriptionStatus" AS status, e.id AS event_type, e."minimumBookingNotice" AS notice,
           greatest(e."workshopPrice", e.price) > 0 AS is_paid,
           t."stripeSecretKeyEncrypted" IS NOT NULL AND t."stripeLivemode" IS NOT NULL AS can_be_paid,
           {_SESSION}
    FROM "Tenant" t
    LEFT JOIN "EventType" e ON e.id = :event_type AND e."tenantId" = t.id AND e."isPublished"
    LEFT JOIN "WorkshopSession" s ON s."eventTypeId" = e.id AND s."tenantId" = t.id
        AND s."cancelledAt" IS NULL AND s."startTime" > CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
        AND (s."startTime", s."sessionNumber")
            > (to_timestamp(CAST(:after AS bigint)) AT TIME ZONE 'UTC', CAST(:after_number AS int))
    LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = t.id
    WHERE t.id = {CURRENT_TENANT}
    ORDER BY s."startTime", s."sessionNumber" LIMIT :limit
""")  # noqa: S608  # only the constants above are put in
_OF_STAFF = text(f"""
    SELECT e.id AS event_type, e."workshopRecurrence" AS recurrence, e."seatLimit" AS limit_of_all, {_SESSION}
    FROM "EventType" e
    LEFT JOIN "WorkshopSession" s ON s."eventTypeId" = e.id AND s."tenantId" = e."tenantId"
        AND s."sessionNumber" > :after AND (CAST(:number AS int) IS NULL OR s."sessionNumber" = :number)
    LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = e."tenantId"
    WHERE e.id = :event_type AND e."tenantId" = :tenant
    ORDER BY s."sessionNumber" LIMIT :limit
""").bindparams(bindparam("number", type_=Integer))  # noqa: S608  # as above


def list_sessions(
    connection: Connection, event_type_id: int, query: SessionsQuery, now: datetime
) -> SessionList:
    """A page of the sessions to come. Raises TenantNotFound, TenantSuspended, EventTypeNotFound."""
    after, _, number = (query.cursor or "0-0").partition("-")
    asked = {"event_type": event_type_id, "now": now, "after": int(after), "after_number": int(number)}
    rows = connection.execute(_COMING, {**asked, "limit": query.limit + 1}).all()
    if not rows:
        raise TenantNotFound
    if rows[0].status != "ACTIVE":
        raise TenantSuspended
    if rows[0].event_type is None:
        raise EventTypeNotFound
    shown = [row for row in rows if row.id is not None][: query.limit]
    more = len(rows) > query.limit
    return SessionList(
        event_type_id=event_type_id,
        time_zone=query.time_zone,
        sessions=[_session(row, query, now) for row in shown],
        next_cursor=f"{int(shown[-1].start.timestamp())}-{shown[-1].number}" if more else None,
    )


def list_sessions_of_staff(
    connection: Connection, tenant_id: int, event_type_id: int, query: ListQuery
) -> SessionsOfStaff:
    """A page of all sessions, cancelled and past ones too. Raises EventTypeNotFound."""
    asked = {"tenant": tenant_id, "event_type": event_type_id, "after": query.cursor or 0, "number": None}
    rows = connection.execute(_OF_STAFF, {**asked, "limit": query.limit + 1}).all()
    if not rows:
        raise EventTypeNotFound
    shown = [row for row in rows if row.id is not None][: query.limit]
    return SessionsOfStaff(
        event_type_id=event_type_id,
        recurrence=rows[0].recurrence,
        seat_limit=rows[0].limit_of_all,
        sessions=[session_of_staff(row) for row in shown],
        next_cursor=str(shown[-1].number) if len(rows) > query.limit else None,
    )


def session_row(connection: Connection, tenant_id: int, event_type_id: int, number: int) -> Row[Any]:
    """One session as `session_of_staff` takes it, with its id. Raises EventTypeNotFound, SessionNotFound."""
    asked = {"tenant": tenant_id, "event_type": event_type_id, "after": 0, "number": number, "limit": 1}
    row = connection.execute(_OF_STAFF, asked).one_or_none()
    if row is None:
        raise EventTypeNotFound
    if row.id is None:
        raise SessionNotFound
    return row


def session_of_staff(row: Row[Any]) -> SessionOfStaff:
    return SessionOfStaff(
        session_number=row.number,
        start=row.start,
        end=row.end,
        teacher=_teacher(row),
        seat_limit=row.seat_limit,
        seats_taken=row.seats_taken,
        waiting=row.waiting,
        cancelled_at=row.cancelled_at,
    )


def _session(row: Row[Any], query: SessionsQuery, now: datetime) -> Session:
    shown_in = zone(query.time_zone)
    left = None if row.seat_limit is None else row.seat_limit - row.seats_taken
    reason = _reason(row, left, now)
    return Session(
        session_number=row.number,
        start=row.start.astimezone(shown_in),
        end=row.end.astimezone(shown_in),
        teacher=_teacher(row),
        seat_limit=row.seat_limit,
        seats_left=0 if row.waiting else left,
        waitlist_length=row.waiting,
        bookable=reason is None,
        reason=reason,
    )


def _reason(row: Row[Any], left: int | None, now: datetime) -> Any:
    if row.is_paid and not row.can_be_paid:
        return "payment"
    if row.has_no_teacher:
        return "no_teacher"
    if (row.start.astimezone(UTC) - now).total_seconds() < row.notice * 60:
        return "too_late"
    return "full" if row.waiting or left == 0 else None


def _teacher(row: Row[Any]) -> Teacher | None:
    return Teacher(id=row.teacher_id, name=row.teacher_name or "") if row.teacher_id else None
