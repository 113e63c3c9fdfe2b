"""Who may do what: restricted, revoked and rolled keys, and platforms that act for others."""

import pytest

from tests.payments.fake.shop import Shop, open_shop, order
from tests.payments.receiver import receiving


@pytest.fixture
def other(shop: Shop) -> Shop:
    return Shop(shop.http, "sk_test_other")


def test_another_accounts_things_are_absent(shop: Shop, other: Shop) -> None:
    session = shop.paid()
    refund = shop.refunded(session, amount=100)
    for path in (
        f"checkout/sessions/{session['id']}",
        f"payment_intents/{session['payment_intent']}",
        f"charges/{refund['charge']}",
        f"refunds/{refund['id']}",
        f"balance_transactions/{refund['balance_transaction']}",
        f"events/{shop.events()[0]['id']}",
    ):
        assert other.error(other.call("GET", path))[:2] == (404, "resource_missing")
    stolen = other.call("POST", "refunds", {"payment_intent": session["payment_intent"]})
    assert other.error(stolen)[:2] == (400, "resource_missing")
    for name in ("checkout/sessions", "payment_intents", "charges", "refunds", "events"):
        assert other.get(name)["data"] == []


def test_a_kind_of_thing_is_not_found_by_the_id_of_another(shop: Shop) -> None:
    session = shop.paid()
    assert shop.error(shop.call("GET", f"charges/{session['payment_intent']}"))[0] == 404


def test_a_restricted_key_does_what_it_may(shop: Shop) -> None:
    session = shop.paid()
    permissions = ["refund_write", "charge_read"]
    shop.control("keys", {"apiKey": "rk_test_1", "sameAccountAs": shop.key, "permissions": permissions})
    clerk = Shop(shop.http, "rk_test_1")
    refused = clerk.call("POST", "checkout/sessions", order())
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "invalid_request_error")
    assert "'rak_checkout_session_write'" in refused.json()["error"]["message"]
    assert "rk_test_1" not in refused.text
    assert clerk.refunded(session)["status"] == "succeeded"
    assert len(clerk.get("refunds")["data"]) == len(clerk.get("charges")["data"]) == 1


def test_a_revoked_key_is_expired(shop: Shop) -> None:
    shop.control("keys/revoke", {"apiKey": shop.key})
    refused = shop.call("GET", "account")
    assert shop.error(refused)[:2] == (401, "api_key_expired")
    assert shop.key not in refused.text


def test_a_rolled_key_gives_way_to_the_new_one(shop: Shop) -> None:
    session = shop.session()
    shop.control("keys/roll", {"apiKey": shop.key, "newKey": "sk_test_new"})
    assert shop.error(shop.call("GET", "account"))[:2] == (401, "api_key_expired")
    assert Shop(shop.http, "sk_test_new").get(f"checkout/sessions/{session['id']}") == session


def test_a_stranger_cannot_act_for_an_account(shop: Shop, other: Shop) -> None:
    account = other.get("account")["id"]
    for named in (account, "acct_absent"):
        refused = shop.call("GET", "charges", Stripe_Account=named)
        assert shop.error(refused)[:2] == (403, "account_invalid")


def test_a_platform_acts_for_the_accounts_that_are_connected(shop: Shop, other: Shop) -> None:
    account = shop.control("connected-accounts", {"apiKey": shop.key, "connectedKey": other.key})["account"]
    session = shop.post("checkout/sessions", order(), Stripe_Account=account)
    assert shop.get("checkout/sessions")["data"] == []
    assert other.get("checkout/sessions")["data"] == [session]
    assert shop.get(f"accounts/{account}")["id"] == account
    assert other.error(other.call("GET", "account", Stripe_Account=shop.get("account")["id"]))[0] == 403


def test_a_platform_is_told_of_its_accounts_by_its_own_endpoint() -> None:
    with open_shop() as shop, receiving() as of_platform, receiving() as of_itself:
        told = {"apiKey": shop.key, "url": of_platform.url, "connect": True}
        shop.control("webhook-endpoints", told)
        shop.control("webhook-endpoints", {"apiKey": shop.key, "url": of_itself.url})
        account = shop.control("connected-accounts", {"apiKey": shop.key})["account"]
        session = shop.post("checkout/sessions", order(), Stripe_Account=account)
        shop.act(session, "pay")
        assert shop.http.get("/_control/deliveries", params={"wait": 20}).json()["quiet"]
    assert {event["account"] for event in of_platform.events()} == {account}
    assert of_itself.received == []


def test_the_current_account_is_that_of_the_header(shop: Shop) -> None:
    account = shop.control("connected-accounts", {"apiKey": shop.key})["account"]
    assert shop.get("account")["id"] != account
    assert shop.good(shop.call("GET", "account", Stripe_Account=account))["id"] == account
