"""How a school shows itself and wants things done, by its admins; and its students."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.bookings.requests import MAI, lesson, next_monday
from tests.functions import Api
from tests.schools import School, make_school
from tests.staff.people import Person, audited, last_changes, refused
from tests.workshops.workshop import make_workshop

PAGE: dict[str, Any] = {
    "pageTitle": "Aurora",
    "primaryColor": "#AA00ff",
    "logoUrl": "https://images.test/logo.png?v=2",
    "heroImageUrl": "https://a.cdn.test/hero.jpg",
    "socialLinks": {"facebook": "https://www.facebook.com/aurora", "youtube": "https://youtu.be/x"},
    "seoSettings": {"metaTitle": "Learn here", "ogImage": "https://images.test/og.png"},
    "published": True,
}


def test_only_admins_see_and_change_them(teacher: Person, school: School) -> None:
    for answer in (
        *(
            teacher.get(f"/{path}")
            for path in ("landing", "landing/templates", "settings", "students", "audit")
        ),
        teacher.put("/landing", PAGE),
        teacher.patch("/settings", {"name": "Mine"}),
    ):
        assert refused(answer) == (403, "forbidden")
    assert audited(school.database) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"primaryColor": "red"},
        {"primaryColor": "#12345"},
        {"primaryColor": "#12345g"},
        {"primaryColor": "#123456;background:url(x)"},
        {"logoUrl": "http://images.test/logo.png"},
        {"logoUrl": "javascript:alert(1)"},
        {"logoUrl": "//images.test/logo.png"},
        {"logoUrl": "https://images.test:8443/logo.png"},
        {"logoUrl": "https://images.test@evil.test/logo.png"},
        {"logoUrl": "https://images.test\\@evil.test/logo.png"},
        {"logoUrl": "https://evil.test/logo.png"},
        {"logoUrl": "https://images.test.evil.test/logo.png"},
        {"logoUrl": "https://evilimages.test/logo.png"},
        {"logoUrl": "https://cdn.test.evil/logo.png"},
        {"logoUrl": 'https://images.test/"><script>'},
        {"heroImageUrl": "https://169.254.169.254/latest"},
        {"seoSettings": {"ogImage": "https://evil.test/og.png"}},
        {"seoSettings": {"metaTitle": "two\nlines"}},
        {"seoSettings": {"metaTitle": "x" * 121}},
        {"socialLinks": {"facebook": "https://evil.test/aurora"}},
        {"socialLinks": {"facebook": "https://facebook.com.evil.test/aurora"}},
        {"socialLinks": {"tiktok": "https://www.facebook.com/aurora"}},
        {"socialLinks": {"myspace": "https://myspace.com/aurora"}},
        {"ctaButtonText": ""},
        {"ctaButtonText": "x" * 41},
        {"templateId": 99},
        {"templateId": 0},
        {"published": "yes"},
        {"tenantId": 1},
    ],
    ids=str,
)
def test_what_may_not_be_shown_is_refused(admin: Person, school: School, wrong: dict[str, Any]) -> None:
    assert refused(admin.put("/landing", {**PAGE, **wrong})) == (422, "invalid_request")
    assert audited(school.database) == []


def test_a_page_is_put_as_a_whole(admin: Person, school: School) -> None:
    untouched = admin.get("/landing")
    assert (untouched.json["templateId"], untouched.json["published"]) == (1, False)
    first = admin.put("/landing", PAGE, match=untouched.headers["etag"])
    assert {**first.json, **PAGE} == first.json
    assert first.json["ctaButtonText"] == "Book Now"
    assert admin.get("/landing").headers["etag"] == first.headers["etag"]
    second = admin.put("/landing", {"pageTitle": "Only this"}, match=first.headers["etag"])
    assert "logoUrl" not in second.json
    stale = admin.put("/landing", PAGE, match=first.headers["etag"])
    assert refused(stale) == (412, "precondition_failed")
    assert last_changes(school.database)["pageTitle"] == {"before": "Aurora", "after": "Only this"}


def test_other_designs_are_of_better_plans(admin: Person, school: School) -> None:
    school.change("Tenant", school.id, subscriptionPlan="STARTER")
    told = admin.get("/landing/templates").json["templates"]
    assert [(each["id"], each["available"]) for each in told] == [(n, n == 1) for n in range(1, 6)]
    answer = admin.put("/landing", {"templateId": 2})
    assert (*refused(answer), answer.json["limit"]) == (
        403,
        "plan_limit_reached",
        "features.landingTemplates",
    )
    school.change("Tenant", school.id, subscriptionPlan="GROWTH")
    assert admin.put("/landing", {"templateId": 2}).json["templateId"] == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": None},
        {"locale": "vietnamese"},
        {"timeZone": "Mars/Olympus"},
        {"replyTo": "hello@aurora.test\r\nBcc: all@example.com"},
        {"waitlistOfferHours": 0},
        {"waitlistOfferHours": 169},
        {"subdomain": "lotus"},
        {"subscriptionPlan": "ENTERPRISE"},
        {"features": {}},
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(admin: Person, school: School, wrong: dict[str, Any]) -> None:
    assert refused(admin.patch("/settings", wrong)) == (422, "invalid_request")


def test_settings_change_one_by_one_and_others_things_stay(admin: Person, school: School) -> None:
    school.change("Tenant", school.id, settings='{"immersioSync": "off", "locale": "vi"}')
    seen = admin.get("/settings")
    assert seen.json == {"name": "Aurora", "subdomain": "aurora", "locale": "vi", "waitlistOfferHours": 12}
    told = admin.patch("/settings", {"replyTo": "Hello@Aurora.test"}, match=seen.headers["etag"])
    assert told.json == {**seen.json, "replyTo": "hello@aurora.test"}
    kept = school.database.value('SELECT settings FROM "Tenant" WHERE id = :t', t=school.id)
    assert (kept["immersioSync"], kept["locale"]) == ("off", "vi")
    assert refused(admin.patch("/settings", {"name": "X"}, match=seen.headers["etag"]))[0] == 412
    assert last_changes(school.database) == {"replyTo": "changed"}


def test_a_freed_seat_is_held_as_long_as_the_school_says(admin: Person, school: School, api: Api) -> None:
    admin.patch("/settings", {"waitlistOfferHours": 3})
    workshop = make_workshop(school, seats=1)
    workshop.add_session(1, seats=1)
    mine = api.post("/v1/bookings", workshop.seat()).json
    workshop.wait(api)
    api.post(f"/v1/bookings/{mine['uid']}/cancel", {}, headers={"x-manage-token": mine["manageToken"]})
    held = school.database.value(
        """SELECT extract(epoch FROM "holdExpiresAt" - "createdAt") / 3600 FROM "Booking"
           WHERE status = 'pending'"""
    )
    assert round(float(held), 2) == 3


def test_students_are_found_and_counted(admin: Person, school: School, api: Api) -> None:
    for email, tenant in ((MAI["email"], school.id), ("lan@example.com", school.id)):
        school.database.rows(
            """INSERT INTO users (email, name, "tenantId", uuid) VALUES (:e, :e, :t, gen_random_uuid())""",
            e=email,
            t=tenant,
        )
    api.post("/v1/bookings", lesson(school, next_monday(9)))

    def found(**query: Any) -> list[str]:
        return [each["email"] for each in admin.get(f"/students?{urlencode(query)}").json["students"]]

    assert found() == [MAI["email"], "lan@example.com"]
    assert found(email="MAI@example.com") == [MAI["email"]]
    assert found(search="lan") == ["lan@example.com"]
    first = admin.get("/students?limit=1").json
    assert found(limit=1, cursor=first["nextCursor"]) == ["lan@example.com"]
    told = admin.get(f"/students/{first['students'][0]['id']}").json
    assert (told["bookings"], told["upcomingBookings"]) == (1, 1)


def test_staff_and_other_schools_students_are_no_students(admin: Person, school: School) -> None:
    lotus = make_school(school.database, "lotus")
    theirs = school.database.value(
        """INSERT INTO users (email, "tenantId", uuid)
           VALUES ('x@x.test', :t, gen_random_uuid()) RETURNING id""",
        t=lotus.id,
    )
    for somebody in (theirs, school.teacher_id, 2_000_000):
        assert refused(admin.get(f"/students/{somebody}")) == (404, "student_not_found")
    assert admin.get("/students").json["students"] == []
