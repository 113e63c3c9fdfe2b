"""One teacher or event type more than the plan allows is refused, whoever else asks at that moment."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from shared.database import connect_database, in_tenant
from shared.plans import check_plan
from shared.plans.check_plan import Counted, features_of, require_feature, require_room
from shared.plans.plans import FEATURES, PLANS, Feature
from shared.tenant_scope import of_tenant
from shared.tenants.errors import PlanLimitReached, TenantNotFound
from tests.schools import School, make_school

HIRE = text("""
    INSERT INTO users (email, "tenantId", "tenantRole", uuid)
    VALUES (gen_random_uuid() || '@aurora.test', :tenant, 'TEACHER', gen_random_uuid())
""")
PUBLISH = text("""
    INSERT INTO "EventType" ("tenantId", title, slug, length)
    VALUES (:tenant, 'New', gen_random_uuid()::text, 30)
""")
WRITES: dict[Counted, Any] = {"maxTeachers": HIRE, "maxEventTypes": PUBLISH}


@pytest.fixture
def engine(school: School) -> Iterator[Engine]:
    made = connect_database(school.database.app_url)
    yield made
    made.dispose()


def add(engine: Engine, school: School, limit: Counted, more: int = 1) -> None:
    """What a use case does that adds so many."""

    def work(connection: Connection) -> None:
        require_room(connection, school.id, limit, more)
        for _ in range(more):
            connection.execute(WRITES[limit], {"tenant": school.id})

    in_tenant(engine, of_tenant(school.id), work)


def has_feature(engine: Engine, school: School, feature: Feature) -> bool:
    try:
        in_tenant(engine, of_tenant(school.id), lambda c: require_feature(c, school.id, feature))
    except PlanLimitReached as refused:
        return refused.members != {"limit": f"features.{feature}"}
    return True


@pytest.mark.parametrize("limit", WRITES)
def test_one_more_than_allowed_is_refused_and_told_how_many_there_are(
    engine: Engine, school: School, limit: Counted
) -> None:
    school.change("Tenant", school.id, **{limit: 2})
    add(engine, school, limit)
    with pytest.raises(PlanLimitReached) as refused:
        add(engine, school, limit)
    assert refused.value.members == {"limit": limit, "used": 2, "allowed": 2}


@pytest.mark.parametrize("limit", WRITES)
def test_several_at_once_fit_all_or_not_at_all(engine: Engine, school: School, limit: Counted) -> None:
    school.change("Tenant", school.id, **{limit: 3})
    with pytest.raises(PlanLimitReached):
        add(engine, school, limit, more=3)
    add(engine, school, limit, more=2)


@pytest.mark.parametrize("limit", WRITES)
def test_beyond_a_limit_that_was_lowered_nothing_is_added(
    engine: Engine, school: School, limit: Counted
) -> None:
    add(engine, school, limit, more=3)
    school.change("Tenant", school.id, **{limit: 1})
    with pytest.raises(PlanLimitReached) as refused:
        add(engine, school, limit)
    assert refused.value.members["used"] == 4


def test_a_school_that_is_not_there_is_not_found(engine: Engine, school: School) -> None:
    for ask in (
        lambda c: require_room(c, 2_000_000_000, "maxTeachers"),
        lambda c: require_feature(c, 2_000_000_000, "workshops"),
    ):
        with pytest.raises(TenantNotFound):
            in_tenant(engine, of_tenant(school.id), ask)


def test_locked_teachers_drafts_and_other_schools_take_no_room(engine: Engine, school: School) -> None:
    lotus = make_school(school.database, "lotus")
    lotus.add_teacher()
    school.change("users", school.teacher_id, locked=True)
    school.change("EventType", school.lesson_id, isPublished=False)
    school.change("Tenant", school.id, maxTeachers=1, maxEventTypes=1)
    add(engine, school, "maxTeachers")
    add(engine, school, "maxEventTypes")


@pytest.mark.parametrize(("column", "value"), [("maxTeachers", 2_147_483_647), ("maxEventTypes", None)])
def test_unlimited_is_not_counted_against(
    engine: Engine, school: School, column: Counted, value: int | None
) -> None:
    school.change("Tenant", school.id, **{column: value})
    add(engine, school, column, more=5)


def race(school: School) -> list[bool]:
    """Eight hire at once where one fits; whether each did."""

    def hire(_: int) -> bool:
        engine = connect_database(school.database.app_url)
        try:
            add(engine, school, "maxTeachers")
        except PlanLimitReached:
            return False
        finally:
            engine.dispose()
        return True

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(hire, range(8)))


@pytest.fixture
def one_fits(school: School, monkeypatch: pytest.MonkeyPatch) -> School:
    """What was counted is old when it is used, unless everybody else waits meanwhile."""
    school.change("Tenant", school.id, maxTeachers=2)
    slowly = text(f"{check_plan._COUNTS['maxTeachers'].text} AND pg_sleep(0.2) IS NOT NULL")
    monkeypatch.setitem(check_plan._COUNTS, "maxTeachers", slowly)
    return school


@pytest.mark.race
def test_of_eight_for_the_last_place_exactly_one_has_it(one_fits: School) -> None:
    assert sorted(race(one_fits)) == [False] * 7 + [True]


def test_without_the_lock_the_plan_is_overrun(one_fits: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin."""
    monkeypatch.setattr(check_plan, "_LOCK", text("SELECT CAST(:tenant AS int), CAST(:lock AS int)"))
    assert sum(race(one_fits)) > 1


@pytest.mark.parametrize("plan", PLANS)
def test_a_school_may_use_the_features_of_its_plan(engine: Engine, school: School, plan: str) -> None:
    school.change("Tenant", school.id, subscriptionPlan=plan)
    allowed = {feature for feature in FEATURES if has_feature(engine, school, feature)}
    assert allowed == PLANS[plan].features  # type: ignore[index]  # the names of the table itself


@pytest.mark.parametrize(
    ("own", "allowed"),
    [
        (None, "whitelist workshops"),
        ({}, "whitelist workshops"),
        ({"customDomain": True}, "customDomain whitelist workshops"),
        ({"workshops": False}, "whitelist"),
        ({"workshops": None, "customDomain": None}, "whitelist workshops"),
        ({"workshops": "no", "teleport": True}, "whitelist workshops"),
        ([1, 2], "whitelist workshops"),
    ],
    ids=str,
)
def test_what_the_school_has_of_its_own_goes_before_the_plan(
    engine: Engine, school: School, own: Any, allowed: str
) -> None:
    school.database.rows(
        """UPDATE "Tenant" SET "subscriptionPlan" = 'STARTER', features = to_jsonb(CAST(:own AS json))
           WHERE id = :id""",
        own=None if own is None else json.dumps(own),
        id=school.id,
    )
    assert in_tenant(engine, of_tenant(school.id), lambda c: features_of(c, school.id)) == set(
        allowed.split()
    )
