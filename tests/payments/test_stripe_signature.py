"""A signature of Stripe's is for exactly these bytes, by a secret of the school's, and recent."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.fakes.stripe.delivery import signature_header
from shared.payments.errors import SignatureInvalid
from shared.payments.stripe_signature import check_signature

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BODY = b'{"id": "evt_1"}'
SECRET = "whsec_1"
DIGEST = "a" * 64


def header(*secrets: str, body: bytes = BODY, at: datetime = NOW) -> str:
    return signature_header(secrets or [SECRET], body, int(at.timestamp()))


@pytest.mark.parametrize(
    "malformed",
    [
        None,
        "",
        ",",
        "=",
        "t",
        "v1",
        f"v1={DIGEST}",
        "t=1795348800",
        "t=1795348800,v1=",
        "t=1795348800,v1=abc",
        f"t=1795348800,v1={DIGEST.upper()}",
        f"t=1795348800,v1={DIGEST}0",
        f"t=,v1={DIGEST}",
        f"t=-1,v1={DIGEST}",
        f"t=1e9,v1={DIGEST}",
        f"t=\uff11\uff17,v1={DIGEST}",
        f"t={'9' * 5_000},v1={DIGEST}",
        f"t=1795348800.0,v1={DIGEST}",
        f"t=1795348800,t=1795348800,v1={DIGEST}",
        f"t=1795348800,v1={DIGEST},v1=\ud800",
        "\x00" * 100,
    ],
)
def test_a_malformed_header_is_refused(malformed: str | None) -> None:
    with pytest.raises(SignatureInvalid):
        check_signature(malformed, BODY, [SECRET], NOW)


@pytest.mark.parametrize("twice", [f"t=1,{header()}", f"{header()},t=1", f"{header()},{header()}"])
def test_two_times_are_refused_although_one_of_them_is_signed(twice: str) -> None:
    with pytest.raises(SignatureInvalid):
        check_signature(twice, BODY, [SECRET], NOW)


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
def test_a_signature_from_too_long_ago_or_from_the_future_is_refused(seconds: int) -> None:
    with pytest.raises(SignatureInvalid):
        check_signature(header(at=NOW + timedelta(seconds=seconds)), BODY, [SECRET], NOW)


def test_a_later_time_cannot_be_put_before_an_old_signature() -> None:
    old = header(at=NOW - timedelta(hours=1))
    with pytest.raises(SignatureInvalid):
        check_signature(re.sub(r"t=\d+", f"t={int(NOW.timestamp())}", old), BODY, [SECRET], NOW)


@given(position=st.integers(0, len(BODY) - 1), flipped=st.integers(1, 255))
def test_no_byte_of_the_body_may_differ(position: int, flipped: int) -> None:
    changed = bytearray(BODY)
    changed[position] ^= flipped
    with pytest.raises(SignatureInvalid):
        check_signature(header(), bytes(changed), [SECRET], NOW)


@pytest.mark.parametrize("secrets", [[], ["whsec_2"], ["whsec_2", "whsec_3"], [""]])
def test_another_secret_is_refused(secrets: list[str]) -> None:
    with pytest.raises(SignatureInvalid):
        check_signature(header(), BODY, secrets, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_either_way_are_accepted(seconds: int) -> None:
    check_signature(header(at=NOW + timedelta(seconds=seconds)), BODY, [SECRET], NOW)


@given(body=st.binary(max_size=500))
def test_any_bytes_can_be_signed(body: bytes) -> None:
    check_signature(header(body=body), body, [SECRET], NOW)


def test_any_of_the_schools_secrets_may_have_made_any_of_the_signatures() -> None:
    check_signature(header("whsec_0", SECRET), BODY, ["whsec_previous", SECRET], NOW)


def test_signatures_of_other_schemes_are_passed_over() -> None:
    check_signature(f"v0=garbage,{header()},v2=x,odd", BODY, [SECRET], NOW)
