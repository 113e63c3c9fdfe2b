"""Fills the database of a local run with two schools; what is there already is left as it is."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from local.demo_schools import SCHOOLS, DemoEventType, DemoLanding, DemoSchool, DemoTeacher, DemoWorkshop
from local.issuer import Issuer
from shared.database import driver_url
from shared.models import (
    Availability,
    EventType,
    Schedule,
    TeacherCourseAssignment,
    Tenant,
    TenantLandingSettings,
    User,
    WhitelistEntry,
)
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import SchoolView
from shared.workshops.plan_sessions import plan_sessions
from shared.workshops.schemas import NewRecurrence

WEEKDAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SUPER_ADMIN = "super@platform.example"


def seed(owner_url: str, issuer: Issuer) -> dict[str, Any]:
    """Write the schools as the database's owner; returns what .local/state.json says of them."""
    engine = create_engine(driver_url(owner_url))
    with Session(engine) as session, session.begin():
        _super_admin(session)
        tenants = {school.subdomain: _school(session, school, issuer) for school in SCHOOLS}
    engine.dispose()
    return {"tenants": tenants, "superAdminToken": _token(issuer, SUPER_ADMIN)}


def _super_admin(session: Session) -> None:
    home = session.scalars(select(Tenant).filter_by(subdomain="default")).one()
    if not session.scalars(select(User).filter_by(email=SUPER_ADMIN)).first():
        session.add(_user(home, "Sam Super", SUPER_ADMIN, "SUPER_ADMIN"))


def _school(session: Session, school: DemoSchool, issuer: Issuer) -> dict[str, Any]:
    tenant = session.scalars(select(Tenant).filter_by(subdomain=school.subdomain)).first()
    if tenant is None:
        tenant = _written(session, school)
    teachers = session.scalars(
        select(User).filter_by(tenant_id=tenant.id, tenant_role="TEACHER").order_by(User.id)
    )
    event_types = session.scalars(select(EventType).filter_by(tenant_id=tenant.id).order_by(EventType.id))
    return {
        "id": tenant.id,
        "host": f"{tenant.subdomain}.localhost",
        "adminToken": _token(issuer, f"admin@{school.subdomain}.example"),
        "teachers": [
            {"id": each.id, "email": each.email, "token": _token(issuer, each.email)} for each in teachers
        ],
        "eventTypes": [{"id": each.id, "slug": each.slug, "kind": _kind(each)} for each in event_types],
    }


def _kind(event_type: EventType) -> str:
    if event_type.is_workshop:
        return "workshop"
    return "paid" if event_type.workshop_price else "free"


def _written(session: Session, school: DemoSchool) -> Tenant:
    tenant = Tenant(
        name=school.name,
        subdomain=school.subdomain,
        subscription_plan="PRO",
        max_teachers=50,
        max_bookings_per_month=5_000,
        max_event_types=200,
        subscription_start_date=datetime.now(UTC),
        settings={"locale": school.locale},
    )
    session.add(tenant)
    session.flush()
    session.add(_landing(tenant, school.landing))
    admin = _user(tenant, "Ada Admin", f"admin@{school.subdomain}.example", "TENANT_ADMIN")
    session.add(admin)
    teachers = [_teacher(session, tenant, teacher) for teacher in school.teachers]
    session.flush()
    for event_type in school.event_types:
        _event_type(session, tenant, admin, teachers, event_type)
    return tenant


def _landing(tenant: Tenant, told: DemoLanding) -> TenantLandingSettings:
    return TenantLandingSettings(
        tenant_id=tenant.id,
        template_id=told.design,
        primary_color=told.colours[0],
        secondary_color=told.colours[1],
        page_title=told.title,
        page_subtitle=told.subtitle,
        teacher_bio=told.about,
        social_links=told.profiles,
        published=True,
    )


def _user(tenant: Tenant, name: str, email: str, role: str) -> User:
    return User(tenant_id=tenant.id, name=name, email=email, tenant_role=role, uuid=uuid4())


def _teacher(session: Session, tenant: Tenant, told: DemoTeacher) -> User:
    teacher = _user(tenant, told.name, told.email, "TEACHER")
    teacher.time_zone = told.time_zone
    session.add(teacher)
    session.flush()
    schedule = Schedule(
        tenant_id=tenant.id, user_id=teacher.id, name="Working hours", time_zone=told.time_zone
    )
    session.add(schedule)
    session.flush()
    teacher.default_schedule_id = schedule.id
    for days, start, end in told.hours:
        hours = Availability(
            tenant_id=tenant.id,
            schedule_id=schedule.id,
            days=list(days),
            start_time=time.fromisoformat(start),
            end_time=time.fromisoformat(end),
        )
        session.add(hours)
    return teacher


def _event_type(
    session: Session, tenant: Tenant, owner: User, teachers: list[User], told: DemoEventType
) -> None:
    event_type = EventType(
        tenant_id=tenant.id,
        user_id=owner.id,
        title=told.title,
        slug=told.slug,
        description=told.description,
        length=told.length,
        minimum_booking_notice=60,
        workshop_price=told.price,
        workshop_currency=told.currency,
        whitelist_enabled=bool(told.whitelisted),
        is_workshop=told.seat_limit is not None,
        seat_limit=told.seat_limit,
        period_type="rolling",
        period_days=60,
        period_count_calendar_days=True,
    )
    session.add(event_type)
    session.flush()
    taught = {"tenant_id": tenant.id, "event_type_id": event_type.id, "is_published": True}
    session.add_all(TeacherCourseAssignment(teacher_id=each.id, **taught) for each in teachers)
    listed = {"tenant_id": tenant.id, "event_type_id": event_type.id, "added_by": owner.id}
    session.add_all(WhitelistEntry(email=email, **listed) for email in told.whitelisted)
    if told.workshop is not None:
        session.flush()
        _sessions(session, tenant, owner, teachers, event_type.id, told.workshop)


def _sessions(  # whose, and which
    session: Session,
    tenant: Tenant,
    owner: User,
    teachers: list[User],
    event_type_id: int,
    told: DemoWorkshop,
) -> None:
    """As an admin of the school would have them made."""
    school = SchoolView(
        id=tenant.id, name=tenant.name, subdomain=tenant.subdomain, plan="PRO", status="ACTIVE"
    )
    admin = StaffMember(owner.id, owner.name, owner.email, "TENANT_ADMIN", school)
    teacher = next(each for each in teachers if each.email == told.teacher)
    now = datetime.now(UTC)
    day = now.date() + timedelta(days=8)
    day += timedelta(days=(WEEKDAY_NAMES.index(told.weekday) - day.weekday()) % 7)
    rule = NewRecurrence.model_validate(
        {
            "frequency": "WEEKLY",
            "count": told.count,
            "start": f"{day}T{told.at}",
            "teacherId": teacher.id,
        }
    )
    plan_sessions(session.connection(), admin, event_type_id, rule, now)


def _token(issuer: Issuer, email: str) -> str:
    claims: Mapping[str, Any] = {"sub": email, "email": email, "email_verified": True}
    return issuer.token(claims)
