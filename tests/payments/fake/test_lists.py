"""Lists come newest first, a page at a time."""

from typing import Any

import pytest

from tests.payments.fake.shop import Shop


@pytest.fixture
def ids(shop: Shop) -> list[str]:
    """Five sessions, newest first."""
    return [shop.session()["id"] for _ in range(5)][::-1]


def listed(shop: Shop, **query: Any) -> tuple[list[str], bool]:
    page = shop.get("checkout/sessions", **query)
    assert (page["object"], page["url"]) == ("list", "/v1/checkout/sessions")
    return [each["id"] for each in page["data"]], page["has_more"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": "all"},
        {"starting_after": "cs_test_absent"},
        {"ending_before": "cs_test_absent"},
        {"created[since]": 1},
        {"created[gte]": "today"},
        {"status": "lost"},
        {"colour": "red"},
        {"expand[0]": "payment_intent"},
        {"expand[0]": "data"},
    ],
)
def test_a_wrong_question_is_refused(shop: Shop, query: dict[str, Any]) -> None:
    assert shop.error(shop.call("GET", "checkout/sessions", query))[0] == 400


def test_a_page_has_one_neighbour_at_most(shop: Shop, ids: list[str]) -> None:
    both = {"starting_after": ids[0], "ending_before": ids[2]}
    assert shop.error(shop.call("GET", "checkout/sessions", both))[0] == 400


def test_a_filter_by_what_is_absent_is_refused(shop: Shop) -> None:
    told = shop.call("GET", "refunds", {"payment_intent": "pi_absent"})
    assert shop.error(told) == (400, "resource_missing", "payment_intent")


def test_pages_follow_each_other(shop: Shop, ids: list[str]) -> None:
    assert listed(shop) == (ids, False)
    assert listed(shop, limit=2) == (ids[:2], True)
    assert listed(shop, limit=2, starting_after=ids[1]) == (ids[2:4], True)
    assert listed(shop, limit=2, starting_after=ids[3]) == (ids[4:], False)
    assert listed(shop, limit=2, ending_before=ids[4]) == (ids[2:4], True)
    assert listed(shop, limit=2, ending_before=ids[2]) == (ids[:2], False)


def test_a_list_can_be_of_a_time(shop: Shop, ids: list[str]) -> None:
    shop.control("clock", {"offsetSeconds": 1000})
    late = shop.session()
    assert listed(shop, **{"created[gte]": late["created"] - 100}) == ([late["id"]], False)
    assert listed(shop, **{"created[gt]": late["created"]}) == ([], False)
    assert listed(shop, **{"created[lte]": late["created"] - 100}) == (ids, False)
    assert listed(shop, **{"created[lt]": late["created"]}) == (ids, False)
    assert listed(shop, created=late["created"]) == ([late["id"]], False)


def test_lists_are_of_what_belongs_to_a_payment(shop: Shop) -> None:
    first, second = shop.paid(), shop.paid()
    refund = shop.refunded(first, amount=100)
    shop.refunded(second, amount=200)
    intent = first["payment_intent"]
    assert [each["id"] for each in shop.get("refunds", payment_intent=intent)["data"]] == [refund["id"]]
    assert [each["id"] for each in shop.get("refunds", charge=refund["charge"])["data"]] == [refund["id"]]
    assert [each["id"] for each in shop.get("charges", payment_intent=intent)["data"]] == [refund["charge"]]
    assert listed(shop, payment_intent=intent) == ([first["id"]], False)
    assert listed(shop, status="open") == ([], False)


def test_lists_can_be_expanded(shop: Shop) -> None:
    shop.refunded(shop.paid())
    (refund,) = shop.get("refunds", **{"expand[]": "data.charge.balance_transaction"})["data"]
    assert refund["charge"]["balance_transaction"]["amount"] == 1500
