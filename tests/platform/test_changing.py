"""The platform changes what a school may, and tells who did what."""

from typing import Any

import pytest

from tests.databases import TestDatabase
from tests.functions import Api
from tests.platform.root import NEW, Root, audit
from tests.schools import School


def limits(**others: int | None) -> dict[str, int]:
    told = {"maxTeachers": 3, "maxBookingsPerMonth": 200, "maxEventTypes": 10, **others}
    return {name: value for name, value in told.items() if value is not None}


@pytest.fixture
def lotus(root: Root) -> int:
    """A school of the plan STARTER."""
    return int(root.post(body=NEW).json["id"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"plan": "GOLD"},
        {"limits": {"maxTeachers": -1}},
        {"limits": {"maxTeachers": 1.5}},
        {"limits": {"maxTeachers": "3"}},
        {"limits": {"maxBookingsPerMonth": 2_147_483_648}},
        {"limits": {"maxStudents": 3}},
        {"features": {"teleport": True}},
        {"features": {"workshops": "yes"}},
        {"name": "a\nb"},
        {"subdomain": "lily"},
        {"status": "SUSPENDED"},
        [],
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nothing_changes(root: Root, lotus: int, wrong: Any) -> None:
    before = root.get(f"/{lotus}").json
    answer = root.patch(lotus, wrong)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert root.get(f"/{lotus}").json == before


@pytest.mark.parametrize("tenant", ["2000000000", "99999999999", "0", "-1", "aurora", "1.0", "%31"])
def test_a_school_that_is_not_there_is_not_found(root: Root, school: School, tenant: str) -> None:
    answers = [
        root.get(f"/{tenant}"),
        root.api.patch(f"/v1/platform/tenants/{tenant}", {}, claims={"email": "root@platform.test"}),
        *(root.post(f"/{tenant}/{change}", {"reason": "x"}) for change in ("suspend", "resume", "cancel")),
    ]
    assert {answer.status for answer in answers[:2]} == {404}
    assert {answer.status for answer in answers[2:]} <= {404, 422}


def test_what_somebody_changed_meanwhile_is_not_overwritten(root: Root, lotus: int) -> None:
    seen = root.get(f"/{lotus}").headers["etag"]
    assert root.patch(lotus, {"name": "First"}, headers={"If-Match": seen}).status == 200
    late = root.patch(lotus, {"name": "Second"}, headers={"If-Match": seen})
    assert (late.status, late.code) == (412, "precondition_failed")
    assert root.suspend(lotus, headers={"If-Match": seen}).code == "precondition_failed"
    told = root.get(f"/{lotus}").json
    assert (told["name"], told["status"]) == ("First", "ACTIVE")


def test_the_answer_to_a_change_has_the_tag_of_what_is_there_then(root: Root, lotus: int) -> None:
    changed = root.patch(lotus, {"name": "First"})
    assert changed.headers["etag"] == root.get(f"/{lotus}").headers["etag"]
    again = root.patch(lotus, {"name": "Second"}, headers={"If-Match": f'"x", {changed.headers["etag"]}'})
    assert again.json["name"] == "Second"
    assert root.patch(lotus, {"name": "Third"}, headers={"If-Match": "*"}).status == 200


def test_a_plan_brings_its_limits_and_single_ones_may_differ(root: Root, lotus: int) -> None:
    told = root.patch(lotus, {"plan": "GROWTH", "limits": {"maxTeachers": 12, "maxEventTypes": None}}).json
    assert told["plan"] == "GROWTH"
    assert told["limits"] == limits(maxTeachers=12, maxBookingsPerMonth=1_000, maxEventTypes=None)


def test_one_limit_is_changed_and_the_others_stay(root: Root, lotus: int) -> None:
    assert root.patch(lotus, {"limits": {"maxBookingsPerMonth": 250}}).json["limits"] == limits(
        maxBookingsPerMonth=250
    )
    assert root.patch(lotus, {"limits": {"maxTeachers": None}}).json["limits"] == limits(
        maxBookingsPerMonth=250, maxTeachers=None
    )
    assert root.patch(lotus, {"plan": "STARTER"}).json["limits"] == limits()


def test_a_feature_is_granted_or_withheld_whatever_the_plan(root: Root, lotus: int) -> None:
    told = root.patch(lotus, {"features": {"customDomain": True, "workshops": False}}).json
    assert told["features"] == ["customDomain", "whitelist"]
    told = root.patch(lotus, {"plan": "LITE"}).json
    assert told["features"] == ["customDomain"]
    told = root.patch(lotus, {"features": {"customDomain": None, "workshops": None}}).json
    assert (told["features"], told["featureOverrides"]) == ([], {})


def test_before_and_after_are_written_down(root: Root, lotus: int, database: TestDatabase) -> None:
    root.patch(lotus, {"plan": "LITE"})
    root.patch(lotus, {})
    root.suspend(lotus)
    root.post(f"/{lotus}/resume")
    events = audit(database, lotus)
    assert [event[1] for event in events] == [
        "tenant.created",
        "tenant.updated",
        "tenant.suspended",
        "tenant.resumed",
    ]
    assert events[1][3]["plan"] == {"before": "STARTER", "after": "LITE"}
    assert events[1][3]["limits"]["after"]["maxTeachers"] == 1
    assert events[2][3] == {
        "status": {"before": "ACTIVE", "after": "SUSPENDED"},
        "statusReason": "changed",
    }


def test_the_pages_hold_every_school_once(root: Root) -> None:
    for number in range(7):
        admin = {"name": "Lan", "email": f"lan{number}@lotus.example"}
        assert root.post(body=NEW | {"subdomain": f"lotus{number}", "admin": admin}).status == 201
    found, cursor = [], ""
    while True:
        page = root.get(f"?limit=3{cursor}").json
        found += [each["subdomain"] for each in page["tenants"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert found == ["default", *(f"lotus{number}" for number in range(7))]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("search=LOT", ["lotus"]),
        ("search=%25", []),
        ("search=%20&plan=STARTER", ["lotus"]),
        ("search=_", []),
        ("search=learn.example", ["aurora"]),
        ("plan=STARTER", ["lotus"]),
        ("plan=STARTER&status=SUSPENDED", []),
        ("status=SUSPENDED", ["aurora"]),
        ("cursor=9999999999", []),
    ],
)
def test_schools_are_found(root: Root, school: School, lotus: int, asked: str, found: list[str]) -> None:
    school.change("Tenant", school.id, customDomain="learn.example", subscriptionStatus="SUSPENDED")
    assert [each["subdomain"] for each in root.get(f"?{asked}").json["tenants"]] == found


@pytest.mark.parametrize("asked", ["limit=0", "limit=101", "plan=GOLD", "cursor=x", "who=1"])
def test_a_question_that_makes_no_sense_is_refused(root: Root, asked: str) -> None:
    answer = root.get(f"?{asked}")
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_the_host_of_a_school_makes_no_difference(root: Root, school: School, lotus: int) -> None:
    on_host = Api(root.api.function, tenant="aurora").get(
        f"/v1/platform/tenants/{lotus}", claims={"email": "root@platform.test"}, host="aurora.booking.test"
    )
    assert on_host.json["id"] == lotus
