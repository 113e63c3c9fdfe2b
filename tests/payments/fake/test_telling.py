"""Whoever listens is told of every change, as things were then, in the order and as often as ordered."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.payments.fake.shop import Shop
from tests.payments.receiver import Receiver, receiving


@pytest.fixture
def hook(shop: Shop) -> Iterator[Receiver]:
    with receiving() as receiver:
        shop.control("webhook-endpoints", {"apiKey": shop.key, "url": receiver.url})
        yield receiver


def settled(shop: Shop) -> list[dict[str, Any]]:
    told = shop.http.get("/_control/deliveries", params={"wait": 20}).json()
    assert told["quiet"]
    deliveries: list[dict[str, Any]] = told["deliveries"]
    return deliveries


def test_an_absent_event_is_not_sent_again(shop: Shop) -> None:
    assert shop.error(shop.http.post("/_control/events/evt_absent/resend"))[0] == 404
    session = shop.session()
    assert shop.error(shop.http.post(f"/_control/events/{session['id']}/resend"))[0] == 404


def test_a_payment_is_told_in_its_order(shop: Shop, hook: Receiver) -> None:
    shop.paid()
    settled(shop)
    assert [event["type"] for event in hook.events()] == shop.kinds()
    assert [event["id"] for event in hook.events()] == [event["id"] for event in shop.events()]


def test_an_event_holds_things_as_they_were(shop: Shop) -> None:
    session = shop.session()
    shop.act(session, "decline")
    shop.act(session, "pay")
    intents = [
        event["data"]["object"] for event in shop.events() if event["type"].startswith("payment_intent")
    ]
    assert [intent["status"] for intent in intents] == [
        "requires_payment_method", "requires_payment_method", "succeeded"
    ]  # fmt: skip
    assert intents[1]["last_payment_error"]["code"] == "card_declined"


def test_what_changed_is_told_with_what_it_was(shop: Shop) -> None:
    shop.paid()
    (event,) = shop.events("charge.updated")
    assert event["data"]["previous_attributes"] == {"balance_transaction": None}
    assert event["data"]["object"]["balance_transaction"].startswith("txn_")


def test_an_event_names_the_call_that_caused_it(shop: Shop) -> None:
    session = shop.session()
    answer = shop.call("POST", f"checkout/sessions/{session['id']}/expire", Idempotency_Key="k1")
    (event,) = shop.events("checkout.session.expired")
    assert event["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "k1"}


def test_a_listener_that_fails_is_tried_again(shop: Shop) -> None:
    with receiving(500, 200) as receiver:
        shop.control("webhook-endpoints", {"apiKey": shop.key, "url": receiver.url})
        shop.post(f"checkout/sessions/{shop.session()['id']}/expire")
        assert [each["status"] for each in settled(shop)] == [500, 200]


def test_an_event_is_sent_again_as_it_was(shop: Shop, hook: Receiver) -> None:
    shop.paid()
    settled(shop)
    (event,) = shop.events("payment_intent.succeeded")
    shop.control(f"events/{event['id']}/resend", {"times": 10, "atOnce": True})
    assert hook.events()[-10:] == [event] * 10


def test_one_success_may_be_told_under_another_id(shop: Shop, hook: Receiver) -> None:
    shop.paid()
    settled(shop)
    (event,) = shop.events("payment_intent.succeeded")
    (other,) = shop.control(f"events/{event['id']}/resend", {"newId": True})["events"]
    assert other["id"] != event["id"]
    assert {**other, "id": event["id"]} == event
    assert hook.events()[-1] == other
    assert shop.get(f"events/{other['id']}") == other


def test_events_can_be_held_and_come_in_reverse(shop: Shop, hook: Receiver) -> None:
    shop.control("events/hold", {"apiKey": shop.key})
    shop.paid()
    settled(shop)
    assert hook.received == []
    shop.control("events/release", {"apiKey": shop.key, "order": "reversed"})
    assert [event["type"] for event in hook.events()] == shop.kinds()[::-1]
    shop.post(f"checkout/sessions/{shop.session()['id']}/expire")
    settled(shop)
    assert hook.events()[-1]["type"] == "checkout.session.expired"


def test_of_held_events_some_may_be_lost(shop: Shop, hook: Receiver) -> None:
    shop.control("events/hold", {"apiKey": shop.key})
    shop.paid()
    wanted = [shop.events(kind)[0]["id"] for kind in ("checkout.session.completed", "payment_intent.created")]
    shop.control("events/release", {"apiKey": shop.key, "ids": wanted})
    assert [event["id"] for event in hook.events()] == wanted
