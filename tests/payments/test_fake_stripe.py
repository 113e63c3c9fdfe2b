"""The fake Stripe refuses what Stripe refuses, and tells endpoints what Stripe would tell them."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from local.fakes.stripe import stripe_app
from local.web import serving
from tests.payments.receiver import Receiver, receiving
from tests.payments.webhooks import SECRET, Webhooks, posted_to
from tests.schools import School

EVENT = {"type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1", "description": None}}}


@pytest.fixture
def stripe() -> Iterator[httpx.Client]:
    with serving(stripe_app(retry_waits=[0.0, 0.0]), threads=4) as url, httpx.Client(base_url=url) as client:
        yield client


def key(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}"}


def listen(stripe: httpx.Client, receiver: Receiver, **members: str) -> None:
    told = stripe.post("/_control/webhook-endpoints", json={"url": receiver.url, "secret": SECRET, **members})
    assert told.status_code == 201


def announce(stripe: httpx.Client, **members: Any) -> dict[str, Any]:
    told = stripe.post("/_control/events", json=members)
    assert told.status_code == 201, told.text
    answer: dict[str, Any] = told.json()
    return answer


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        pytest.param({}, None, id="no key"),
        pytest.param({"Authorization": "Basic Og=="}, None, id="empty"),
        pytest.param({"Authorization": "garbage"}, None, id="garbage"),
        pytest.param(key("sk_live_1"), "livemode_mismatch", id="live key"),
        pytest.param(key("rk_live_1"), "livemode_mismatch", id="restricted live key"),
        pytest.param(key("pk_test_1"), "secret_key_required", id="publishable key"),
        pytest.param(key("sk_test_"), None, id="nothing of a key"),
        pytest.param(key("aurora"), None, id="no key of Stripe's"),
    ],
)
def test_only_secret_test_keys_are_accepted(
    stripe: httpx.Client, headers: dict[str, str], code: str | None
) -> None:
    told = stripe.get("/v1/account", headers=headers)
    assert told.status_code == 401
    assert told.json()["error"]["type"] == "invalid_request_error"
    assert told.json()["error"].get("code") == code


def test_a_refused_key_is_not_told_back(stripe: httpx.Client) -> None:
    told = stripe.get("/v1/account", headers=key("sk_wrong_0123456789"))
    assert "0123456789" not in told.text


def test_unknown_parameters_are_refused_by_name(stripe: httpx.Client) -> None:
    told = stripe.get("/v1/account?colour[dark]=1", headers=key("sk_test_1"))
    assert told.status_code == 400
    assert told.json()["error"] == {
        "type": "invalid_request_error",
        "code": "parameter_unknown",
        "message": "Received unknown parameter: colour",
        "param": "colour",
    }


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("POST", "/v1/account"), ("GET", "/"), ("GET", "/_control")]
)
def test_unknown_urls_are_refused(stripe: httpx.Client, method: str, path: str) -> None:
    told = stripe.request(method, path, headers=key("sk_test_1"))
    assert (told.status_code, told.json()["error"]["type"]) == (404, "invalid_request_error")


def test_a_key_may_come_as_the_user_of_basic_authentication(stripe: httpx.Client) -> None:
    mine = stripe.get("/v1/account", headers=key("sk_test_1"))
    assert stripe.get("/v1/account", auth=("sk_test_1", "")).json() == mine.json()


def test_another_keys_account_is_absent(stripe: httpx.Client) -> None:
    mine = stripe.get("/v1/account", headers=key("sk_test_1")).json()["id"]
    assert stripe.get(f"/v1/accounts/{mine}", headers=key("sk_test_1")).json()["id"] == mine
    told = stripe.get(f"/v1/accounts/{mine}", headers=key("sk_test_2"))
    assert (told.status_code, told.json()["error"]["code"]) == (404, "resource_missing")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com:80/hook",
        "http://169.254.169.254:80/",
        "http://localhost.example.com:80/",
        "http://evillocalhost:80/",
        "https://127.0.0.1:443/",
        "http://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "file:///etc/passwd",
        "",
    ],
)
def test_nobody_outside_this_machine_can_be_told(stripe: httpx.Client, url: str) -> None:
    told = stripe.post("/_control/webhook-endpoints", json={"url": url})
    assert (told.status_code, told.json()["error"]["param"]) == (400, "url")


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"type": "x"},
        {"events": []},
        {**EVENT, "data": {}},
        {**EVENT, "times": 0},
        {**EVENT, "order": "random"},
        {**EVENT, "unknown": 1},
    ],
)
def test_orders_of_the_control_plane_are_read_strictly(stripe: httpx.Client, order: dict[str, Any]) -> None:
    told = stripe.post("/_control/events", json=order)
    assert (told.status_code, told.json()["error"]["code"]) == (400, "parameter_invalid")


def test_another_accounts_endpoint_is_not_told(stripe: httpx.Client) -> None:
    with receiving() as mine, receiving() as others:
        listen(stripe, mine, apiKey="sk_test_1")
        listen(stripe, others, apiKey="sk_test_2")
        announce(stripe, **EVENT, apiKey="sk_test_1")
    assert (len(mine.received), len(others.received)) == (1, 0)


def test_a_delivery_that_never_succeeds_is_given_up(stripe: httpx.Client) -> None:
    with receiving(500) as receiver:
        listen(stripe, receiver)
        told = announce(stripe, **EVENT)["deliveries"]
    assert [(each["number"], each["status"]) for each in told] == [(1, 500), (2, 500), (3, 500)]


def test_where_nobody_listens_nothing_is_delivered(stripe: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    listen(stripe, Receiver([200], f"http://127.0.0.1:{closed}/hook"))
    told = announce(stripe, **EVENT)["deliveries"]
    assert {(each["status"], each["succeeded"]) for each in told} == {(None, False)}


def test_a_redirect_is_a_failure_and_is_not_followed(stripe: httpx.Client) -> None:
    with receiving(302, 500, 204) as receiver:
        listen(stripe, receiver)
        announce(stripe, **EVENT)
        told = stripe.get("/_control/deliveries").json()["deliveries"]
    assert [(each["status"], each["succeeded"]) for each in told] == [(302, False), (500, False), (204, True)]
    assert len({received.body for received in receiver.received}) == 1


def test_events_may_come_in_another_order_and_more_than_once(stripe: httpx.Client) -> None:
    events = [{**EVENT, "type": kind} for kind in ("charge.pending", "charge.succeeded")]
    with receiving() as receiver:
        listen(stripe, receiver)
        announce(stripe, events=events, order="reversed", times=2)
    kinds = [json.loads(received.body)["type"] for received in receiver.received]
    assert kinds == ["charge.succeeded", "charge.succeeded", "charge.pending", "charge.pending"]


def test_one_event_may_come_many_times_at_once(stripe: httpx.Client) -> None:
    with receiving() as receiver:
        listen(stripe, receiver)
        announce(stripe, **EVENT, times=10, atOnce=True)
    assert len(receiver.received) == 10
    assert len({json.loads(received.body)["id"] for received in receiver.received}) == 1


def test_an_event_looks_like_stripes(stripe: httpx.Client) -> None:
    with receiving() as receiver:
        listen(stripe, receiver)
        (event,) = announce(stripe, **EVENT)["events"]
    assert json.loads(receiver.received[0].body) == event
    assert event["object"] == "event"
    assert event["livemode"] is False
    assert event["data"] == EVENT["data"]


def test_what_the_fake_tells_a_school_is_kept(
    stripe: httpx.Client, webhooks: Webhooks, school: School
) -> None:
    """From the sender through the real handler into the table, while a secret is rolled."""
    endpoint = webhooks.listen(school, "whsec_new")

    @Request.application
    def gateway(request: Request) -> Response:
        posted = request.get_data(), request.headers["Stripe-Signature"]
        return Response(status=posted_to(webhooks.function, endpoint, *posted).status)

    with serving(gateway, threads=1) as url:
        listen(stripe, Receiver([], f"{url}/hook"), secret="whsec_other")
        assert {each["status"] for each in announce(stripe, **EVENT)["deliveries"]} == {400}
        listen(stripe, Receiver([], f"{url}/hook"), previousSecret="whsec_new")
        told = announce(stripe, **EVENT)
    (kept,) = webhooks.kept()
    assert [each["status"] for each in told["deliveries"]] == [200]
    assert (kept["tenantId"], kept["payload"]) == (school.id, told["events"][0])
