"""The platform takes in a school: its plan, its address, and a first admin, who is invited by mail."""

import json
from datetime import datetime

from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, record_audit
from shared.bookings.idempotency import request_hash
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.plans.plans import PLANS, UNLIMITED_TEACHERS
from shared.staff.add_staff import NewColleague, add_staff
from shared.staff.find_staff import StaffMember
from shared.tenants.errors import SubdomainTaken
from shared.tenants.queries import get_tenant
from shared.tenants.schemas import NewTenant, TenantView
from shared.tenants.subdomain import is_reserved

_CREATE = text("""
    INSERT INTO "Tenant" (name, subdomain, "subscriptionPlan", "subscriptionStartDate", "maxTeachers",
                          "maxBookingsPerMonth", "maxEventTypes", settings, "createdAt", "updatedAt")
    SELECT :name, :subdomain, :plan, made, :teachers, CAST(:bookings AS int), CAST(:event_types AS int),
           CAST(:settings AS jsonb), made, made
    FROM (SELECT CAST(:now AS timestamptz) AT TIME ZONE 'UTC') AS clock (made)
    ON CONFLICT DO NOTHING RETURNING id
""")


def create_tenant(
    connection: Connection, by: StaffMember, command: NewTenant, key: str | None, now: datetime
) -> Answered[TenantView]:
    """The school; its first admin is a row of the staff who has not signed in yet.

    Raises SubdomainTaken, EmailTaken, IdempotencyKeyInUse, IdempotencyKeyReused.
    """
    request = Request(by.tenant.id, "createTenant", key, request_hash(command))
    return answer_once(connection, request, TenantView, lambda: _create(connection, by, command, now))


def _create(connection: Connection, by: StaffMember, command: NewTenant, now: datetime) -> TenantView:
    if is_reserved(command.subdomain):
        raise SubdomainTaken
    tenant_id = connection.execute(_CREATE, _values(command, now)).scalar_one_or_none()
    if tenant_id is None:
        raise SubdomainTaken
    admin = command.admin
    add_staff(
        connection,
        tenant_id,
        "TENANT_ADMIN",
        NewColleague(admin.name, admin.email, admin.time_zone, command.locale),
        now,
    )
    changes = {"subdomain": {"after": command.subdomain}, "plan": {"after": command.plan}}
    record_audit(connection, tenant_id, by, "tenant.created", Subject("tenant", tenant_id), now, changes)
    return get_tenant(connection, tenant_id)


def _values(command: NewTenant, now: datetime) -> dict[str, object]:
    plan = PLANS[command.plan]
    return {
        "name": command.name,
        "subdomain": command.subdomain,
        "plan": command.plan,
        "teachers": UNLIMITED_TEACHERS if plan.max_teachers is None else plan.max_teachers,
        "bookings": plan.max_bookings_per_month,
        "event_types": plan.max_event_types,
        "settings": json.dumps({"locale": command.locale}),
        "now": now,
    }
