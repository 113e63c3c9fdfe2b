"""The fake misbehaves as ordered, before or after the work, and forgets or remembers as Stripe would."""

from typing import Any

import httpx
import pytest

from tests.payments.fake.shop import Shop, order
from tests.waiting import eventually

REFUNDS = {"method": "POST", "path": "/v1/refunds*"}


def refund(shop: Shop, session: dict[str, Any], key: str = "k1") -> httpx.Response:
    form = {"payment_intent": session["payment_intent"]}
    return shop.call("POST", "refunds", form, Idempotency_Key=key)


def fault(shop: Shop, kind: str, **more: Any) -> None:
    shop.control("faults", {"kind": kind, **REFUNDS, **more})


@pytest.mark.parametrize(
    "wrong", [{"kind": "rain"}, {"kind": "delay", "times": 0}, {"kind": "delay", "colour": "red"}, {}]
)
def test_faults_are_ordered_strictly(shop: Shop, wrong: dict[str, Any]) -> None:
    assert shop.error(shop.http.post("/_control/faults", json=wrong))[:2] == (400, "parameter_invalid")


def test_an_answer_that_was_dropped_before_the_work_changed_nothing(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "drop_before")
    with pytest.raises(httpx.TransportError):
        refund(shop, session)
    assert shop.state()["refunds"] == []
    assert refund(shop, session).status_code == 200


def test_an_answer_that_was_dropped_after_the_work_is_there_for_who_asks_again(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "drop_after")
    with pytest.raises(httpx.TransportError):
        refund(shop, session)
    assert shop.state()["refunded"] == {"eur": 1500}
    again = refund(shop, session)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert refund(shop, session, "k2").json()["error"]["code"] == "charge_already_refunded"


def test_an_error_before_the_work_is_over_with_the_next_try(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "error_before", times=2)
    answers = [refund(shop, session).status_code for _ in range(3)]
    assert answers == [500, 500, 200]


def test_an_error_after_the_work_is_the_answer_for_good_and_the_work_is_done(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "error_after")
    first, again = refund(shop, session), refund(shop, session)
    assert [first.status_code, again.status_code] == [500, 500]
    assert first.json()["error"]["type"] == "api_error"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert shop.state()["refunded"] == {"eur": 1500}
    assert shop.kinds()[-1] == "charge.refunded"


@pytest.mark.parametrize("seconds", [0, 7, None])
def test_too_many_calls_are_told_when_to_come_again(shop: Shop, seconds: int | None) -> None:
    session = shop.paid()
    fault(shop, "rate_limited", retryAfter=seconds)
    limited = refund(shop, session)
    assert shop.error(limited)[:2] == (429, "rate_limit")
    assert limited.headers.get("Retry-After") == (None if seconds is None else str(seconds))
    assert refund(shop, session).status_code == 200


def test_a_refusal_may_be_any(shop: Shop) -> None:
    card = {"status": 402, "type": "card_error", "code": "card_declined", "declineCode": "lost_card"}
    fault(shop, "refuse", **card)
    answer = shop.call("POST", "refunds", {"charge": "ch_1"})
    told = answer.json()["error"]
    assert (answer.status_code, told["type"], told["decline_code"]) == (402, "card_error", "lost_card")


def test_a_fault_befalls_only_the_calls_that_it_is_for(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "error_before", skip=1, apiKey=shop.key)
    assert shop.call("GET", "refunds").status_code == 200
    assert Shop(shop.http, "sk_test_other").call("POST", "refunds").status_code == 400
    assert [refund(shop, session, key).status_code for key in ("k1", "k2")] == [200, 500]


def test_faults_can_be_called_off(shop: Shop) -> None:
    fault(shop, "error_before", times=9)
    assert shop.http.delete("/_control/faults").status_code == 200
    assert refund(shop, shop.paid()).status_code == 200


def test_every_call_is_written_down_with_what_befell_it(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "drop_after")
    with pytest.raises(httpx.TransportError):
        refund(shop, session)
    refund(shop, session)
    shop.call("POST", "checkout/sessions", order(locale="xx"))
    calls = shop.http.get("/_control/calls").json()["calls"]
    told = [(each["path"], each["fault"], each["status"], each["replayed"]) for each in calls[-3:]]
    assert told == [
        ("/v1/refunds", "drop_after", None, False),
        ("/v1/refunds", None, 200, True),
        ("/v1/checkout/sessions", None, 400, False),
    ]
    assert {each["idempotencyKey"] for each in calls[-3:]} == {"k1", None}


def test_a_caller_who_does_not_wait_finds_the_work_done_later(shop: Shop) -> None:
    session = shop.paid()
    fault(shop, "delay", seconds=1)
    with httpx.Client(base_url=shop.http.base_url, timeout=0.2) as hasty, pytest.raises(httpx.ReadTimeout):
        refund(Shop(hasty), session)
    eventually(lambda: shop.state()["refunds"])
    again = eventually(lambda: answered if (answered := refund(shop, session)).status_code != 409 else None)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
