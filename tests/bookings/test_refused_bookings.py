"""What is refused, with which code, and that a refusal leaves nothing behind."""

from typing import Any

import pytest

from tests.bookings.requests import MAI, lesson, next_monday
from tests.databases import TestDatabase
from tests.functions import Api
from tests.schools import School, make_school


@pytest.fixture(autouse=True)
def nothing_is_left(database: TestDatabase) -> Any:
    """Every test of this file ends with an empty book."""
    yield
    for table in (
        "Booking",
        "Attendee",
        "TeacherOccupancy",
        "OutboxMessage",
        "IdempotencyKey",
        "TenantUsage",
    ):
        assert database.value(f'SELECT count(*) FROM "{table}"') == 0, table


def test_a_school_that_does_not_exist_is_not_found(api: Api, school: School) -> None:
    api.tenant = "nobody"
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "tenant_not_found"


def test_a_request_that_names_no_school_is_not_found(api: Api, school: School) -> None:
    api.tenant = None
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "tenant_not_found"


def test_the_header_counts_for_nothing_on_another_schools_host(api: Api, school: School) -> None:
    make_school(school.database, "lotus")
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)), host="lotus.booking.test")
    assert answer.code == "event_type_not_found"


@pytest.mark.parametrize("status", ["SUSPENDED", "CANCELLED"])
def test_a_suspended_school_takes_no_bookings(api: Api, school: School, status: str) -> None:
    school.change("Tenant", school.id, subscriptionStatus=status)
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert (answer.status, answer.code) == (403, "tenant_suspended")


def test_another_schools_event_type_is_as_absent_as_one_that_never_was(api: Api, school: School) -> None:
    other = make_school(school.database, "lotus")
    foreign = api.post("/v1/bookings", lesson(other, next_monday(9)))
    absent = api.post("/v1/bookings", lesson(school, next_monday(9), eventTypeId=999_999))
    assert foreign.code == absent.code == "event_type_not_found"
    assert {**foreign.json, "requestId": ""} == {**absent.json, "requestId": ""}


def test_an_unpublished_event_type_is_not_found(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, isPublished=False)
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "event_type_not_found"


def test_a_teacher_who_does_not_teach_it_is_not_found(api: Api, school: School) -> None:
    answer = api.post("/v1/bookings", lesson(school, next_monday(9), teacherId=school.admin_id))
    assert (answer.status, answer.code) == (404, "teacher_not_found")


def test_a_teacher_of_another_school_is_not_found(api: Api, school: School) -> None:
    other = make_school(school.database, "lotus")
    answer = api.post("/v1/bookings", lesson(school, next_monday(9), teacherId=other.teacher_id))
    assert answer.code == "teacher_not_found"


def test_an_address_that_is_not_on_the_list_may_not_book_and_learns_nobodys(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    school.allow("somebody@example.com")
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert (answer.status, answer.code) == (403, "not_whitelisted")
    assert "somebody" not in answer.text


def test_the_same_address_on_another_schools_list_does_not_help(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    other = make_school(school.database, "lotus")
    other.allow(MAI["email"])
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "not_whitelisted"


@pytest.mark.parametrize("allowed", [0])
def test_a_plan_that_allows_no_bookings_says_so_and_when_it_renews(
    api: Api, school: School, allowed: int
) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=allowed)
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert (answer.status, answer.code) == (403, "plan_limit_reached")
    assert answer.json["limit"] == "maxBookingsPerMonth"
    assert (answer.json["used"], answer.json["allowed"]) == (0, 0)
    assert answer.json["renewsAt"].endswith("-01T00:00:00+00:00")


def test_what_costs_money_is_not_booked_without_payment(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, workshopPrice="15.00", workshopCurrency="EUR")
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert (answer.status, answer.code, answer.json["reason"]) == (409, "payments_not_set_up", "no_key")


def test_a_workshop_is_not_booked_as_a_lesson(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, isWorkshop=True)
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert (answer.code, answer.json["reason"]) == ("not_bookable_online", "workshop")


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (next_monday(8, 30), "before the hours"),
        (next_monday(16, 45), "not on the grid"),
        (next_monday(17), "after the hours"),
        (next_monday(9).replace(year=2021), "in the past"),
        (next_monday(3).replace(year=2190), "in two hundred years, at night"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_time_that_the_school_does_not_offer_is_refused(
    api: Api, school: School, start: Any, why: str
) -> None:
    school.change("EventType", school.lesson_id, periodType="unlimited", slotInterval=30)
    answer = api.post("/v1/bookings", lesson(school, start))
    assert (answer.status, answer.code) == (422, "slot_not_offered")


def test_a_time_too_soon_for_the_notice_is_not_offered(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, minimumBookingNotice=60 * 24 * 30)
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "slot_not_offered"


def test_a_teacher_who_is_away_is_not_booked(api: Api, school: School) -> None:
    school.database.rows(
        """INSERT INTO "OutOfOfficeEntry" ("tenantId", "userId", uuid, start, "end", "updatedAt")
           VALUES (:t, :u, 'away', now() - interval '1 day', now() + interval '30 days', now())""",
        t=school.id,
        u=school.teacher_id,
    )
    assert api.post("/v1/bookings", lesson(school, next_monday(9))).code == "slot_not_offered"


BAD_FIELDS: dict[str, Any] = {
    "no offset": {"start": "2027-03-01T09:00:00"},
    "a date": {"start": "2027-03-01"},
    "a number": {"start": 1_800_000_000},
    "a number as text": {"start": "1800000000"},
    "a year that ends before its offset does": {"start": "2199-12-31T23:59:59-14:00"},
    "a week date": {"start": "2026-W49-1T09:00:00Z"},
    "a name of ours instead of the API's": {"event_type_id": 1},
    "an event type that is true": {"eventTypeId": True},
    "a part of an event type": {"eventTypeId": 1.5},
    "finer than a second": {"start": "2027-03-01T09:00:00.5+00:00"},
    "an offset that is none": {"start": "2027-03-01T09:00:00+23:59"},
    "a year nobody knows": {"start": "9999-03-01T09:00:00Z"},
    "an unknown field": {"tenantId": 1},
    "a role": {"role": "SUPER_ADMIN"},
    "an event type that is text": {"eventTypeId": "1; DROP TABLE users"},
    "an event type below one": {"eventTypeId": 0},
    "an event type beyond integers": {"eventTypeId": 10**30},
    "no attendee": {"attendee": None},
    "an empty name": {"attendee": {**MAI, "name": "  "}},
    "a name of two lines": {"attendee": {**MAI, "name": "Mai\r\nBcc: all@example.com"}},
    "a name with NUL": {"attendee": {**MAI, "name": "Mai\x00"}},
    "a name that turns the text": {"attendee": {**MAI, "name": "Mai \u202egnp.exe"}},
    "a name that nobody sees": {"attendee": {**MAI, "name": "\u200b\u2060"}},
    "a name too long": {"attendee": {**MAI, "name": "M" * 201}},
    "no address": {"attendee": {**MAI, "email": "mai"}},
    "an address with a name": {"attendee": {**MAI, "email": "Mai <mai@example.com>"}},
    "an address of two lines": {"attendee": {**MAI, "email": "mai@example.com\nx@example.com"}},
    "an address that looks alike": {"attendee": {**MAI, "email": "m\u0430i@example.com"}},
    "a zone that does not exist": {"attendee": {**MAI, "timeZone": "Mars/Olympus"}},
    "a path as a zone": {"attendee": {**MAI, "timeZone": "../../etc/passwd"}},
    "a language that is none": {"attendee": {**MAI, "locale": "<script>"}},
    "notes with NUL": {"notes": "a\x00b"},
    "notes too long": {"notes": "n" * 5_001},
}


@pytest.mark.parametrize("field", BAD_FIELDS.values(), ids=BAD_FIELDS)
def test_a_field_that_says_what_cannot_be_is_refused_with_its_place(
    api: Api, school: School, field: dict[str, Any]
) -> None:
    answer = api.post("/v1/bookings", {**lesson(school, next_monday(9)), **field})
    assert (answer.status, answer.code) == (422, "invalid_request")
    (name,) = field
    assert any(error["pointer"].startswith(f"/{name}") for error in answer.json["errors"])


BAD_BODIES = {
    "nothing": "",
    "not JSON": "{",
    "a lone surrogate": '{"eventTypeId": 1, "notes": "\\ud800"}',
    "ten thousand levels": "[" * 10_000,
    "an unquoted NaN in the middle": '{"eventTypeId": nan}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_no_json_is_malformed(api: Api, school: School, body: str) -> None:
    answer = api.request("POST", "/v1/bookings", body=body)
    assert (answer.status, answer.code) == (400, "malformed_request")


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', '{"eventTypeId": NaN}'])
def test_json_that_is_no_booking_is_invalid(api: Api, school: School, body: str) -> None:
    assert api.request("POST", "/v1/bookings", body=body).status == 422


def test_a_body_of_megabytes_is_too_large(api: Api, school: School) -> None:
    answer = api.request("POST", "/v1/bookings", body='"' + "x" * 2_000_000 + '"')
    assert (answer.status, answer.code) == (413, "request_too_large")


def test_a_form_is_not_json(api: Api, school: School) -> None:
    answer = api.request(
        "POST", "/v1/bookings", body="a=1", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize("key", ["", "k" * 256, "clé", "tab\tkey"])
def test_an_idempotency_key_that_is_none_is_malformed(api: Api, school: School, key: str) -> None:
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)), headers={"Idempotency-Key": key})
    assert (answer.status, answer.code) == (400, "malformed_request")


def test_what_was_refused_does_not_come_back_in_the_answer(api: Api, school: School) -> None:
    body = lesson(school, next_monday(9), attendee={**MAI, "email": "secret-address"})
    assert "secret-address" not in api.post("/v1/bookings", body).text
