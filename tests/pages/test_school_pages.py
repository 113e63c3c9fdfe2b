"""What a browser is told at a school's address."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.functions import Answer, Api
from tests.pages.conftest import Publish
from tests.schools import School, make_school

See = Callable[..., Answer]
DESIGNS = {
    1: "education-center",
    2: "personal-tutor",
    3: "workshop-studio",
    4: "language-cafe",
    5: "exam-academy",
}
OF_SCHOOL = ["/", "/book/conversation", "/bookings/some-uid", "/waitlist/1"]
NASTY = """</title><script>alert(1)</script>"'><img src=x onerror=alert(1)>{{7*7}}${7*7}"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Elements(HTMLParser):
    """Every element of a page with its attributes, and how deep its headings are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def meta(answer: Answer, name: str) -> str | None:
    for each in Elements(answer.text).all("meta"):
        if name in (each.get("name"), each.get("property")):
            return each["content"]
    return None


def add_workshop(school: School, *, seats: int | None = 3, price: str | None = None) -> int:
    workshop = school.add_event_type("circle", length=60, isWorkshop=True, seatLimit=seats)
    if price:
        school.change("EventType", workshop, workshopPrice=price, workshopCurrency="EUR")
    start = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=9)
    school.database.rows(
        """INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "teacherId",
                                          "seatLimit", "startTime", "endTime")
           VALUES (:t, :e, 1, :u, :seats, :start, CAST(:start AS timestamp) + interval '1 hour')""",
        t=school.id, e=workshop, u=school.teacher_id, seats=seats, start=start,
    )  # fmt: skip
    return workshop


@pytest.mark.parametrize("path", OF_SCHOOL)
@pytest.mark.parametrize(
    "host", ["nowhere.booking.test", "www.nobody.example", "booking.test", "api.booking.test"]
)
def test_where_no_school_lives_a_page_says_so(pages: Api, school: School, path: str, host: str) -> None:
    answer = pages.get(
        path, host=host, headers={"x-forwarded-host": "aurora.booking.test", "host": "aurora.booking.test"}
    )
    assert (answer.status, "No school lives at this address" in answer.text) == (404, True)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Aurora" not in answer.text


@pytest.mark.parametrize("path", ["/book/none", "/book/%00", "/book/conversation?type=999999", "/book/"])
def test_what_is_not_offered_is_not_found(see: See, path: str) -> None:
    answer = see(path)
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")
    assert "There is nothing here" in answer.text


def test_another_schools_offer_is_like_none(see: See, school: School) -> None:
    lotus = make_school(school.database, "lotus")
    lotus.change("EventType", lotus.lesson_id, slug="only-theirs")
    assert see("/book/only-theirs").text == see("/book/nobodys").text


def test_a_draft_is_neither_shown_nor_bookable(see: See, school: School) -> None:
    school.change("EventType", school.lesson_id, isPublished=False)
    assert see("/book/conversation").status == 404
    assert "Conversation" not in see("/").text


@pytest.mark.parametrize("status", ["SUSPENDED", "CANCELLED"])
@pytest.mark.parametrize(("language", "kind"), [("en", "is taking a break"), ("vi", "đang tạm nghỉ")])
def test_a_closed_school_says_so_kindly(
    see: See, school: School, status: str, language: str, kind: str
) -> None:
    school.change("Tenant", school.id, subscriptionStatus=status)
    for path in ("/", "/book/conversation", "/book/none"):
        answer = see(path, language)
        assert (answer.status, kind in answer.text) == (403, True)
        assert answer.headers["cache-control"] == "no-store"
        assert status.lower() not in answer.text.lower()


def test_who_has_booked_at_a_closed_school_still_sees_the_booking(see: See, school: School) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert see("/bookings/some-uid").status == 200
    assert see("/waitlist/1").status == 200


def test_a_database_that_is_away_is_told_as_a_page(load: Any) -> None:
    function = load("pages", DATABASE_URL="postgresql://booking_app@127.0.0.1:9/nothing")
    answer = Api(function, tenant=None).get("/", host="aurora.booking.test")
    assert (answer.status, "Too much is going on" in answer.text) == (503, True)
    assert answer.headers["retry-after"]


def test_before_it_is_published_the_page_lists_what_can_be_booked(see: See, publish: Publish) -> None:
    for row in (False, True):
        if row:
            publish(published=False, pageTitle="Not to be seen", templateId=4)
        answer = see("/")
        assert (answer.status, meta(answer, "robots")) == (200, "noindex")
        assert "Conversation" in answer.text
        assert "Not to be seen" not in answer.text


@pytest.mark.parametrize("number", DESIGNS)
def test_each_design_shows_what_the_school_says_and_offers(
    see: See, school: School, publish: Publish, number: int
) -> None:
    add_workshop(school, price="80.00")
    publish(
        templateId=number,
        pageTitle="Speak with confidence",
        pageSubtitle="Small groups.",
        teacherBio="Twenty years of teaching.",
        ctaButtonText="Come in",
        primaryColor="#2563EB",
        secondaryColor="#F59E0B",
        heroImageUrl="https://pictures.cdn.test/hero.jpg",
        logoUrl="https://images.test/logo.png",
        socialLinks={"facebook": "https://www.facebook.com/aurora"},
    )
    answer = see("/")
    page = Elements(answer.text)
    assert f'class="landing {DESIGNS[number]}"' in answer.text
    for told in (
        "Speak with confidence",
        "Small groups.",
        "Twenty years",
        "Come in",
        "80.00 EUR",
        "3 seats left",
    ):
        assert told in answer.text
    assert {"/book/conversation", "/book/circle"} <= {link.get("href") for link in page.all("a")}
    assert (
        "img-src 'self' https://images.test https://pictures.cdn.test;"
        in answer.headers["content-security-policy"]
    )
    sheets = [str(link["href"]) for link in page.all("link") if link["rel"] == "stylesheet"]
    assert "primary=2563eb&secondary=f59e0b" in sheets[0]
    assert f"/assets/{DESIGNS[number]}.css" in sheets[-1]
    assert len(page.all("h1")) == 1


def test_designs_beyond_the_first_are_a_matter_of_the_plan(
    see: See, school: School, publish: Publish
) -> None:
    publish(templateId=4)
    school.change("Tenant", school.id, subscriptionPlan="STARTER")
    assert "landing education-center" in see("/").text
    school.change("Tenant", school.id, subscriptionPlan="GROWTH")
    assert "landing language-cafe" in see("/").text


def test_nothing_that_a_school_writes_becomes_part_of_the_page(
    see: See, school: School, publish: Publish
) -> None:
    school.change("Tenant", school.id, name=NASTY)
    school.change("EventType", school.lesson_id, title=NASTY, description=NASTY)
    school.change("users", school.teacher_id, name=NASTY)
    publish(
        pageTitle=NASTY,
        pageSubtitle=NASTY,
        teacherBio=NASTY,
        ctaButtonText=NASTY,
        seoSettings={"metaTitle": NASTY, "metaDescription": NASTY, "ogImage": NASTY},
        primaryColor="red;}*{x:y",
        secondaryColor=NASTY,
        logoUrl=NASTY,
        heroImageUrl="javascript:alert(1)",
        teacherImageUrl="https://images.test@evil.example/x.png",
        socialLinks={
            "facebook": "javascript:alert(1)",
            "tiktok": "https://evil.example/tiktok.com",
            "youtube": "https://youtube.com.evil.example/",
            "other": NASTY,
        },
    )
    for number in DESIGNS:
        publish(templateId=number)
        for path in OF_SCHOOL:
            answer = see(path)
            assert answer.status == 200
            page = Elements(answer.text)
            assert all(str(script["src"]).startswith("/assets/") for script in page.all("script"))
            assert page.all("img") == []
            assert not any(
                name.startswith("on") or name == "style" for _, found in page.found for name in found
            )
            assert all(re.match(r"[/#?]", str(link["href"])) for link in page.all("a"))
            assert answer.headers["content-security-policy"] == POLICY
            assert "49" not in answer.text


def test_rows_that_hold_something_else_than_expected_are_shown_as_far_as_they_make_sense(
    see: See, school: School, publish: Publish
) -> None:
    publish(socialLinks=["https://facebook.com/x"], seoSettings="text", primaryColor="", pageTitle="  ")
    school.database.rows(
        """UPDATE "Tenant" SET settings = '["vi"]', features = '7' WHERE id = :id""", id=school.id
    )
    answer = see("/")
    assert (answer.status, "Aurora" in answer.text) == (200, True)


@pytest.mark.parametrize("path", OF_SCHOOL)
def test_every_page_has_its_guards(see: See, path: str) -> None:
    headers = see(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["vary"] == "Accept-Language, X-Tenant"


def test_pages_whose_address_may_hold_a_token_are_kept_and_found_by_nobody(
    see: See, publish: Publish
) -> None:
    publish(logoUrl="https://images.test/logo.png")
    for path in ("/bookings/some-uid?manageToken=secret", "/waitlist/1?manageToken=secret"):
        answer = see(path)
        assert (answer.headers["cache-control"], "etag" in answer.headers) == ("no-store", False)
        assert answer.headers["x-robots-tag"] == "noindex"
        assert meta(answer, "robots") == "noindex"
        assert "secret" not in answer.text
        assert Elements(answer.text).all("img") == []


def test_who_knows_the_landing_page_is_not_sent_it_again(see: See, publish: Publish) -> None:
    publish(pageTitle="First")
    first = see("/")
    assert first.headers["cache-control"] == "public, max-age=60"
    again = see("/", **{"if-none-match": first.headers["etag"]})
    assert (again.status, again.text) == (304, "")
    publish(pageTitle="Second")
    assert see("/", **{"if-none-match": first.headers["etag"]}).status == 200


def test_search_engines_are_told_the_one_address_and_both_languages(
    see: See, school: School, publish: Publish
) -> None:
    publish(
        pageTitle="T", heroImageUrl="https://images.test/hero.jpg",
        seoSettings={"metaTitle": "Learn here", "metaDescription": "Lessons for all"},
    )  # fmt: skip
    answer = see("/?utm_source=x")
    links = [link for link in Elements(answer.text).all("link") if link["rel"] in ("canonical", "alternate")]
    assert [link["href"] for link in links] == [
        "https://aurora.booking.test/",
        "https://aurora.booking.test/?lang=en",
        "https://aurora.booking.test/?lang=vi",
    ]
    assert "<title>Learn here</title>" in answer.text
    assert meta(answer, "description") == meta(answer, "og:description") == "Lessons for all"
    assert (meta(answer, "og:title"), meta(answer, "og:image")) == (
        "Learn here",
        "https://images.test/hero.jpg",
    )
    assert meta(answer, "robots") is None
    school.change("Tenant", school.id, customDomain="learn.aurora.example")
    assert 'rel="canonical" href="https://learn.aurora.example/"' in see("/").text


def test_the_language_is_the_readers(see: See, school: School, publish: Publish) -> None:
    publish(ctaButtonText="Book Now")
    assert "Đặt lịch ngay" in see("/", "vi-VN,vi;q=0.9").text
    assert "Book now" in see("/", "en").text
    school.database.rows("""UPDATE "Tenant" SET settings = '{"locale": "vi"}' WHERE id = :id""", id=school.id)
    assert '<html lang="vi">' in see("/", "fr").text
    chosen = see("/?lang=en", "vi").text
    assert '<html lang="en">' in chosen
    assert 'href="/book/conversation?lang=en"' in chosen


def test_the_script_is_told_what_it_books(see: See, school: School) -> None:
    school.change("EventType", school.lesson_id, workshopPrice="15.00", workshopCurrency="EUR")
    answer = see("/book/conversation")
    (told,) = [found for _, found in Elements(answer.text).found if found.get("id") == "app"]
    page = json.loads(str(told["data-page"]))
    assert page["id"] == school.lesson_id
    assert page["teachers"] == [{"id": school.teacher_id, "name": "Teacher 1"}]
    assert (page["isWorkshop"], page["isPaid"]) == (False, True)
    assert "15.00 EUR" in answer.text
    assert "Free cancellation until 12 hours" in answer.text
    assert Elements(answer.text).all("noscript")


def test_offers_that_share_a_slug_are_told_apart(see: See, school: School) -> None:
    other = school.add_event_type("other", userId=school.teacher_id)
    school.change("EventType", other, slug="conversation", title="The other one")
    links = {link.get("href") for link in Elements(see("/").text).all("a")}
    assert f"/book/conversation?type={other}" in links
    assert "The other one" in see(f"/book/conversation?type={other}").text
    assert '<h1 id="title">Conversation</h1>' in see(f"/book/conversation?type={school.lesson_id}").text


def test_a_slug_in_any_letters_is_found(see: See, school: School) -> None:
    school.change("EventType", school.lesson_id, slug="giao tiếp/50%")
    assert "/book/giao%20ti%E1%BA%BFp%2F50%25" in see("/").text
    assert see("/book/giao%20ti%E1%BA%BFp%2F50%25").status == 200


def test_a_full_session_invites_to_wait(see: See, school: School, publish: Publish) -> None:
    publish()
    add_workshop(school, seats=1)
    assert "1 seat left" in see("/").text
    school.database.rows('UPDATE "WorkshopSession" SET "seatsTaken" = 1 WHERE "tenantId" = :t', t=school.id)
    assert "Full: join the waitlist" in see("/").text


def test_robots_are_kept_from_the_api_only(see: See) -> None:
    answer = see("/robots.txt")
    assert (answer.status, answer.text) == (200, "User-agent: *\nDisallow: /v1/\n")


def test_every_design_has_its_picture_and_nothing_else_has(see: See, school: School) -> None:
    for row in school.database.rows('SELECT "previewImage" AS path FROM "LandingTemplate"'):
        told = see(row["path"])
        assert (told.status, told.headers["content-type"]) == (200, "image/jpeg")
        assert b64decode(told.text).startswith(b"\xff\xd8")
    assert see("/templates/none.jpg").status == 404
    assert see("/templates/..%2fassets.py").status == 404


@pytest.mark.parametrize(
    ("price", "currency", "language", "told"),
    [
        ("15", "EUR", "en", "15.00 EUR"),
        ("1500", "EUR", "vi", "1.500,00 EUR"),
        ("350000", "VND", "vi", "350.000 VND"),
        ("5.12", "KWD", "en", "5.120 KWD"),
        ("0.005", "JPY", "en", "0.01 JPY"),
        ("0", "EUR", "en", "Free"),
    ],
)
def test_a_price_is_told_with_the_coins_that_its_currency_has(
    see: See, school: School, price: str, currency: str, language: str, told: str
) -> None:
    school.change("EventType", school.lesson_id, workshopPrice=price, workshopCurrency=currency)
    assert f">{told}<" in see("/", language).text
