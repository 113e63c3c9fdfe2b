"""Stripe's own library takes the fake for Stripe."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local.fakes.stripe import API_VERSION, stripe_app
from local.web import serving
from tests.payments.receiver import receiving

sdk: Any = pytest.importorskip("stripe", reason="Stripe's library is not installed")

EVENT = {"type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1", "object": "payment_intent"}}}


@pytest.fixture
def stripe_url() -> Iterator[str]:
    with serving(stripe_app(retry_waits=[]), threads=4) as url:
        yield url


def client(stripe_url: str, api_key: str) -> Any:
    return sdk.StripeClient(api_key, base_addresses={"api": stripe_url}, max_network_retries=0)


def test_a_live_key_is_an_authentication_error(stripe_url: str) -> None:
    with pytest.raises(sdk.AuthenticationError) as refused:
        client(stripe_url, "sk_live_1").v1.accounts.retrieve_current()
    assert refused.value.error.code == "livemode_mismatch"


def test_an_unknown_parameter_is_an_invalid_request(stripe_url: str) -> None:
    with pytest.raises(sdk.InvalidRequestError) as refused:
        client(stripe_url, "sk_test_1").v1.accounts.retrieve_current({"colour": "red"})
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "colour")


def test_the_account_of_a_key_is_one_that_the_library_knows(stripe_url: str) -> None:
    accounts = client(stripe_url, "sk_test_1").v1.accounts
    account = accounts.retrieve_current()
    assert set(account.to_dict()) <= set(sdk.Account.__annotations__)
    assert accounts.retrieve(account.id).id == account.id
    assert client(stripe_url, "sk_test_2").v1.accounts.retrieve_current().id != account.id


def test_the_fake_speaks_the_librarys_version() -> None:
    assert sdk.api_version == API_VERSION


@pytest.mark.parametrize("secret", ["whsec_current", "whsec_previous"])
def test_the_library_accepts_what_the_fake_signs(stripe_url: str, secret: str) -> None:
    with receiving() as receiver:
        endpoint = {"url": receiver.url, "secret": "whsec_current", "previousSecret": "whsec_previous"}
        httpx.post(f"{stripe_url}/_control/webhook-endpoints", json=endpoint)
        httpx.post(f"{stripe_url}/_control/events", json=EVENT)
    (received,) = receiver.received
    event = sdk.Webhook.construct_event(received.body, received.signature, secret)
    assert event.type == "payment_intent.succeeded"
    assert set(json.loads(received.body)) <= set(sdk.Event.__annotations__)
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.Webhook.construct_event(received.body, received.signature, "whsec_another")
