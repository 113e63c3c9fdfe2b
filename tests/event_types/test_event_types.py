"""What a school offers, as the public sees it."""

import pytest

from shared.money import major_units
from tests.functions import Api
from tests.schools import School, make_school


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=0", "other=1"])
def test_a_page_that_cannot_be_is_invalid(api: Api, school: School, query: str) -> None:
    answer = api.get(f"/v1/event-types?{query}")
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_another_schools_event_types_are_not_listed(api: Api, school: School) -> None:
    other = make_school(school.database, "lotus")
    assert [one["id"] for one in api.get("/v1/event-types").json["eventTypes"]] == [school.lesson_id]
    assert api.get(f"/v1/event-types/{other.lesson_id}").code == "event_type_not_found"


def test_an_unpublished_one_is_not_listed(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, isPublished=False)
    assert api.get("/v1/event-types").json == {"eventTypes": []}


@pytest.mark.parametrize("path", ["/v1/event-types", "/v1/event-types/1"])
def test_a_suspended_school_shows_nothing(api: Api, school: School, path: str) -> None:
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert api.get(path).code == "tenant_suspended"


def test_the_pages_together_are_the_whole_list_once(api: Api, school: School) -> None:
    made = [school.lesson_id, *(school.add_event_type(f"lesson-{number}") for number in range(4))]
    page = api.get("/v1/event-types?limit=2").json
    seen = [one["id"] for one in page["eventTypes"]]
    while "nextCursor" in page:
        page = api.get(f"/v1/event-types?limit=2&cursor={page['nextCursor']}").json
        seen += [one["id"] for one in page["eventTypes"]]
    assert seen == made


def test_a_price_of_ours_is_told_as_it_was_entered(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, workshopPrice="15.00", workshopCurrency="EUR")
    told = api.get(f"/v1/event-types/{school.lesson_id}").json
    assert told["price"] == {"amount": "15.00", "currency": "EUR"}


def test_a_price_of_calcoms_is_told_in_major_units(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, price=500, currency="jpy")
    told = api.get(f"/v1/event-types/{school.lesson_id}").json
    assert told["price"] == {"amount": "500", "currency": "JPY"}


def test_a_teacher_who_is_locked_out_is_not_named(api: Api, school: School) -> None:
    school.change("users", school.teacher_id, locked=True)
    assert api.get(f"/v1/event-types/{school.lesson_id}").json["teachers"] == []


@pytest.mark.parametrize(
    ("minor", "currency", "major"),
    [
        (1500, "eur", "15.00"),
        (500, "JPY", "500"),
        (5120, "KWD", "5.120"),
        (1000, "ISK", "10"),
        (7, "USD", "0.07"),
    ],
)
def test_minor_units_become_major_ones(minor: int, currency: str, major: str) -> None:
    assert str(major_units(minor, currency)) == major
