"""An admin sets up what can be booked; what the plan, the keys or the currency do not allow is refused."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.bookings.requests import lesson, next_monday
from tests.functions import Answer, Api
from tests.schools import School, make_school
from tests.staff.people import Person, audited, last_changes, refused
from tests.workshops.workshop import make_workshop

TALK = {"title": "Small talk", "length": 25}
PRICE = {"amount": "15.00", "currency": "EUR"}


def made(admin: Person, **more: Any) -> dict[str, Any]:
    answer = admin.post("/event-types", {**TALK, **more})
    assert answer.status == 201, answer
    told: dict[str, Any] = answer.json
    return told


def change(admin: Person, event_type: int, **changes: Any) -> Answer:
    return admin.patch(f"/event-types/{event_type}", changes)


def with_keys(school: School) -> None:
    school.change("Tenant", school.id, stripeSecretKeyEncrypted="sealed", stripeLivemode=False)


def on_plan(school: School, plan: str) -> None:
    school.change("Tenant", school.id, subscriptionPlan=plan)


def test_a_teacher_sees_them_and_changes_none(admin: Person, teacher: Person, school: School) -> None:
    path = f"/event-types/{school.lesson_id}"
    assert (teacher.get("/event-types").status, teacher.get(path).status) == (200, 200)
    for answer in (teacher.post("/event-types", TALK), teacher.patch(path, {}), teacher.delete(path)):
        assert refused(answer) == (403, "forbidden")
    assert audited(school.database) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "two\nlines"},
        {"title": None},
        {"length": 0},
        {"length": 10_081},
        {"length": "30"},
        {"length": 30.5},
        {"slug": "No Slug"},
        {"slug": "-a"},
        {"price": {"amount": "0", "currency": "EUR"}},
        {"price": {"amount": "-1", "currency": "EUR"}},
        {"price": {"amount": "NaN", "currency": "EUR"}},
        {"price": {"amount": "15.001", "currency": "EUR"}},
        {"price": {"amount": "15", "currency": "eur"}},
        {"price": {"amount": "15", "currency": "XXX"}},
        {"seatLimit": 3},
        {"kind": "workshop", "seatLimit": 0},
        {"kind": "workshop", "seatLimit": 1_000_000_000},
        {"refundWindowHours": -1},
        {"period": {"type": "rolling"}},
        {"period": {"type": "range", "start": "2030-02-01", "end": "2030-01-01"}},
        {"period": {"type": "range", "start": "2030-02-30", "end": "2030-03-01"}},
        {"bookingLimits": {"PER_DAY": 0}},
        {"bookingLimits": {"PER_HOUR": 1}},
        {"isPublished": "yes"},
        {"tenantId": 1},
        {"id": 7},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(admin: Person, school: School, wrong: dict[str, Any]) -> None:
    assert refused(admin.post("/event-types", {**TALK, **wrong})) == (422, "invalid_request")
    assert audited(school.database) == []


@pytest.mark.parametrize(
    ("amount", "currency", "status"),
    [
        ("5.12", "KWD", 201),
        ("500", "JPY", 201),
        ("10", "ISK", 201),
        ("500.50", "JPY", 422),
        ("10.50", "ISK", 422),
        ("99999999.99", "EUR", 422),
    ],
)
def test_a_price_must_be_one_that_the_currency_has_coins_for(
    admin: Person, school: School, amount: str, currency: str, status: int
) -> None:
    answer = admin.post("/event-types", {**TALK, "price": {"amount": amount, "currency": currency}})
    assert answer.status == status
    if status == 422:
        assert answer.code == "price_not_expressible"
    else:
        assert answer.json["price"] == {"amount": f"{float(amount):.2f}", "currency": currency}


def test_it_is_unpublished_unless_said_and_has_a_slug_of_its_own(admin: Person, api: Api) -> None:
    first, second = made(admin), made(admin)
    assert (first["isPublished"], first["slug"], second["slug"]) == (False, "small-talk", "small-talk-course")
    assert made(admin, title="课程")["slug"] != ""
    assert api.get(f"/v1/event-types/{first['id']}").code == "event_type_not_found"


def test_a_slug_is_of_one_event_type_of_the_school(admin: Person, school: School, api: Api) -> None:
    assert refused(admin.post("/event-types", {**TALK, "slug": "conversation"})) == (409, "slug_taken")
    other = made(admin)["id"]
    assert refused(change(admin, other, slug="conversation")) == (409, "slug_taken")
    lotus = make_school(school.database, "lotus")
    admin.api.tenant = "lotus"
    assert admin.named(lotus.admin_email).post("/event-types", {**TALK, "slug": "small-talk"}).status == 201


def test_what_is_made_is_told_and_noted(admin: Person, school: School) -> None:
    asked: dict[str, Any] = {
        **TALK,
        "description": "Of this and that.\nAnd more.",
        "price": PRICE,
        "slotInterval": 15,
        "beforeEventBuffer": 5,
        "period": {"type": "range", "start": "2030-01-07", "end": "2030-02-28"},
        "bookingLimits": {"PER_DAY": 3, "PER_WEEK": 10},
        "maxActiveBookingsPerBooker": 2,
    }
    told = made(admin, **asked)
    for name in ("description", "price", "slotInterval", "beforeEventBuffer", "bookingLimits"):
        assert told[name] == asked[name]
    assert told["period"] == {**asked["period"], "countCalendarDays": True}
    assert admin.get(f"/event-types/{told['id']}").json == told
    assert audited(school.database) == [("eventType.created", "eventType", str(told["id"]))]
    assert last_changes(school.database)["title"] == {"before": None, "after": "Small talk"}


def test_what_calcom_has_for_the_same_follows(admin: Person, school: School) -> None:
    with_keys(school)
    told = made(admin, kind="workshop", seatLimit=4, price=PRICE, isPublished=True)

    def twins() -> Any:
        (row,) = school.database.rows('SELECT * FROM "EventType" WHERE id = :id', id=told["id"])
        return row["seatsPerTimeSlot"], row["hidden"], row["price"], row["currency"]

    assert twins() == (4, False, 1500, "eur")
    change(admin, told["id"], isPublished=False, price=None, seatLimit=None)
    assert twins() == (None, True, 0, "usd")
    assert admin.get(f"/event-types/{told['id']}").json.get("price") is None


def test_the_same_key_makes_one(admin: Person, school: School) -> None:
    first = admin.post("/event-types", TALK, key="k")
    again = admin.post("/event-types", TALK, key="k")
    assert (first.status, again.status, again.headers["idempotent-replayed"]) == (201, 201, "true")
    assert first.json == again.json
    assert first.headers["location"] == f"/v1/admin/event-types/{first.json['id']}"
    assert refused(admin.post("/event-types", {**TALK, "length": 30}, key="k")) == (
        422,
        "idempotency_key_reused",
    )
    assert len(audited(school.database)) == 1


def test_the_longest_key_is_kept_too(admin: Person) -> None:
    first, again = (admin.post("/event-types", TALK, key="k" * 255) for _ in range(2))
    assert (first.status, first.json) == (201, again.json)


def test_only_what_is_said_changes(admin: Person, school: School) -> None:
    before = admin.get(f"/event-types/{school.lesson_id}")
    after = change(admin, school.lesson_id, title="Talk")
    assert (before.json["title"], after.json["title"]) == ("Conversation", "Talk")
    assert {**before.json, "title": "Talk", "updatedAt": after.json["updatedAt"]} == after.json
    assert last_changes(school.database) == {"title": {"before": "Conversation", "after": "Talk"}}


def test_a_change_to_what_has_changed_since_is_refused(admin: Person, school: School) -> None:
    path = f"/event-types/{school.lesson_id}"
    seen = admin.get(path).headers["etag"]
    newer = admin.patch(path, {"title": "Talk"}, match=seen)
    assert newer.status == 200
    assert refused(admin.patch(path, {"title": "Chat"}, match=seen)) == (412, "precondition_failed")
    assert refused(admin.delete(path, match=seen)) == (412, "precondition_failed")
    assert admin.patch(path, {"title": "Chat"}, match=newer.headers["etag"]).status == 200
    assert admin.delete(path, match="*").status == 204


def test_what_costs_something_is_not_published_without_keys(admin: Person, school: School) -> None:
    draft = made(admin, price=PRICE)["id"]
    assert refused(change(admin, draft, isPublished=True)) == (409, "payments_not_set_up")
    assert refused(admin.post("/event-types", {**TALK, "price": PRICE, "isPublished": True}))[0] == 409
    assert refused(change(admin, school.lesson_id, price=PRICE)) == (409, "payments_not_set_up")
    with_keys(school)
    assert change(admin, draft, isPublished=True).json["isPublished"] is True


@pytest.mark.parametrize(
    ("wanted", "feature"),
    [({"kind": "workshop"}, "features.workshops"), ({"whitelistEnabled": True}, "features.whitelist")],
)
def test_what_the_plan_does_not_have_is_refused(
    admin: Person, school: School, wanted: dict[str, Any], feature: str
) -> None:
    on_plan(school, "LITE")
    answer = admin.post("/event-types", {**TALK, **wanted})
    assert (*refused(answer), answer.json["limit"]) == (403, "plan_limit_reached", feature)
    on_plan(school, "STARTER")
    assert admin.post("/event-types", {**TALK, **wanted, "isPublished": True}).status == 201


def test_a_draft_of_a_better_plan_is_not_published_but_what_is_published_stays(
    admin: Person, school: School
) -> None:
    draft, published = (
        made(admin, kind="workshop")["id"],
        made(admin, kind="workshop", isPublished=True)["id"],
    )
    on_plan(school, "LITE")
    assert refused(change(admin, draft, isPublished=True)) == (403, "plan_limit_reached")
    assert change(admin, published, title="Still here").status == 200


def test_the_plan_counts_what_is_published(admin: Person, school: School) -> None:
    school.change("Tenant", school.id, maxEventTypes=2)
    made(admin, isPublished=True)
    draft = made(admin)["id"]
    answer = change(admin, draft, isPublished=True)
    assert refused(answer) == (403, "plan_limit_reached")
    assert {name: answer.json[name] for name in ("limit", "used", "allowed")} == {
        "limit": "maxEventTypes",
        "used": 2,
        "allowed": 2,
    }
    change(admin, school.lesson_id, isPublished=False)
    assert change(admin, draft, isPublished=True).status == 200


def test_what_is_booked_is_not_touched(admin: Person, school: School, api: Api) -> None:
    booked = api.post("/v1/bookings", lesson(school, next_monday(9))).json
    change(admin, school.lesson_id, length=60, isPublished=False)
    row = school.database.rows("""SELECT "endTime" - "startTime" AS lasts, status::text FROM "Booking" """)
    assert (str(row[0]["lasts"]), row[0]["status"]) == ("0:30:00", "accepted")
    assert api.post("/v1/bookings", lesson(school, next_monday(11))).code == "event_type_not_found"
    held = {"x-manage-token": booked["manageToken"]}
    assert api.get(f"/v1/bookings/{booked['uid']}", headers=held).json["status"] == "accepted"


def test_only_what_was_never_booked_is_deleted(admin: Person, school: School, api: Api) -> None:
    api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert refused(admin.delete(f"/event-types/{school.lesson_id}")) == (409, "event_type_in_use")
    empty = made(admin)["id"]
    gone = admin.delete(f"/event-types/{empty}")
    assert (gone.status, gone.text) == (204, "")
    assert refused(admin.get(f"/event-types/{empty}")) == (404, "event_type_not_found")
    assert audited(school.database)[-1] == ("eventType.deleted", "eventType", str(empty))


def test_a_workshop_somebody_waits_for_is_not_deleted(admin: Person, school: School, api: Api) -> None:
    workshop = make_workshop(school, seats=1)
    workshop.add_session(1)
    school.database.rows('UPDATE "WorkshopSession" SET "seatLimit" = 1, "seatsTaken" = 1')
    assert workshop.wait(api).status == 201
    assert refused(admin.delete(f"/event-types/{workshop.id}")) == (409, "event_type_in_use")


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 101}, {"kind": "x"}, {"published": "maybe"}, {"a": 1}]
)
def test_a_filter_that_is_none_is_refused(admin: Person, query: dict[str, Any]) -> None:
    assert refused(admin.get(f"/event-types?{urlencode(query)}")) == (422, "invalid_request")


def test_they_are_listed_by_pages_and_filters(admin: Person, school: School) -> None:
    names = [school.lesson_id, *(made(admin, title=f"Talk {n}", kind="workshop")["id"] for n in range(3))]

    def found(**query: Any) -> list[int]:
        told = admin.get(f"/event-types?{urlencode(query)}").json
        return [each["id"] for each in told["eventTypes"]]

    first = admin.get("/event-types?limit=3").json
    assert [each["id"] for each in first["eventTypes"]] == names[:3]
    assert found(limit=3, cursor=first["nextCursor"]) == names[3:]
    assert found(kind="workshop") == names[1:]
    assert found(published="true") == names[:1]
    assert found(search="ALK 2") == names[3:]
    assert found(search="100%") == []


def test_one_of_calcoms_that_makes_no_sense_is_told_and_can_be_mended(admin: Person, school: School) -> None:
    school.change("EventType", school.lesson_id, length=0, bookingLimits='{"PER_DAY": "x"}', title="")
    told = admin.get(f"/event-types/{school.lesson_id}")
    assert (told.status, told.json["length"]) == (200, 0)
    assert refused(change(admin, school.lesson_id, length=30)) == (422, "invalid_request")
    assert change(admin, school.lesson_id, length=30, title="Talk").status == 200


def test_another_schools_event_type_is_not_there(admin: Person, school: School) -> None:
    theirs = make_school(school.database, "lotus").lesson_id
    path = f"/event-types/{theirs}"
    for answer in (admin.get(path), admin.patch(path, {"title": "Mine"}), admin.delete(path)):
        assert refused(answer) == (404, "event_type_not_found")


def test_a_suspended_school_looks_and_changes_nothing(admin: Person, school: School) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    path = f"/event-types/{school.lesson_id}"
    assert admin.get(path).status == 200
    for answer in (admin.post("/event-types", TALK), admin.patch(path, {"title": "T"}), admin.delete(path)):
        assert refused(answer) == (403, "tenant_suspended")
