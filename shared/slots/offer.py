"""What the slots of an event type follow from, loaded in one statement: rules, teachers, their time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, Row, TextClause, bindparam, text

from shared.database import CURRENT_TENANT
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.slots.types import DateOverride, Horizon, Hours, Interval, Schedule, SlotRules
from shared.telemetry import logger
from shared.tenants.errors import TenantNotFound, TenantSuspended
from shared.time_zones import zone_names

# Beyond these a row is a slip of somebody's, and its arithmetic would leave the calendar.
LONGEST_MINUTES = 7 * 24 * 60
FARTHEST_DAYS = 3_650

_OFFER = """
    SELECT t.id AS tenant_id, t."subscriptionStatus" AS tenant_status, e.id, e.title, e.length,
           e."slotInterval" AS slot_interval, e."offsetStart" AS offset_start,
           e."beforeEventBuffer" AS before_buffer, e."afterEventBuffer" AS after_buffer,
           e."minimumBookingNotice" AS minimum_notice, e."periodType"::text AS period_type,
           e."periodDays" AS period_days, e."periodCountCalendarDays" AS period_calendar_days,
           e."periodStartDate"::date AS period_start, e."periodEndDate"::date AS period_end,
           e."isWorkshop" AS is_workshop,
           greatest(e."workshopPrice", e.price) > 0 AS is_paid,
           e."requiresConfirmation" AS requires_confirmation,
           e."whitelistEnabled" AS whitelist_enabled,
           (SELECT json_agg(json_build_object(
                'id', u.id,
                'name', u.name,
                'zone', coalesce(s."timeZone", u."timeZone"),
                'hours', (SELECT json_agg(json_build_array(v.days, v.date, v."startTime", v."endTime"))
                          FROM "Availability" v
                          WHERE v."scheduleId" = s.id AND v."tenantId" = t.id),
                'busy', (SELECT json_agg(json_build_array(
                             floor(extract(epoch FROM o."busyFrom")),
                             ceil(extract(epoch FROM o."busyUntil"))))
                         FROM "TeacherOccupancy" o
                         WHERE o."tenantId" = t.id AND o."teacherId" = u.id
                           AND o."busyUntil" > range_start AND o."busyFrom" < range_end),
                'unsettled', (SELECT json_agg(json_build_array(
                             floor(extract(epoch FROM b."startTime")), ceil(extract(epoch FROM b."endTime"))))
                         FROM "OccupancyConflict" c
                         JOIN "Booking" b ON b.id = c."bookingId" AND b."tenantId" = t.id
                         WHERE c."tenantId" = t.id AND b."userId" = u.id AND b.status = 'accepted'
                           AND b."endTime" > range_start AND b."startTime" < range_end),
                'away', (SELECT json_agg(json_build_array(
                             floor(extract(epoch FROM w.start)), ceil(extract(epoch FROM w."end"))))
                         FROM "OutOfOfficeEntry" w
                         WHERE w."tenantId" = t.id AND w."userId" = u.id
                           AND w."end" > range_start AND w.start < range_end)
            ) ORDER BY u.id)
            FROM "TeacherCourseAssignment" a
            JOIN users u ON u.id = a."teacherId" AND u."tenantId" = t.id AND NOT u.locked
            LEFT JOIN "Schedule" s ON s."tenantId" = t.id
                AND s.id = coalesce(a."scheduleId", e."scheduleId", u."defaultScheduleId")
            WHERE a."eventTypeId" = e.id AND a."tenantId" = t.id AND a."isPublished"
              AND (CAST(:teacher AS integer) IS NULL OR u.id = :teacher)) AS teachers
           {more}
    FROM "Tenant" t
    LEFT JOIN "EventType" e ON e.id = :event_type AND e."tenantId" = t.id AND e."isPublished"
    CROSS JOIN LATERAL (SELECT
        to_timestamp(:start) AT TIME ZONE 'UTC'
            - make_interval(mins => least(e."beforeEventBuffer", {longest})) AS range_start,
        to_timestamp(:end) AT TIME ZONE 'UTC'
            + make_interval(mins => least(e.length, {longest}) + least(e."afterEventBuffer", {longest}))
            AS range_end) AS asked
    WHERE t.id = {tenant}
"""


def offer_statement(more: str = "") -> TextClause:
    """The statement that `load_offer` runs, with further columns for who needs to know more at once."""
    statement = _OFFER.replace("{more}", more).replace("{longest}", str(LONGEST_MINUTES))
    statement = statement.replace("{tenant}", CURRENT_TENANT)
    return text(statement).bindparams(
        bindparam("event_type", type_=Integer),
        bindparam("teacher", type_=Integer),
        bindparam("start", type_=BigInteger),
        bindparam("end", type_=BigInteger),
    )


@dataclass(frozen=True, slots=True)
class OfferedTeacher:
    """Who teaches, when the school lets them, and when they are taken (with buffers) or away."""

    id: int
    name: str
    schedule: Schedule
    busy: list[Interval]


@dataclass(frozen=True, slots=True)
class Offer:
    """An event type that can be booked; `row` holds its own columns and those asked for besides."""

    rules: SlotRules
    teachers: tuple[OfferedTeacher, ...]
    row: Row[Any]


def load_offer(connection: Connection, statement: TextClause, parameters: dict[str, Any]) -> Offer:
    """Read an offer; `parameters` are event_type, teacher (or None), start and end in epoch seconds.

    `busy` is complete for lessons that start within [start, end). Raises TenantNotFound,
    TenantSuspended, EventTypeNotFound, TeacherNotFound.
    """
    row = connection.execute(statement, parameters).one_or_none()
    if row is None:
        raise TenantNotFound
    if row.tenant_status != "ACTIVE":
        raise TenantSuspended
    if row.id is None:
        raise EventTypeNotFound
    if not row.teachers and parameters["teacher"] is not None:
        raise TeacherNotFound
    teachers = [_teacher(each) for each in row.teachers or ()]
    return Offer(_rules(row), tuple(each for each in teachers if each is not None), row)


def _rules(row: Row[Any]) -> SlotRules:
    """The event type's rules. One whose rules make no sense, as Cal.com lets them be, is not offered."""
    try:
        return _checked_rules(row)
    except ValueError as error:
        logger.warning("event type with senseless rules", event_type_id=row.id, reason=str(error))
        raise EventTypeNotFound from None


def _checked_rules(row: Row[Any]) -> SlotRules:
    if max(row.length, row.before_buffer, row.after_buffer) > LONGEST_MINUTES:
        raise ValueError("a lesson or a buffer of more than a week")
    horizon = Horizon(
        row.period_type,
        min(row.period_days or 0, FARTHEST_DAYS),
        bool(row.period_calendar_days),
        row.period_start,
        row.period_end,
    )
    return SlotRules(
        length=row.length,
        interval=row.slot_interval or row.length,
        offset=row.offset_start,
        before_buffer=row.before_buffer,
        after_buffer=row.after_buffer,
        minimum_notice=row.minimum_notice,
        horizon=horizon,
    )


def _teacher(told: dict[str, Any]) -> OfferedTeacher | None:
    """None for a teacher in a zone that nobody knows: what their clock shows cannot be told."""
    if told["zone"] not in zone_names():
        logger.warning("teacher in an unknown zone", teacher_id=told["id"])
        return None
    hours = told["hours"] or ()
    of_week = ((tuple(days or ()), start, end) for days, day, start, end in hours if day is None)
    of_date = ((date.fromisoformat(day), start, end) for _, day, start, end in hours if day)
    taken = (told["busy"] or []) + (told["unsettled"] or []) + (told["away"] or [])
    busy = [(int(start), int(end)) for start, end in taken if start < end]
    return OfferedTeacher(
        told["id"],
        told["name"] or "",
        Schedule(told["zone"], tuple(_made(Hours, of_week)), tuple(_made(DateOverride, of_date))),
        busy,
    )


def _made(kind: Any, rows: Iterable[Sequence[Any]]) -> Iterable[Any]:
    """Rows that say nothing sensible, as hours that end before they start, open nothing; so at Cal.com."""
    for when, start, end in rows:
        try:
            yield kind(when, time.fromisoformat(start), time.fromisoformat(end))
        except ValueError:
            continue
