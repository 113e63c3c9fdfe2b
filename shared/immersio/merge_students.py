"""A page of Immersio's students becomes users of role STUDENT.

Name and address follow Immersio; role, zone and everything else is the school's. Who teaches or runs the
school keeps name and address here, and is only linked. Who is deleted there is deleted nowhere here:
bookings may hang on them, so they are marked.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ARRAY, Connection, Row, Text, bindparam, text

from shared.immersio.log_rows import done, failed, log_rows, unreadable
from shared.immersio.schemas import Gone, Student

_IDS, _EMAILS = bindparam("ids", type_=ARRAY(Text)), bindparam("emails", type_=ARRAY(Text))
# Two questions, each for an index: an `or` of both would read all of a school's users. Addresses are stored
# in lower case; lower() itself has no index that row-level security could use.
_COLUMNS = """
    SELECT id, email, name, "tenantRole" AS role, "immersioUserId" AS student_id,
           "immersioUpdatedAt" AT TIME ZONE 'UTC' AS updated_at, "immersioSyncStatus" AS status,
           "immersioDeletedAt" IS NOT NULL AS is_deleted
    FROM users WHERE "tenantId" = :tenant
"""
_BY_ID = text(f'{_COLUMNS} AND "immersioUserId" = ANY(:ids)').bindparams(_IDS)
_BY_EMAIL = text(f"{_COLUMNS} AND email = ANY(:emails)").bindparams(_EMAILS)
_NOW = "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'"
_GIVEN = """
    jsonb_to_recordset(CAST(:rows AS jsonb))
        AS s("userId" integer, id text, email text, name text, locale text, "updatedAt" timestamptz)
"""
# An address of somebody who has another one there by now, which a later row will tell.
_GIVE_UP = text("""
    UPDATE users SET email = uuid || '@moved.invalid', "immersioSyncStatus" = 'PENDING',
           "immersioUpdatedAt" = NULL
    WHERE "tenantId" = :tenant AND id IN (SELECT jsonb_array_elements_text(CAST(:holders AS jsonb))::int)
""")
_CREATE = text(f"""
    INSERT INTO users (email, name, locale, "tenantId", "tenantRole", uuid, "immersioUserId",
                       "immersioUpdatedAt", "immersioSyncStatus", "immersioLastSyncedAt")
    SELECT s.email, s.name, s.locale, :tenant, 'STUDENT', gen_random_uuid(), s.id,
           s."updatedAt" AT TIME ZONE 'UTC', 'SYNCED', {_NOW}
    FROM {_GIVEN} ON CONFLICT DO NOTHING RETURNING "immersioUserId"
""")  # noqa: S608  # only the constants above are put in
_UPDATE = text(f"""
    UPDATE users u SET email = CASE WHEN u."tenantRole" = 'STUDENT' THEN s.email ELSE u.email END,
           name = CASE WHEN u."tenantRole" = 'STUDENT' THEN s.name ELSE u.name END,
           locale = coalesce(u.locale, s.locale), "immersioUserId" = s.id,
           "immersioUpdatedAt" = s."updatedAt" AT TIME ZONE 'UTC', "immersioDeletedAt" = NULL,
           "immersioSyncStatus" = 'SYNCED', "immersioLastSyncedAt" = {_NOW}
    FROM {_GIVEN} WHERE u.id = s."userId" AND u."tenantId" = :tenant
""")  # noqa: S608  # the same
_MARK = text(f"""
    UPDATE users u SET "immersioDeletedAt" = {_NOW}, "immersioUpdatedAt" = s."updatedAt" AT TIME ZONE 'UTC',
           "immersioSyncStatus" = 'SYNCED', "immersioLastSyncedAt" = {_NOW}
    FROM {_GIVEN} WHERE u.id = s."userId" AND u."tenantId" = :tenant
""")  # noqa: S608  # the same
_FAILED = text("""
    UPDATE users SET "immersioSyncStatus" = 'FAILED'
    WHERE "tenantId" = :tenant AND id IN (SELECT jsonb_array_elements_text(CAST(:holders AS jsonb))::int)
      AND "immersioSyncStatus" IS DISTINCT FROM 'FAILED'
""")

EMAIL_TAKEN = "email_taken"


@dataclass
class Plan:
    """What a page asks for, by what becomes of it; rows as the statements take them."""

    created: list[dict[str, Any]] = field(default_factory=list)
    updated: list[dict[str, Any]] = field(default_factory=list)
    linked: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[dict[str, Any]] = field(default_factory=list)
    giving_up: set[int] = field(default_factory=set)
    failing: set[int] = field(default_factory=set)
    failures: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0


@dataclass(frozen=True)
class Known:
    """Users who are these students, by their id there, and who has their addresses."""

    by_id: dict[str, Row[Any]]
    by_email: dict[str, Row[Any]]


def merge_students(connection: Connection, tenant_id: int, rows: list[Any], now: datetime) -> Counter[str]:
    """Take over what changed, log it, and count by action; a row that is no student is logged as failed.

    The caller holds the stream's fence.
    """
    students, gone, failures = read_students(rows)
    plan = Plan(failures=failures)
    known = _known(connection, tenant_id, students, gone)
    for student in students:
        _decide(student, known, plan)
    for each in gone:
        _decide_gone(each, known.by_id.get(each.id), plan)
    _carry_out(connection, tenant_id, plan, now)
    actions = {name: getattr(plan, name) for name in ("created", "updated", "linked", "deleted")}
    logs = [done(row["id"], action=action) for action, found in actions.items() for row in found]
    log_rows(connection, tenant_id, "STUDENT", "PULL", logs + plan.failures)
    counted = Counter({action: len(found) for action, found in actions.items()})
    return +counted + Counter(failed=len(plan.failures), unchanged=plan.unchanged)


def read_students(rows: list[Any]) -> tuple[list[Student], list[Gone], list[dict[str, Any]]]:
    """The newest of each student, the tombstones, and a log line for each row that is neither."""
    found: dict[str, Student | Gone] = {}
    failures = []
    for row in rows:
        try:
            each: Student | Gone = Gone.model_validate(row) if _is_gone(row) else Student.model_validate(row)
        except ValidationError as error:
            failures.append(unreadable(row, error, "student"))
        else:
            found[each.id] = max(each, found.get(each.id, each), key=lambda one: one.updated_at)
    students = [each for each in found.values() if isinstance(each, Student)]
    return students, [each for each in found.values() if isinstance(each, Gone)], failures


def _is_gone(row: Any) -> bool:
    return isinstance(row, dict) and row.get("status") == "tobedeleted"


def _known(
    connection: Connection, tenant_id: int, students: Sequence[Student], gone: Sequence[Gone]
) -> Known:
    ids = [each.id for each in students] + [each.id for each in gone]
    by_id = connection.execute(_BY_ID, {"tenant": tenant_id, "ids": ids}).all()
    emails = [each.email for each in students]
    by_email = connection.execute(_BY_EMAIL, {"tenant": tenant_id, "emails": emails}).all()
    return Known({row.student_id: row for row in by_id}, {row.email: row for row in by_email})


def _decide(student: Student, known: Known, plan: Plan) -> None:
    there, holder = known.by_id.get(student.id), known.by_email.get(student.email)
    if there is not None and not _is_news(student, there):
        plan.unchanged += 1
        return
    if holder is None or (there is not None and holder.id == there.id):
        _take(student, there, plan)
    elif there is None and _is_the_same_person(holder):
        plan.linked.append(_row(student, holder.id))
    elif holder.role == "STUDENT" and holder.student_id is not None:
        plan.giving_up.add(holder.id)
        _take(student, there, plan)
    else:
        plan.failures.append(failed(student.id, EMAIL_TAKEN, "Somebody else here has the address"))
        plan.failing |= {there.id} if there is not None else set()


def _take(student: Student, there: Row[Any] | None, plan: Plan) -> None:
    if there is None:
        plan.created.append(_row(student))
    else:
        plan.updated.append(_row(student, there.id))


def _is_the_same_person(holder: Row[Any]) -> bool:
    """Who has the address here and is nobody there, or nobody any more."""
    return holder.student_id is None or (holder.is_deleted and holder.role == "STUDENT")


def _is_news(student: Student, there: Row[Any]) -> bool:
    if there.is_deleted:
        return there.updated_at is None or _ms(student.updated_at) >= there.updated_at
    if there.role != "STUDENT":
        return False
    is_newer = there.updated_at is None or _ms(student.updated_at) > there.updated_at
    return is_newer and (there.email, there.name, there.status) != (student.email, student.name, "SYNCED")


def _decide_gone(gone: Gone, there: Row[Any] | None, plan: Plan) -> None:
    if there is None or there.is_deleted or _is_older(gone, there):
        plan.unchanged += 1
    else:
        plan.deleted.append({"userId": there.id, "id": gone.id, "updatedAt": gone.updated_at.isoformat()})


def _is_older(gone: Gone, there: Row[Any]) -> bool:
    return there.updated_at is not None and _ms(gone.updated_at) < there.updated_at


def _carry_out(connection: Connection, tenant_id: int, plan: Plan, now: datetime) -> None:
    """Addresses are given up before anybody takes them, so that two may change theirs with each other."""
    if plan.giving_up:
        connection.execute(_GIVE_UP, {"tenant": tenant_id, "holders": json.dumps(sorted(plan.giving_up))})
    if changed := plan.updated + plan.linked:
        connection.execute(_UPDATE, _told(tenant_id, changed, now))
    if plan.deleted:
        connection.execute(_MARK, _told(tenant_id, plan.deleted, now))
    if plan.created:
        made = set(connection.execute(_CREATE, _told(tenant_id, plan.created, now)).scalars())
        taken = [row for row in plan.created if row["id"] not in made]
        plan.created = [row for row in plan.created if row["id"] in made]
        plan.failures += [failed(row["id"], EMAIL_TAKEN, "The address is taken") for row in taken]
    if plan.failing:
        connection.execute(_FAILED, {"tenant": tenant_id, "holders": json.dumps(sorted(plan.failing))})


def _told(tenant_id: int, rows: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    return {"tenant": tenant_id, "rows": json.dumps(rows), "now": now}


def _row(student: Student, user_id: int | None = None) -> dict[str, Any]:
    return {
        "userId": user_id,
        "id": student.id,
        "email": student.email,
        "name": student.name,
        "locale": student.spoken,
        "updatedAt": student.updated_at.isoformat(),
    }


def _ms(instant: datetime) -> datetime:
    """As the database keeps it."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
