"""What Stripe posts is kept for the school whose secret signed it, and nothing else is."""

import base64
import io
import json

import pytest
from botocore.stub import Stubber

from shared.telemetry import logger
from shared.tenant_scope import of_tenant
from tests.payments.webhooks import SECRET, Webhooks, body_of, event, signed, stripe_post
from tests.schools import School, make_school

BODY = body_of(event())
LARGEST = 256 * 1024


def padded(size: int) -> bytes:
    """An event of exactly `size` bytes."""
    bare = len(body_of(event(note="")))
    return body_of(event(note="x" * (size - bare)))


def test_an_endpoint_that_nobody_has_is_not_found(webhooks: Webhooks, school: School) -> None:
    webhooks.listen(school)
    for endpoint_id in ("we_unknown", "a b", "%00", "x" * 129, "é", "we_1'--"):
        answer = webhooks.post(endpoint_id, BODY, signed(BODY))
        assert (answer.status, answer.code) == (404, "webhook_endpoint_not_found")
    assert webhooks.kept() == []


def test_an_endpoint_of_another_vendor_is_not_found(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school, provider="IMMERSIO")
    assert webhooks.post(endpoint, BODY, signed(BODY)).status == 404
    assert webhooks.kept() == []


def test_a_body_over_256_kb_is_refused_although_it_is_signed(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    body = padded(LARGEST + 1)
    answer = webhooks.post(endpoint, body, signed(body))
    assert (answer.status, answer.code) == (413, "request_too_large")
    assert webhooks.kept() == []


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("garbage", id="garbage"),
        pytest.param("t=,v1=", id="blank"),
        pytest.param("t=é,v1=\ud83d", id="no text"),
        pytest.param(signed(BODY, "whsec_another"), id="wrong secret"),
        pytest.param(signed(b"{}"), id="another body's"),
        pytest.param(signed(BODY, seconds_from_now=-1_000), id="stale"),
        pytest.param(signed(BODY, seconds_from_now=1_000), id="from the future"),
        pytest.param(signed(BODY).replace("v1=", "v0="), id="another scheme"),
    ],
)
def test_what_stripe_did_not_sign_just_now_changes_nothing(
    webhooks: Webhooks, school: School, signature: str | None
) -> None:
    answer = webhooks.post(webhooks.listen(school), BODY, signature)
    assert (answer.status, answer.code) == (400, "signature_invalid")
    assert webhooks.kept() == []


def test_another_schools_secret_does_not_open_this_schools_endpoint(
    webhooks: Webhooks, school: School
) -> None:
    other = make_school(webhooks.database, "lotus")
    endpoint, others = webhooks.listen(school), webhooks.listen(other, "whsec_lotus")
    assert webhooks.post(endpoint, BODY, signed(BODY, "whsec_lotus")).code == "signature_invalid"
    assert webhooks.post(others, BODY, signed(BODY, SECRET)).code == "signature_invalid"
    assert webhooks.kept() == []


def test_a_school_without_a_secret_accepts_nothing(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    school.change("Tenant", school.id, stripeWebhookSecret=None)
    assert webhooks.post(endpoint, BODY, signed(BODY, "")).code == "signature_invalid"
    assert webhooks.kept() == []


def test_a_secret_moved_to_another_school_opens_nothing_there(webhooks: Webhooks, school: School) -> None:
    other = make_school(webhooks.database, "lotus")
    endpoint, others = webhooks.listen(school), webhooks.listen(other)
    assert webhooks.post(endpoint, BODY, signed(BODY)).status == 200
    stolen = webhooks.database.value('SELECT "stripeWebhookSecret" FROM "Tenant" WHERE id = :t', t=school.id)
    other.change("Tenant", other.id, stripeWebhookSecret=stolen)
    assert webhooks.post(others, BODY, signed(BODY)).code == "internal_error"
    assert [row["tenantId"] for row in webhooks.kept()] == [school.id]


def test_while_kms_does_not_answer_stripe_is_asked_to_come_again(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    with Stubber(webhooks.function.module.sealer._kms) as kms:
        kms.add_client_error("decrypt", "ThrottlingException")
        answer = webhooks.post(endpoint, BODY, signed(BODY))
    assert (answer.status, answer.code, webhooks.kept()) == (503, "busy", [])
    assert webhooks.post(endpoint, BODY, signed(BODY)).status == 200


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"not json", b"[]", b'{"id": "evt_1"}'])
def test_what_is_signed_but_no_event_is_refused(webhooks: Webhooks, school: School, body: bytes) -> None:
    answer = webhooks.post(webhooks.listen(school), body, signed(body))
    assert (answer.status, answer.code) == (400, "event_unreadable")
    assert webhooks.kept() == []


def test_a_body_that_is_no_base64_is_refused(webhooks: Webhooks, school: School) -> None:
    posted = stripe_post(webhooks.listen(school), BODY, signed(BODY))
    answer = webhooks.function({**posted, "body": "%%%"})
    assert answer["statusCode"] == 400


def test_a_signed_event_is_kept_for_its_school(webhooks: Webhooks, school: School) -> None:
    answer = webhooks.post(webhooks.listen(school), BODY, signed(BODY))
    assert (answer.status, answer.json) == (200, {"received": True})
    assert webhooks.kept() == [
        {
            "tenantId": school.id,
            "provider": "STRIPE",
            "eventId": "evt_1",
            "type": "payment_intent.succeeded",
            "payload": event(),
            "handledAt": None,
        }
    ]


def test_a_body_that_came_as_text_is_read_as_it_came(webhooks: Webhooks, school: School) -> None:
    body = json.dumps(event(description="Đàm thoại — 15,00 €"), ensure_ascii=False, indent=2).encode()
    posted = stripe_post(webhooks.listen(school), body, signed(body))
    answer = webhooks.function({**posted, "body": body.decode(), "isBase64Encoded": False})
    assert answer["statusCode"] == 200
    assert webhooks.kept()[0]["payload"]["description"] == "Đàm thoại — 15,00 €"


def test_the_largest_event_is_kept(webhooks: Webhooks, school: School) -> None:
    body = padded(LARGEST)
    assert webhooks.post(webhooks.listen(school), body, signed(body)).status == 200


def test_an_event_that_comes_again_is_received_and_kept_once(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    for _ in range(3):
        assert webhooks.post(endpoint, BODY, signed(BODY)).status == 200
    assert len(webhooks.kept()) == 1


def test_an_event_that_was_handled_stays_so_when_it_comes_again(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    webhooks.post(endpoint, BODY, signed(BODY))
    webhooks.database.rows('UPDATE "WebhookEvent" SET "handledAt" = now()')
    changed = body_of(event(type="payment_intent.canceled"))
    assert webhooks.post(endpoint, changed, signed(changed)).status == 200
    (row,) = webhooks.kept()
    assert row["handledAt"] is not None
    assert row["type"] == "payment_intent.succeeded"


def test_the_same_event_id_of_two_schools_are_two_events(webhooks: Webhooks, school: School) -> None:
    other = make_school(webhooks.database, "lotus")
    endpoint, others = webhooks.listen(school), webhooks.listen(other, "whsec_lotus")
    assert webhooks.post(endpoint, BODY, signed(BODY)).status == 200
    assert webhooks.post(others, BODY, signed(BODY, "whsec_lotus")).status == 200
    assert [row["tenantId"] for row in webhooks.kept()] == [school.id, other.id]


def test_while_a_secret_is_rolled_both_are_valid_and_afterwards_one(
    webhooks: Webhooks, school: School
) -> None:
    endpoint = webhooks.listen(school, "whsec_new", "whsec_old")
    for number, secret in enumerate(("whsec_new", "whsec_old")):
        body = body_of(event(id=f"evt_{number}"))
        assert webhooks.post(endpoint, body, signed(body, secret)).status == 200
    webhooks.keep_secrets(school, "whsec_new")
    assert webhooks.post(endpoint, BODY, signed(BODY, "whsec_old")).code == "signature_invalid"
    assert webhooks.post(endpoint, BODY, signed(BODY, "whsec_new")).status == 200


def test_one_of_two_signatures_is_enough(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    for number, secrets in enumerate((("whsec_other", SECRET), (SECRET, "whsec_other"))):
        body = body_of(event(id=f"evt_{number}"))
        assert webhooks.post(endpoint, body, signed(body, *secrets)).status == 200
    assert len(webhooks.kept()) == 2


def test_a_suspended_school_is_still_told(webhooks: Webhooks, school: School) -> None:
    endpoint = webhooks.listen(school)
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert webhooks.post(endpoint, BODY, signed(BODY)).status == 200


def test_client_secrets_are_not_kept(webhooks: Webhooks, school: School) -> None:
    intent = {"id": "pi_1", "client_secret": "pi_1_secret_x", "charges": [{"client_secret": "y"}]}
    body = body_of(event(data={"object": intent}))
    assert webhooks.post(webhooks.listen(school), body, signed(body)).status == 200
    assert webhooks.kept()[0]["payload"]["data"] == {"object": {"id": "pi_1", "charges": [{}]}}


def test_the_logs_tell_which_event_of_whom_and_nothing_of_its_content(
    webhooks: Webhooks, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", lines)
    body = body_of(event(receipt_email="student@example.test", description="a private note"))
    endpoint = webhooks.listen(school)
    signature = signed(body)
    webhooks.post(endpoint, body, signature)
    webhooks.post(endpoint, body, signed(body, "whsec_wrong"))
    told = lines.getvalue()
    kept = [line for line in map(json.loads, told.splitlines()) if line["message"] == "kept"]
    assert [(line["tenant_id"], line["event_id"]) for line in kept] == [(school.id, "evt_1")]
    for private in ("student@", "private note", SECRET, "1500", signature, base64.b64encode(body).decode()):
        assert private not in told


def test_an_event_costs_two_round_trips_commit_included(webhooks: Webhooks, school: School) -> None:
    endpoint, database = webhooks.listen(school), webhooks.function.module.database
    webhooks.post(endpoint, BODY, signed(BODY))
    before = database.in_tenant(of_tenant(school.id), lambda c: c.round_trips)
    body = body_of(event(id="evt_2"))
    webhooks.post(endpoint, body, signed(body))
    assert database.in_tenant(of_tenant(school.id), lambda c: c.round_trips) == before + 2
