"""Stripe's own library finds in every answer what its generated types promise, and nothing else.

With STRIPE_TEST_KEY in the environment the same is asked of Stripe's test mode.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.payments.fake.shop import Shop, open_shop

sdk: Any = pytest.importorskip("stripe", reason="Stripe's library is not installed")

from tests.payments.fake.sdk_types import faults_of  # noqa: E402  # needs the library

ORDER = {
    "mode": "payment",
    "success_url": "https://example.com/done",
    "line_items": [
        {
            "price_data": {"currency": "eur", "unit_amount": 1500, "product_data": {"name": "English A2"}},
            "quantity": 1,
        }
    ],
    "customer_email": "ann@example.com",
    "client_reference_id": "booking-1",
    "metadata": {"booking": "1"},
    "payment_intent_data": {"metadata": {"booking": "1"}, "description": "English A2"},
    "locale": "vi",
}


@dataclass
class Vendor:
    """The library's client of whoever is asked; only the fake has a shop in which people can pay."""

    api: Any
    shop: Shop | None = None


@pytest.fixture(params=["fake", "real"])
def vendor(request: pytest.FixtureRequest) -> Iterator[Vendor]:
    if request.param == "real":
        key = os.environ.get("STRIPE_TEST_KEY", "")
        if not key.startswith(("sk_test_", "rk_test_")):
            pytest.skip("STRIPE_TEST_KEY is not set")
        yield Vendor(sdk.StripeClient(key, max_network_retries=2).v1)
        return
    with open_shop() as shop:
        yield Vendor(fake_client(shop), shop)


@pytest.fixture
def stocked(shop: Shop) -> Vendor:
    """The fake, after a bit of everything."""
    whole, part = shop.paid(), shop.paid()
    shop.refunded(whole, reason="requested_by_customer", **{"metadata[booking]": "1"})
    failed = shop.refunded(part, amount=500)
    shop.control(f"refunds/{failed['id']}/settle", {"status": "failed"})
    shop.control("disputes", {"payment": part["id"]})
    lost = shop.control("disputes", {"payment": shop.paid()["id"]})
    shop.control(f"disputes/{lost['id']}/close", {"status": "won"})
    shop.act(shop.session(), "decline")
    shop.act(shop.session(), "challenge")
    shop.control(f"payments/{shop.debited()['id']}/settle", {"status": "succeeded"})
    shop.control(f"payments/{shop.debited()['id']}/settle", {"status": "failed"})
    shop.refunded(shop.get("checkout/sessions", limit=2)["data"][1])
    shop.debited()
    shop.act(shop.session(1500, "usd"), "debit")
    shop.post(f"checkout/sessions/{shop.session()['id']}/expire")
    shop.act(shop.session(0), "pay")
    return Vendor(fake_client(shop), shop)


def fake_client(shop: Shop, retries: int = 0) -> Any:
    base = {"api": str(shop.http.base_url).rstrip("/")}
    return sdk.StripeClient(shop.key, base_addresses=base, max_network_retries=retries).v1


def check(answer: Any, kind: Any) -> None:
    assert type(answer) is kind
    assert faults_of(json.loads(answer.last_response.body), kind) == []


def check_page(page: Any, kind: Any) -> list[Any]:
    assert set(page.to_dict()) == {"object", "data", "has_more", "url"}
    for document in json.loads(page.last_response.body)["data"]:
        assert faults_of(document, kind) == []
    return list(page.data)


def test_a_field_that_is_made_up_is_found() -> None:
    assert faults_of({"id": "acct_1", "object": "account", "colour": "red"}, sdk.Account) == [
        "Account.colour: unknown to the library"
    ]


def test_a_field_of_another_type_and_one_that_is_missing_are_found(stocked: Vendor) -> None:
    (charge,) = stocked.api.charges.list({"limit": 1}).data
    document = json.loads(json.dumps(charge.to_dict()))
    del document["paid"]
    document |= {"amount": "1500", "status": "done"}
    document["billing_details"]["email"] = 1
    found = {fault.partition(":")[0] for fault in faults_of(document, sdk.Charge)}
    assert found == {"Charge.paid", "Charge.amount", "Charge.status", "Charge.billing_details.email"}


def test_an_account_is_one(vendor: Vendor) -> None:
    answer = vendor.api.accounts.retrieve_current()
    assert isinstance(answer, sdk.Account)
    if vendor.shop:
        check(answer, sdk.Account)


def test_a_session_is_one_from_its_creation_to_its_end(vendor: Vendor) -> None:
    sessions = vendor.api.checkout.sessions
    created = sessions.create(ORDER)
    check(created, sdk.checkout.Session)
    assert (created.status, created.payment_status, created.amount_total) == ("open", "unpaid", 1500)
    assert created.url.startswith("http")
    check(sessions.retrieve(created.id, {"expand": ["line_items", "payment_intent"]}), sdk.checkout.Session)
    check_page(sessions.line_items.list(created.id), sdk.LineItem)
    expired = sessions.expire(created.id)
    check(expired, sdk.checkout.Session)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(sdk.InvalidRequestError, match="can be expired"):
        sessions.expire(created.id)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        pytest.param({"colour": "red"}, "parameter_unknown", "colour", id="unknown"),
        pytest.param(
            {"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types", id="gone"
        ),
        pytest.param({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at", id="integer"),
        pytest.param({"success_url": ""}, "parameter_invalid_empty", "success_url", id="empty"),
    ],
)
def test_a_wrong_order_is_an_invalid_request(vendor: Vendor, change: Any, code: str, param: str) -> None:
    with pytest.raises(sdk.InvalidRequestError) as refused:
        vendor.api.checkout.sessions.create({**ORDER, **change})
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


def test_the_same_key_for_another_order_is_an_idempotency_error(vendor: Vendor) -> None:
    options = {"idempotency_key": f"contract-{os.urandom(8).hex()}"}
    first = vendor.api.checkout.sessions.create(ORDER, options)
    again = vendor.api.checkout.sessions.create(ORDER, options)
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    with pytest.raises(sdk.IdempotencyError):
        vendor.api.checkout.sessions.create({**ORDER, "locale": "en"}, options)


def test_what_is_not_there_is_missing(vendor: Vendor) -> None:
    for read in (
        vendor.api.payment_intents.retrieve,
        vendor.api.refunds.retrieve,
        vendor.api.charges.retrieve,
    ):
        with pytest.raises(sdk.InvalidRequestError) as refused:
            read("xx_absent")
        assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_an_unknown_key_is_an_authentication_error(vendor: Vendor) -> None:
    key = {"api_key": "sk_wrong_1"}
    with pytest.raises(sdk.AuthenticationError):
        vendor.api.refunds.list({}, key)


LISTS = {
    "charges": (sdk.Charge, ["balance_transaction", "payment_intent", "refunds.data.balance_transaction"]),
    "payment_intents": (sdk.PaymentIntent, ["latest_charge.balance_transaction", "latest_charge.refunds"]),
    "refunds": (sdk.Refund, ["charge", "payment_intent", "balance_transaction"]),
    "disputes": (sdk.Dispute, ["charge", "payment_intent"]),
    "balance_transactions": (sdk.BalanceTransaction, ["source"]),
}


@pytest.mark.parametrize("name", LISTS)
def test_what_there_is_of_a_kind_is_of_that_kind(stocked: Vendor, name: str) -> None:
    kind, expansions = LISTS[name]
    service = getattr(stocked.api, name)
    listed = check_page(service.list({"limit": 100}), kind)
    assert listed
    for each in listed:
        check(service.retrieve(each.id), kind)
        check(service.retrieve(each.id, {"expand": expansions}), kind)


@pytest.mark.parametrize("name", LISTS)
def test_what_the_test_mode_has_is_of_that_kind_too(vendor: Vendor, name: str) -> None:
    check_page(getattr(vendor.api, name).list({"limit": 5}), LISTS[name][0])


def test_every_state_of_a_session_is_one(stocked: Vendor) -> None:
    sessions = check_page(stocked.api.checkout.sessions.list({"limit": 100}), sdk.checkout.Session)
    states = {(each.status, each.payment_status) for each in sessions}
    assert states == {
        ("open", "unpaid"),
        ("complete", "paid"),
        ("complete", "unpaid"),
        ("complete", "no_payment_required"),
        ("expired", "unpaid"),
    }


def test_every_event_is_one_and_holds_what_its_type_says(stocked: Vendor) -> None:
    kinds = {
        "charge": sdk.Charge,
        "checkout.session": sdk.checkout.Session,
        "dispute": sdk.Dispute,
        "payment_intent": sdk.PaymentIntent,
        "refund": sdk.Refund,
    }
    events = check_page(stocked.api.events.list({"limit": 100}), sdk.Event)
    assert len({event.type for event in events}) > 15
    for event in events:
        held = event.data.object.to_dict()
        assert event.type.startswith(held["object"]) or held["object"] == "dispute"
        assert faults_of(json.loads(json.dumps(held)), kinds[held["object"]]) == []


def test_the_library_pages_through_all_there_is(stocked: Vendor) -> None:
    intents = stocked.api.payment_intents
    walked = [each.id for each in intents.list({"limit": 2}).auto_paging_iter()]
    assert walked == [each.id for each in intents.list({"limit": 100}).data]
    assert len(walked) > 5


def test_a_refund_by_the_library_is_one(stocked: Vendor) -> None:
    assert stocked.shop
    session = stocked.shop.paid()
    order = {"payment_intent": session["payment_intent"], "amount": 400, "expand": ["charge"]}
    refund = stocked.api.refunds.create(order)
    check(refund, sdk.Refund)
    assert (refund.status, refund.amount, refund.charge.amount_refunded) == ("succeeded", 400, 400)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"kind": "rate_limited", "retryAfter": 0}, sdk.RateLimitError),
        ({"kind": "error_before"}, sdk.APIError),
        ({"kind": "error_after"}, sdk.APIError),
        ({"kind": "drop_before"}, sdk.APIConnectionError),
        ({"kind": "drop_after"}, sdk.APIConnectionError),
        ({"kind": "refuse", "status": 402, "type": "card_error", "code": "card_declined"}, sdk.CardError),
        ({"kind": "refuse", "status": 403}, sdk.PermissionError),
    ],
)
def test_the_library_knows_every_fault(shop: Shop, fault: dict[str, Any], kind: type[Exception]) -> None:
    shop.control("faults", fault)
    with pytest.raises(kind):
        fake_client(shop).checkout.sessions.create(ORDER)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_before"])
def test_the_library_that_tries_again_refunds_once(shop: Shop, kind: str) -> None:
    session = shop.paid()
    shop.control("faults", {"kind": kind, "path": "/v1/refunds"})
    refund = fake_client(shop, retries=2).refunds.create({"payment_intent": session["payment_intent"]})
    assert [each["id"] for each in shop.state()["refunds"]] == [refund.id]
