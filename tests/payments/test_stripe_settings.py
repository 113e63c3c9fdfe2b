"""An admin sets the school's Stripe keys, and never sees the secret ones again."""

from typing import Any

import pytest

from tests.bookings.life import Staff
from tests.functions import Answer
from tests.payments.fake_stripe import StripeSide
from tests.payments.webhooks import Webhooks, body_of, event, signed
from tests.schools import School

PATH = "/v1/admin/settings/stripe"
KEYS = {"secretKey": "sk_test_aurora", "webhookSecret": "whsec_first", "publishableKey": "pk_test_aurora"}


def put(staff: Staff, **keys: Any) -> Answer:
    return staff.api.put(PATH, keys, claims={"email": staff.email})


def get(staff: Staff) -> Answer:
    return staff.api.get(PATH, claims={"email": staff.email})


def trial(staff: Staff) -> Answer:
    return staff.api.post(f"{PATH}/test", {}, claims={"email": staff.email})


def test_nobody_but_an_admin_sees_or_sets_keys(admin: Staff) -> None:
    teacher = admin.named("teacher1@aurora.test")
    assert [get(teacher).code, put(teacher, **KEYS).code, trial(teacher).code] == ["forbidden"] * 3


@pytest.mark.parametrize(
    "keys",
    [
        {"secretKey": "pk_test_1"},
        {"secretKey": "sk_test_1\n"},
        {"webhookSecret": "secret"},
        {"webhookSecret": "whsec_a b"},
        {"publishableKey": "sk_test_1"},
        {"accountId": "account of mine"},
        {"tenant": "lotus, please"},
        {"secretKey": "sk_live_1", "publishableKey": "pk_test_1"},
        {"secretKey": "rk_test_1", "publishableKey": "pk_live_1"},
    ],
    ids=str,
)
def test_what_is_no_key_or_of_both_modes_is_refused_and_not_told_back(
    admin: Staff, keys: dict[str, str]
) -> None:
    refused = put(admin, **keys)
    assert (refused.status, refused.code) == (422, "invalid_request")
    assert not any(value in refused.text for value in keys.values())
    assert get(admin).json == {"hasSecretKey": False, "hasWebhookSecret": False}


def test_a_key_of_the_other_mode_is_refused_beside_the_one_that_is_set(admin: Staff) -> None:
    put(admin, **KEYS)
    assert put(admin, publishableKey="pk_live_1").status == 422
    assert get(admin).json["publishableKey"] == "pk_test_aurora"


def test_secrets_are_sealed_and_never_told(admin: Staff, school: School) -> None:
    told = put(admin, **KEYS)
    assert told.status == 200
    url = told.json["webhookUrl"]
    assert told.json == {
        "mode": "test",
        "publishableKey": "pk_test_aurora",
        "hasSecretKey": True,
        "hasWebhookSecret": True,
        "webhookUrl": url,
    }
    assert get(admin).json == told.json
    (row,) = school.database.rows('SELECT * FROM "Tenant" WHERE id = :t', t=school.id)
    assert not any(secret in str(row) for secret in ("sk_test_aurora", "whsec_first"))


def test_what_is_left_out_stays_and_null_takes_away(admin: Staff) -> None:
    first = put(admin, **KEYS, accountId="acct_1").json
    assert put(admin).json == first
    gone = put(admin, secretKey=None, webhookSecret=None, publishableKey=None, accountId=None).json
    assert gone == {"hasSecretKey": False, "hasWebhookSecret": False, "webhookUrl": first["webhookUrl"]}


def test_the_secret_before_stays_valid_beside_the_new_one(
    admin: Staff, webhooks: Webhooks, school: School
) -> None:
    endpoint = put(admin, **KEYS).json["webhookUrl"].rpartition("/")[2]
    put(admin, webhookSecret="whsec_second")
    put(admin, webhookSecret="whsec_second")
    bodies = {secret: body_of(event(id=f"evt_{secret}")) for secret in ("whsec_first", "whsec_second")}
    told = [webhooks.post(endpoint, body, signed(body, secret)).status for secret, body in bodies.items()]
    assert told == [200, 200]
    put(admin, webhookSecret="whsec_third")
    body = bodies["whsec_first"]
    assert webhooks.post(endpoint, body, signed(body, "whsec_first")).code == "signature_invalid"


def test_keys_are_tried_at_stripe(admin: Staff, stripe: StripeSide) -> None:
    assert trial(admin).json["reason"] == "no_key"
    put(admin, **KEYS)
    told = trial(admin)
    assert (told.status, told.json["mode"], told.json["chargesEnabled"]) == (200, "test", True)
    assert told.json["accountId"] == stripe.state()["account"]


def test_a_revoked_key_and_a_silent_stripe_are_told_apart(admin: Staff, stripe: StripeSide) -> None:
    put(admin, secretKey="sk_test_revoked")
    stripe.fault("error_before", "/v1/account", times=2)
    silent = trial(admin)
    assert (silent.status, silent.code, silent.headers["retry-after"]) == (503, "payments_unavailable", "5")
    stripe.control("keys/revoke", apiKey="sk_test_revoked")
    refused = trial(admin)
    assert (refused.status, refused.code, refused.json["reason"]) == (
        409,
        "payments_not_set_up",
        "key_refused",
    )
    assert "sk_test_revoked" not in refused.text + silent.text
