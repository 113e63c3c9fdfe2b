"""What Stripe signed is read strictly all the same: it goes into a database and to other readers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.payments.errors import EventUnreadable
from shared.payments.stripe_event import DEEPEST, SECRETS, read_event
from tests.payments.webhooks import body_of, event


def with_value(text: str) -> bytes:
    """An event that holds a value written as `text`."""
    return body_of(event(value="HERE")).replace(b'"HERE"', text.encode())


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("NaN", id="not a number"),
        pytest.param("-Infinity", id="infinity"),
        pytest.param("1e400", id="a float beyond all floats"),
        pytest.param("9" * 5_000, id="an endless integer"),
        pytest.param('"\\ud800"', id="half a character"),
        pytest.param('{"\\udfff": 1}', id="half a character as a name"),
        pytest.param('"\\u0000"', id="a NUL"),
        pytest.param('{"a\\u0000": 1}', id="a NUL in a name"),
        pytest.param('{"a": 1, "a": 1}', id="a name that comes twice"),
        pytest.param('{"client_secret": 1, "client_secret": 2}', id="a secret that comes twice"),
        pytest.param('"\n"', id="a bare line break"),
        pytest.param("'a'", id="no JSON"),
        pytest.param(nested(DEEPEST + 1), id="nested one deeper than allowed"),
        pytest.param(nested(10_000), id="nested without end"),
    ],
)
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(EventUnreadable):
        read_event(with_value(text))


@pytest.mark.parametrize("body", [b"", b"\xff", b"\xed\xa0\x80", b"null", b"1", b"[]", b'"evt_1"', b"{}"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(EventUnreadable):
        read_event(body)


def test_a_byte_order_mark_and_other_encodings_are_refused() -> None:
    text = json.dumps(event())
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        with pytest.raises(EventUnreadable):
            read_event(text.encode(encoding))


@pytest.mark.parametrize(
    "members",
    [
        {"id": None},
        {"id": 1},
        {"id": ""},
        {"id": "evt_"},
        {"id": "pi_1"},
        {"id": "evt_1\n"},
        {"id": "evt_" + "1" * 201},
        {"type": None},
        {"type": ""},
        {"type": "a b"},
        {"type": "x\n"},
        {"type": "x" * 201},
        {"livemode": None},
        {"livemode": "false"},
        {"livemode": 0},
    ],
)
def test_an_event_says_its_id_its_type_and_its_mode(members: dict[str, Any]) -> None:
    with pytest.raises(EventUnreadable):
        read_event(body_of(event(**members)))


def test_an_event_is_read_as_it_is() -> None:
    read = read_event(body_of(event(livemode=True)))
    assert (read.id, read.type, read.livemode) == ("evt_1", "payment_intent.succeeded", True)
    assert json.loads(read.document) == event(livemode=True)


def test_nesting_as_deep_as_allowed_is_read() -> None:
    read = read_event(with_value(nested(DEEPEST)))
    assert nested(DEEPEST) in read.document


def test_client_secrets_are_left_out_however_deep() -> None:
    hidden = {"client_secret": "pi_1_secret_x", "kept": [{"secret": "ek_1", "kept": True}]}
    read = read_event(body_of(event(data={"object": hidden})))
    assert json.loads(read.document)["data"] == {"object": {"kept": [{"kept": True}]}}


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_NAMES = _TEXT.filter(lambda name: name not in SECRETS)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(value=_JSON)
def test_every_other_value_comes_through(value: Any) -> None:
    assert json.loads(read_event(body_of(event(value={"is": value}))).document)["value"] == {"is": value}
