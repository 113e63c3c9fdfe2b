"""Money given back, and money that a payer's bank takes back."""

import pytest

from tests.payments.fake.shop import Shop


def test_a_refund_needs_to_know_of_what(shop: Shop) -> None:
    paid = shop.paid()
    both = {"payment_intent": paid["payment_intent"], "charge": "ch_1"}
    assert shop.error(shop.call("POST", "refunds"))[:2] == (400, "parameter_missing")
    assert shop.error(shop.call("POST", "refunds", both))[0] == 400
    absent = shop.call("POST", "refunds", {"payment_intent": "pi_absent"})
    assert shop.error(absent) == (400, "resource_missing", "payment_intent")


@pytest.mark.parametrize("amount", ["0", "-1", "1501", "1.5"])
def test_an_amount_that_is_not_there_is_not_given_back(shop: Shop, amount: str) -> None:
    order = {"payment_intent": shop.paid()["payment_intent"], "amount": amount}
    status, _, param = shop.error(shop.call("POST", "refunds", order))
    assert (status, param) == (400, "amount")
    assert shop.state()["refunded"] == {"eur": 0}


def test_what_was_not_paid_is_not_given_back(shop: Shop) -> None:
    intent = shop.debited()["payment_intent"]
    refused = shop.call("POST", "refunds", {"payment_intent": intent})
    assert shop.error(refused)[:2] == (400, "payment_intent_unexpected_state")
    charge = shop.get("charges", payment_intent=intent)["data"][0]["id"]
    assert shop.error(shop.call("POST", "refunds", {"charge": charge}))[0] == 400


def test_a_payment_is_given_back_once(shop: Shop) -> None:
    paid = shop.paid()
    refund = shop.refunded(paid, reason="requested_by_customer", **{"metadata[refund]": "7"})
    assert (refund["status"], refund["amount"], refund["metadata"]) == ("succeeded", 1500, {"refund": "7"})
    charge = shop.get(f"charges/{refund['charge']}", **{"expand[]": "refunds"})
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 1500)
    assert [each["id"] for each in charge["refunds"]["data"]] == [refund["id"]]
    again = shop.call("POST", "refunds", {"payment_intent": paid["payment_intent"]})
    assert shop.error(again)[:2] == (400, "charge_already_refunded")
    assert shop.kinds()[-2:] == ["refund.created", "charge.refunded"]


def test_parts_are_given_back_until_nothing_is_left(shop: Shop) -> None:
    paid = shop.paid()
    parts = [shop.refunded(paid, amount=400)["amount"], shop.refunded(paid, amount=1000)["amount"]]
    assert [*parts, shop.refunded(paid)["amount"]] == [400, 1000, 100]
    changes = [event["data"]["previous_attributes"] for event in shop.events("charge.refunded")]
    assert changes == [
        {"amount_refunded": 0}, {"amount_refunded": 400}, {"amount_refunded": 1400, "refunded": False}
    ]  # fmt: skip


def test_the_last_digit_of_a_dinar_stays_zero(shop: Shop) -> None:
    paid = shop.paid(5120, "kwd")
    refused = shop.call("POST", "refunds", {"payment_intent": paid["payment_intent"], "amount": 5})
    assert shop.error(refused)[2] == "amount"


def test_a_refund_moves_the_balance(shop: Shop) -> None:
    refund = shop.refunded(shop.paid(), amount=500)
    (moved,) = shop.get("balance_transactions", source=refund["id"])["data"]
    assert (moved["amount"], moved["fee"], moved["net"], moved["type"]) == (-500, 0, -500, "refund")


def test_a_refund_may_wait_and_then_arrive(shop: Shop) -> None:
    shop.control("refunds/next", {"apiKey": shop.key, "statuses": ["pending"]})
    refund = shop.refunded(shop.paid())
    assert (refund["status"], refund["balance_transaction"]) == ("pending", None)
    assert shop.state()["refunded"] == {"eur": 1500}
    shop.control(f"refunds/{refund['id']}/settle", {"status": "succeeded"})
    assert shop.get(f"refunds/{refund['id']}")["status"] == "succeeded"
    (event,) = shop.events("refund.updated")
    assert event["data"]["previous_attributes"]["status"] == "pending"


@pytest.mark.parametrize("first", ["pending", "succeeded"])
def test_a_refund_that_fails_leaves_the_money_to_be_given_back_again(shop: Shop, first: str) -> None:
    shop.control("refunds/next", {"apiKey": shop.key, "statuses": [first]})
    paid = shop.paid()
    refund = shop.refunded(paid)
    outcome = {"status": "failed", "failureReason": "lost_or_stolen_card"}
    failed = shop.control(f"refunds/{refund['id']}/settle", outcome)
    assert (failed["status"], failed["failure_reason"]) == ("failed", "lost_or_stolen_card")
    assert (failed["failure_balance_transaction"] is None) == (first == "pending")
    assert shop.state()["refunded"] == {"eur": 0}
    assert shop.kinds()[-3:] == ["refund.failed", "refund.updated", "charge.updated"]
    assert shop.refunded(paid)["status"] == "succeeded"
    settled = shop.http.post(f"/_control/refunds/{refund['id']}/settle", json={"status": "succeeded"})
    assert shop.error(settled)[0] == 400


def test_a_refund_may_fail_at_once(shop: Shop) -> None:
    shop.control("refunds/next", {"apiKey": shop.key, "statuses": ["failed"]})
    assert shop.refunded(shop.paid())["status"] == "failed"
    assert shop.state()["refunded"] == {"eur": 0}
    assert shop.kinds()[-2:] == ["refund.created", "refund.failed"]


def test_a_bank_account_gets_its_money_later(shop: Shop) -> None:
    session = shop.debited()
    shop.control(f"payments/{session['id']}/settle", {"status": "succeeded"})
    refund = shop.refunded(session)
    assert (refund["id"][:4], refund["charge"][:3], refund["status"]) == ("pyr_", "py_", "pending")


def test_people_refund_in_the_dashboard_too(shop: Shop) -> None:
    paid = shop.paid()
    refund = shop.control("refunds", {"payment": paid["id"], "amount": 500})
    assert shop.get(f"refunds/{refund['id']}")["payment_intent"] == paid["payment_intent"]
    (event,) = shop.events("refund.created")
    assert event["request"] == {"id": None, "idempotency_key": None}
    assert shop.http.get("/_control/calls").json()["calls"][-1]["path"] == "/v1/events"
    assert "/v1/refunds" not in [call["path"] for call in shop.http.get("/_control/calls").json()["calls"]]


def test_a_disputed_payment_is_not_given_back_too(shop: Shop) -> None:
    paid = shop.paid()
    opened = shop.control("disputes", {"payment": paid["payment_intent"]})
    refused = shop.call("POST", "refunds", {"payment_intent": paid["payment_intent"]})
    assert shop.error(refused)[:2] == (400, "charge_disputed")
    assert shop.get(f"charges/{opened['charge']}")["disputed"] is True
    assert [each["amount"] for each in opened["balance_transactions"]] == [-1500]
    assert shop.kinds()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    again = shop.http.post("/_control/disputes", json={"payment": paid["id"]})
    assert shop.error(again)[0] == 400


@pytest.mark.parametrize(("outcome", "movements"), [("won", [-1500, 1500]), ("lost", [-1500])])
def test_a_dispute_is_won_or_lost(shop: Shop, outcome: str, movements: list[int]) -> None:
    opened = shop.control("disputes", {"payment": shop.paid()["id"]})
    closed = shop.control(f"disputes/{opened['id']}/close", {"status": outcome})
    assert closed["status"] == outcome
    assert [each["amount"] for each in closed["balance_transactions"]] == movements
    assert shop.kinds()[-1] == "charge.dispute.closed"
    again = shop.http.post(f"/_control/disputes/{opened['id']}/close", json={"status": outcome})
    assert shop.error(again)[0] == 400


def test_the_state_tells_what_came_in_and_what_went_back(shop: Shop) -> None:
    paid = shop.paid(**{"payment_intent_data[metadata][booking]": "1"})
    shop.paid(500, "jpy")
    shop.refunded(paid, amount=400)
    told = shop.state()
    assert (told["captured"], told["refunded"]) == ({"eur": 1500, "jpy": 500}, {"eur": 400, "jpy": 0})
    (payment, _) = told["payments"]
    assert (payment["id"], payment["captured"], payment["refunded"]) == (paid["payment_intent"], 1500, 400)
    assert payment["metadata"] == {"booking": "1"}
    assert [each["amount"] for each in told["refunds"]] == [400]
