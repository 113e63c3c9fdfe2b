"""The same idempotency key has one effect and one answer."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.idempotency import Idempotency
from tests.payments.fake.shop import Shop, order, soon


def created(shop: Shop, key: str, **change: object) -> httpx.Response:
    return shop.call("POST", "checkout/sessions", order(**change), Idempotency_Key=key)


def kind(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["type"]


def test_a_key_that_is_too_long_is_refused(shop: Shop) -> None:
    assert kind(created(shop, "k" * 256)) == (400, "idempotency_error")
    assert created(shop, "k" * 255).status_code == 200


def test_a_key_is_for_one_order(shop: Shop) -> None:
    created(shop, "k1")
    assert kind(created(shop, "k1", locale="vi")) == (400, "idempotency_error")
    assert len(shop.state()["sessions"]) == 1


def test_a_key_is_for_one_endpoint(shop: Shop) -> None:
    session = created(shop, "k1").json()
    told = shop.call("POST", f"checkout/sessions/{session['id']}/expire", Idempotency_Key="k1")
    assert kind(told) == (400, "idempotency_error")
    assert "same endpoint" in told.json()["error"]["message"]


def test_a_repeated_call_gets_the_first_answer(shop: Shop) -> None:
    first, again = created(shop, "k1"), created(shop, "k1")
    assert first.json() == again.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert len(shop.state()["sessions"]) == 1


def test_the_first_answer_stays_although_the_world_goes_on(shop: Shop) -> None:
    first = created(shop, "k1").json()
    shop.act(first, "pay")
    assert created(shop, "k1").json()["status"] == "open"


def test_what_was_refused_for_its_parameters_may_be_tried_again_with_the_key(shop: Shop) -> None:
    assert created(shop, "k1", locale="xx").status_code == 400
    assert created(shop, "k1").status_code == 200


def test_what_was_refused_for_the_state_of_things_stays_refused(shop: Shop) -> None:
    session = shop.paid()
    order = {"payment_intent": session["payment_intent"], "amount": 1000}
    shop.refunded(session, amount=1000)
    assert shop.call("POST", "refunds", order, Idempotency_Key="k1").status_code == 400
    refund = shop.state()["refunds"][0]
    shop.control(f"refunds/{refund['id']}/settle", {"status": "failed"})
    again = shop.call("POST", "refunds", order, Idempotency_Key="k1")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (400, "true")


def test_a_key_belongs_to_an_account(shop: Shop) -> None:
    other = Shop(shop.http, "sk_test_other")
    assert created(shop, "k1").json()["id"] != created(other, "k1").json()["id"]


def test_a_key_is_forgotten_after_a_day(shop: Shop) -> None:
    first = created(shop, "k1").json()["id"]
    shop.control("clock", {"offsetSeconds": 24 * 3600 + 60})
    change = {"expires_at": soon(26 * 3600)}
    assert created(shop, "k1", **change).json()["id"] != first


def test_reading_takes_no_key(shop: Shop) -> None:
    session = shop.session()
    path = f"checkout/sessions/{session['id']}"
    first = shop.call("GET", path, Idempotency_Key="k1")
    shop.act(session, "pay")
    again = shop.call("GET", path, Idempotency_Key="k1")
    assert [first.json()["status"], again.json()["status"]] == ["open", "complete"]


def test_while_a_call_is_on_its_way_its_key_is_taken() -> None:
    kept = Idempotency()
    assert kept.begin(("acct_1", "k1"), "/v1/refunds", {}, now=0) is None
    with pytest.raises(StripeError) as refused:
        kept.begin(("acct_1", "k1"), "/v1/refunds", {}, now=1)
    assert refused.value.status == 409
    assert refused.value.document["error"]["code"] == "idempotency_key_in_use"
    assert kept.begin(("acct_2", "k1"), "/v1/refunds", {}, now=1) is None


def test_many_at_once_with_one_key_have_one_effect(shop: Shop) -> None:
    session = shop.paid()
    order = {"payment_intent": session["payment_intent"], "amount": 100}
    with ThreadPoolExecutor(8) as callers:
        answers = list(
            callers.map(lambda _: shop.call("POST", "refunds", order, Idempotency_Key="k1"), range(24))
        )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 200}) == 1
    assert shop.state()["refunded"] == {"eur": 100}


def test_many_at_once_without_a_key_have_many(shop: Shop) -> None:
    session = shop.paid()
    order = {"payment_intent": session["payment_intent"], "amount": 100}
    with ThreadPoolExecutor(8) as callers:
        list(callers.map(lambda _: shop.call("POST", "refunds", order), range(24)))
    # Fifteen parts of one euro are all there is to give back, however many ask.
    assert shop.state()["refunded"] == {"eur": 1500}
    assert len(shop.state()["refunds"]) == 15
