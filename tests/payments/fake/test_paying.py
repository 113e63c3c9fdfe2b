"""What payers do on the checkout page, and what becomes of the session and its intent."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.payments.fake.shop import Shop, soon

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "charge.updated",
    "checkout.session.completed",
]


def intent_of(shop: Shop, session: dict[str, Any]) -> dict[str, Any]:
    now = shop.get(f"checkout/sessions/{session['id']}", **{"expand[]": "payment_intent.latest_charge"})
    intent: dict[str, Any] = now["payment_intent"]
    return intent


def test_an_unknown_page_is_absent(shop: Shop) -> None:
    assert shop.http.get("/c/pay/cs_test_1").status_code == 404


def test_an_unknown_button_changes_nothing(shop: Shop) -> None:
    session = shop.session()
    assert shop.error(shop.act(session, "steal"))[0] == 400
    assert shop.get(f"checkout/sessions/{session['id']}") == session


@pytest.mark.parametrize("action", ["prove", "fail_proof"])
def test_a_proof_that_nobody_asked_for_is_refused(shop: Shop, action: str) -> None:
    assert shop.act(shop.session(), action).status_code in (400, 404)


def test_a_page_takes_one_payment(shop: Shop) -> None:
    session = shop.session()
    shop.act(session, "pay")
    for action in ("pay", "decline", "challenge", "debit"):
        assert shop.act(session, action).status_code == 409
    assert shop.state()["captured"] == {"eur": 1500}
    assert 'id="done"' in shop.http.get(session["url"]).text


def test_an_expired_page_takes_none(shop: Shop) -> None:
    session = shop.session()
    shop.post(f"checkout/sessions/{session['id']}/expire")
    assert shop.act(session, "pay").status_code == 409
    assert 'id="expired"' in shop.http.get(session["url"]).text
    assert shop.state()["captured"] == {}


@pytest.mark.parametrize(
    ("offered", "missing"), [("card", ["debit"]), ("sepa_debit", ["pay", "challenge", "decline"])]
)
def test_a_method_that_is_not_offered_takes_no_payment(shop: Shop, offered: str, missing: list[str]) -> None:
    session = shop.session(**{"allowed_payment_method_types[0]": offered})
    page = shop.http.get(session["url"]).text
    for action in missing:
        assert f'value="{action}"' not in page
        assert shop.error(shop.act(session, action))[:2] == (400, "payment_method_not_available")
    assert shop.state()["payments"] == []


def test_the_page_shows_what_is_asked_for_and_its_buttons(shop: Shop) -> None:
    session = shop.session(**{"line_items[0][price_data][product_data][name]": "<b>A2</b>"})
    page = shop.http.get(session["url"]).text
    assert "15.00 EUR" in page
    assert "&lt;b&gt;A2&lt;/b&gt;" in page
    assert "<script" not in page
    for action in ("pay", "challenge", "debit", "decline", "abandon"):
        assert f'value="{action}"' in page


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(500, "jpy", "500 JPY"), (5120, "kwd", "5.120 KWD"), (1000, "isk", "10.00 ISK")],
)
def test_the_page_shows_amounts_as_people_read_them(
    shop: Shop, amount: int, currency: str, text: str
) -> None:
    assert text in shop.http.get(shop.session(amount, currency)["url"]).text


def test_a_payment_leads_to_the_success_page_and_completes_the_session(shop: Shop) -> None:
    session = shop.session(
        **{"payment_intent_data[metadata][booking]": "1", "customer_email": "ann@example.com"}
    )
    answer = shop.act(session, "pay", email="other@example.com")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://aurora.localhost:8000/done?session={session['id']}"
    now = shop.get(f"checkout/sessions/{session['id']}")
    assert (now["status"], now["payment_status"], now["url"]) == ("complete", "paid", None)
    assert now["customer_details"]["email"] == "ann@example.com"
    intent = intent_of(shop, session)
    assert (intent["status"], intent["amount_received"], intent["currency"]) == ("succeeded", 1500, "eur")
    assert intent["metadata"] == intent["latest_charge"]["metadata"] == {"booking": "1"}
    assert shop.kinds() == PAID


def test_a_payment_is_booked_with_stripes_fee(shop: Shop) -> None:
    paid = shop.paid()
    path = f"payment_intents/{paid['payment_intent']}"
    intent = shop.get(path, **{"expand[]": "latest_charge.balance_transaction"})
    moved = intent["latest_charge"]["balance_transaction"]
    assert (moved["amount"], moved["fee"], moved["net"], moved["type"]) == (1500, 74, 1426, "charge")


def test_a_declined_card_leaves_the_page_open_for_another(shop: Shop) -> None:
    session = shop.session()
    assert shop.act(session, "decline", reason="insufficient_funds").headers["Location"] == session["url"]
    assert "insufficient funds" in shop.http.get(session["url"]).text
    intent = intent_of(shop, session)
    failure = intent["last_payment_error"]
    told = (failure["type"], failure["code"], failure["decline_code"])
    assert told == ("card_error", "card_declined", "insufficient_funds")
    assert (intent["status"], intent["latest_charge"]["status"]) == ("requires_payment_method", "failed")
    shop.act(session, "pay")
    after = intent_of(shop, session)
    assert (after["id"], after["status"], after["last_payment_error"]) == (intent["id"], "succeeded", None)
    assert len(shop.get("charges", payment_intent=intent["id"])["data"]) == 2
    assert shop.kinds() == [
        "payment_intent.created", "charge.failed", "payment_intent.payment_failed", *PAID[1:]
    ]  # fmt: skip


def test_a_card_may_ask_who_pays(shop: Shop) -> None:
    session = shop.session()
    shop.act(session, "challenge")
    assert intent_of(shop, session)["status"] == "requires_action"
    assert 'value="prove"' in shop.http.get(session["url"]).text
    shop.act(session, "fail_proof")
    failed = intent_of(shop, session)
    assert failed["last_payment_error"]["code"] == "payment_intent_authentication_failure"
    shop.act(session, "challenge")
    assert shop.act(session, "prove").status_code == 303
    assert intent_of(shop, session)["status"] == "succeeded"
    assert shop.state()["captured"] == {"eur": 1500}


def test_leaving_the_page_changes_nothing(shop: Shop) -> None:
    session = shop.session()
    assert shop.act(session, "abandon").headers["Location"] == "http://aurora.localhost:8000/again"
    assert shop.get(f"checkout/sessions/{session['id']}") == session


def test_nothing_to_pay_is_done_without_a_payment(shop: Shop) -> None:
    now = shop.paid(0)
    assert (now["status"], now["payment_status"], now["payment_intent"]) == (
        "complete", "no_payment_required", None
    )  # fmt: skip
    assert shop.kinds() == ["checkout.session.completed"]


def test_a_debit_is_complete_but_not_paid_until_the_bank_says_so(shop: Shop) -> None:
    session = shop.debited()
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")
    assert intent_of(shop, session)["status"] == "processing"
    assert shop.state()["captured"] == {}
    shop.control(f"payments/{session['id']}/settle", {"status": "succeeded"})
    now = shop.get(f"checkout/sessions/{session['id']}")
    assert (now["payment_status"], shop.state()["captured"]) == ("paid", {"eur": 1500})
    assert shop.kinds() == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.async_payment_succeeded",
    ]


def test_a_debit_may_fail_and_then_its_intent_can_be_cancelled(shop: Shop) -> None:
    session = shop.debited()
    path = f"payment_intents/{session['payment_intent']}/cancel"
    assert shop.error(shop.call("POST", path))[:2] == (400, "payment_intent_unexpected_state")
    shop.control(f"payments/{session['payment_intent']}/settle", {"status": "failed"})
    assert shop.kinds()[-3:] == [
        "charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"
    ]  # fmt: skip
    again = shop.http.post(f"/_control/payments/{session['id']}/settle", json={"status": "succeeded"})
    assert shop.error(again)[0] == 400
    cancelled = shop.post(path, {"cancellation_reason": "abandoned"})
    assert (cancelled["status"], cancelled["cancellation_reason"]) == ("canceled", "abandoned")
    assert shop.kinds()[-1] == "payment_intent.canceled"


def test_the_intent_of_an_open_session_is_not_cancelled_but_expired(shop: Shop) -> None:
    session = shop.session()
    shop.act(session, "decline")
    intent = intent_of(shop, session)
    refused = shop.call("POST", f"payment_intents/{intent['id']}/cancel")
    assert "Expire the Checkout Session" in refused.json()["error"]["message"]
    shop.post(f"checkout/sessions/{session['id']}/expire")
    assert intent_of(shop, session)["status"] == "canceled"
    assert shop.kinds()[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_a_paid_session_cannot_be_expired(shop: Shop) -> None:
    session = shop.paid()
    refused = shop.call("POST", f"checkout/sessions/{session['id']}/expire")
    assert "has a status of `complete`" in refused.json()["error"]["message"]


def test_a_session_expires_when_its_time_has_come(shop: Shop) -> None:
    first, second = shop.session(expires_at=soon(31 * 60)), shop.session()
    shop.control("clock", {"offsetSeconds": 31 * 60})
    states = [shop.get(f"checkout/sessions/{each['id']}")["status"] for each in (first, second)]
    assert states == ["expired", "open"]
    assert shop.act(first, "pay").status_code == 409
    (event,) = shop.events("checkout.session.expired")
    assert event["data"]["object"]["id"] == first["id"]


def test_a_session_can_be_expired_as_if_its_time_had_come(shop: Shop) -> None:
    session = shop.session()
    assert shop.control(f"sessions/{session['id']}/expire")["status"] == "expired"
    assert shop.kinds() == ["checkout.session.expired"]
    again = shop.http.post(f"/_control/sessions/{session['id']}/expire")
    assert shop.error(again)[0] == 400


def test_a_page_that_expires_while_it_is_paid_is_either(shop: Shop) -> None:
    """Whoever comes first wins, and the money agrees with it."""
    sessions = [shop.session() for _ in range(12)]
    with ThreadPoolExecutor(8) as both:
        for session in sessions:
            both.submit(shop.act, session, "pay")
            both.submit(shop.call, "POST", f"checkout/sessions/{session['id']}/expire")
            both.submit(shop.act, session, "pay")
    now = [shop.get(f"checkout/sessions/{session['id']}") for session in sessions]
    states = [(each["status"], each["payment_status"]) for each in now]
    assert set(states) <= {("complete", "paid"), ("expired", "unpaid")}
    assert shop.state()["captured"].get("eur", 0) == 1500 * states.count(("complete", "paid"))
