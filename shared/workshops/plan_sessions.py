"""The school says when a workshop takes place: its sessions are made, all or none; what is booked stays."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, text

from shared.audit.record_audit import Subject, record_audit
from shared.errors import InvalidRequest
from shared.event_types.errors import EventTypeNotFound, TeacherNotFound
from shared.plans.check_plan import require_feature
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import TenantSuspended
from shared.time_zones import zone, zone_names
from shared.workshops.errors import NotAWorkshop, SeatsTaken, SessionsClash
from shared.workshops.offer_freed_seats import offer_freed_seats
from shared.workshops.recurrence import Occurrence, expand
from shared.workshops.schemas import NewRecurrence, Recurrence, RecurrenceSaved
from shared.workshops.session_rows import (
    Workshop,
    clashes_of,
    limit_sessions,
    locked_sessions,
    make_sessions,
    remove_sessions,
)

# The workshop is changed by one at a time. Numbers of sessions that are gone may still be known to people.
_WORKSHOP = text("""
    SELECT e.length, e."isWorkshop" AS is_workshop, e."seatLimit" AS seat_limit,
           e."workshopRecurrence" AS recurrence,
           greatest((SELECT max("sessionNumber") FROM "WorkshopSession"
                     WHERE "eventTypeId" = e.id AND "tenantId" = e."tenantId"),
                    (SELECT max("workshopSessionNumber") FROM "Booking"
                     WHERE "eventTypeId" = e.id AND "tenantId" = e."tenantId"),
                    CASE jsonb_typeof(e."workshopRecurrence"->'lastNumber') WHEN 'number'
                         THEN CAST(e."workshopRecurrence"->>'lastNumber' AS int) END, 0) AS last_number,
           (SELECT json_object_agg(u.id, coalesce(s."timeZone", u."timeZone"))
            FROM "TeacherCourseAssignment" a
            JOIN users u ON u.id = a."teacherId" AND u."tenantId" = e."tenantId" AND NOT u.locked
            LEFT JOIN "Schedule" s ON s."tenantId" = e."tenantId"
                AND s.id = coalesce(a."scheduleId", e."scheduleId", u."defaultScheduleId")
            WHERE a."eventTypeId" = e.id AND a."tenantId" = e."tenantId" AND a."isPublished") AS zones
    FROM "EventType" e WHERE e.id = :event_type AND e."tenantId" = :tenant FOR NO KEY UPDATE OF e
""")
_SAVE = text("""
    UPDATE "EventType" SET "workshopRecurrence" = CAST(:rule AS jsonb), "seatLimit" = CAST(:limit AS int)
    WHERE id = :event_type AND "tenantId" = :tenant
""")


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the sessions that are there, and which occurrences have none yet."""

    kept: list[Row[Any]]
    removed: list[Row[Any]]
    missing: list[Occurrence]

    def coming(self, now: datetime) -> list[Row[Any]]:
        return [row for row in self.kept if row.start > now]


def plan_sessions(
    connection: Connection, staff: StaffMember, event_type_id: int, asked: NewRecurrence, now: datetime
) -> RecurrenceSaved:
    """Make the workshop's sessions by the rule; those to come that are empty are replaced.

    A session with seats taken, or with people waiting, stays as it is, and its day gets no other. A number is
    never used again. Raises TenantSuspended, EventTypeNotFound, NotAWorkshop, PlanLimitReached,
    TeacherNotFound, InvalidRequest, SeatsTaken, SessionsClash; TryAgain when a teacher's time was taken
    meanwhile.
    """
    ids = {"tenant": staff.tenant.id, "event_type": event_type_id}
    workshop = _workshop(connection, staff, ids)
    rule, of_zone, teacher = _settled(asked, workshop.zones or {})
    occurrences = _expanded(rule, of_zone, workshop.length)
    if occurrences[-1].start <= now:
        raise InvalidRequest("all sessions of this rule would have begun")
    plan = _plan(locked_sessions(connection, ids, teacher), occurrences, teacher, of_zone, now)
    limit = workshop.seat_limit if asked.seat_limit is None else asked.seat_limit
    if asked.seat_limit is not None:
        _set_limit(connection, ids, plan.coming(now), asked.seat_limit, now)
    remove_sessions(connection, ids, [row.id for row in plan.removed])
    at_home = _home_of(teacher, workshop.zones, of_zone)
    _refuse_clashes(clashes_of(connection, ids, teacher, at_home, plan.missing), plan.missing)
    made = make_sessions(connection, ids, teacher, plan.missing, limit, workshop.last_number)
    stored = {**rule.document(), "lastNumber": workshop.last_number + len(made)}
    connection.execute(_SAVE, {**ids, "rule": json.dumps(stored), "limit": limit})
    changes = {"recurrence": {"before": workshop.recurrence, "after": stored}}
    subject = Subject("eventType", event_type_id)
    record_audit(connection, staff.tenant.id, staff, "eventType.planned", subject, now, changes)
    if asked.seat_limit is not None:
        offer_freed_seats(connection, staff.tenant.id, [row.id for row in plan.coming(now)], now)
    return RecurrenceSaved(
        event_type_id=event_type_id,
        recurrence=rule,
        seat_limit=limit,
        created=made,
        kept=_numbers(plan.kept),
        removed=_numbers(plan.removed),
    )


def _workshop(connection: Connection, staff: StaffMember, ids: Workshop) -> Row[Any]:
    if staff.tenant.status != "ACTIVE":
        raise TenantSuspended
    workshop = connection.execute(_WORKSHOP, ids).one_or_none()
    if workshop is None:
        raise EventTypeNotFound
    if not workshop.is_workshop:
        raise NotAWorkshop
    require_feature(connection, staff.tenant.id, "workshops")
    return workshop


def _settled(asked: NewRecurrence, zones: dict[str, str]) -> tuple[Recurrence, ZoneInfo, int]:
    """The rule with its zone and its teacher, and both; `zones` are of those who teach the workshop."""
    teacher = asked.teacher_id
    if teacher is None:
        if len(zones) != 1:
            raise InvalidRequest("say which teacher: not exactly one teaches this workshop")
        teacher = int(next(iter(zones)))
    if str(teacher) not in zones:
        raise TeacherNotFound
    name = asked.time_zone or zones[str(teacher)]
    if name not in zone_names():
        raise InvalidRequest("say the time zone: the teacher's is not known")
    told = {**asked.model_dump(exclude={"seat_limit"}), "teacher_id": teacher, "time_zone": name}
    return Recurrence.model_validate(told), zone(name), teacher


def _home_of(teacher: int, zones: dict[str, str], of_rule: ZoneInfo) -> ZoneInfo:
    name = zones[str(teacher)]
    return zone(name) if name in zone_names() else of_rule


def _expanded(rule: Recurrence, of_zone: ZoneInfo, length: int) -> list[Occurrence]:
    try:
        return expand(rule, of_zone, length)
    except ValueError as error:
        raise InvalidRequest(str(error)) from None


def _plan(
    there: Iterable[Row[Any]], occurrences: list[Occurrence], teacher: int, of_zone: ZoneInfo, now: datetime
) -> Plan:
    """Cancelled sessions do not come back: their very time is not made again."""
    wanted = {(one.start, one.end, teacher) for one in occurrences}
    kept, removed, no_more = [], [], set()
    for row in there:
        if row.is_cancelled:
            no_more.add(row.start)
        elif (
            row.start <= now
            or row.seats_taken
            or row.has_waiting
            or (row.start, row.end, row.teacher) in wanted
        ):
            kept.append(row)
        else:
            removed.append(row)
    days = {row.start.astimezone(of_zone).date() for row in kept}
    missing = [o for o in occurrences if o.start > now and o.day not in days and o.start not in no_more]
    return Plan(kept, removed, missing)


def _set_limit(
    connection: Connection, ids: Workshop, coming: list[Row[Any]], seats: int, now: datetime
) -> None:
    fuller = [row for row in coming if row.seats_taken > seats]
    if fuller:
        raise SeatsTaken(sessions=_numbers(fuller))
    limit_sessions(connection, ids, [row.id for row in coming], seats, now)


def _refuse_clashes(clashes: dict[datetime, str], missing: list[Occurrence]) -> None:
    if clashes:
        raise SessionsClash(
            occurrences=[
                {"start": o.start.isoformat(), "end": o.end.isoformat(), "reason": clashes[o.start]}
                for o in missing
                if o.start in clashes
            ]
        )


def _numbers(rows: Iterable[Row[Any]]) -> list[int]:
    return sorted(row.number for row in rows)
