"""What a checkout session can be ordered as, and what is refused with which code."""

from typing import Any

import pytest

from local.fakes.stripe import API_VERSION
from tests.payments.fake.shop import Shop, order, soon

PRICE = "line_items[0][price_data]"
MANY = {f"metadata[k{number}]": "v" for number in range(51)}


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"mode": None}, "parameter_missing", "mode"),
        ({"mode": "subscription"}, None, "mode"),
        ({"success_url": None}, "parameter_missing", "success_url"),
        ({"success_url": "aurora"}, "url_invalid", "success_url"),
        ({"success_url": "javascript:alert(1)"}, "url_invalid", "success_url"),
        ({"success_url": ""}, "parameter_invalid_empty", "success_url"),
        ({"customer_email": "ann"}, "email_invalid", "customer_email"),
        ({"locale": "xx"}, None, "locale"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({f"{PRICE}[currency]": "abc"}, None, f"{PRICE}[currency]"),
        ({f"{PRICE}[currency]": None}, "parameter_missing", f"{PRICE}[currency]"),
        ({f"{PRICE}[unit_amount]": "15.00"}, "parameter_invalid_integer", f"{PRICE}[unit_amount]"),
        ({f"{PRICE}[unit_amount]": "1_500"}, "parameter_invalid_integer", f"{PRICE}[unit_amount]"),
        ({f"{PRICE}[unit_amount]": -1}, None, f"{PRICE}[unit_amount]"),
        ({f"{PRICE}[colour]": "red"}, "parameter_unknown", f"{PRICE}[colour]"),
        ({f"{PRICE}[product_data][name]": None}, "parameter_missing", f"{PRICE}[product_data]"),
        ({"line_items[0][quantity]": 0}, None, "line_items[0][quantity]"),
        ({"line_items[2][quantity]": 1}, None, "line_items"),
        ({"line_items[x][quantity]": 1}, None, "line_items"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"expires_at": soon(29 * 60)}, None, "expires_at"),
        ({"expires_at": soon(24 * 3600 + 60)}, None, "expires_at"),
        ({"payment_method_types[0]": "card"}, "parameter_unknown", "payment_method_types"),
        ({"metadata": "x"}, None, "metadata"),
        ({"metadata[a][b]": "x"}, None, "metadata"),
        (MANY, None, "metadata"),
        ({"metadata[" + "k" * 41 + "]": "v"}, None, "metadata"),
        ({"metadata[k]": "v" * 501}, None, "metadata"),
        ({"payment_intent_data[metadata][k]": "v" * 501}, None, "payment_intent_data[metadata]"),
        ({"expand[0]": "customer"}, None, "expand"),
        ({"expand[0]": "payment_intent.latest_charge.a.b.c"}, None, "expand"),
    ],
)
def test_a_wrong_order_is_refused(shop: Shop, change: Any, code: str | None, param: str) -> None:
    refused = shop.error(shop.call("POST", "checkout/sessions", order(**change)))
    assert refused == (400, code, param)
    assert shop.state()["sessions"] == []


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "eur", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (100_000_000, "eur", "amount_too_large"),
        (5124, "kwd", "parameter_invalid_integer"),
        (1010, "isk", "parameter_invalid_integer"),
        (1, "ugx", "parameter_invalid_integer"),
    ],
)
def test_an_amount_that_its_currency_cannot_be_charged_is_refused(
    shop: Shop, amount: int, currency: str, code: str
) -> None:
    told = shop.error(shop.call("POST", "checkout/sessions", order(amount, currency)))
    assert told[:2] == (400, code)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        (50, "eur"),
        (99_999_999, "eur"),
        (500, "jpy"),
        (5120, "kwd"),
        (1000, "isk"),
        (250_000, "VND"),
        (0, "eur"),
    ],
)
def test_amounts_are_minor_units_of_their_currency(shop: Shop, amount: int, currency: str) -> None:
    session = shop.session(amount, currency)
    assert (session["amount_total"], session["currency"]) == (amount, currency.lower())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("mode=payment&mode=payment", id="twice"),
        pytest.param("mode[a]=1&mode=payment", id="value and hash"),
        pytest.param("mode=payment&mode[a]=1", id="hash and value"),
        pytest.param("mode[=payment", id="bracket"),
        pytest.param("[mode]=payment", id="no name"),
        pytest.param("mode", id="no value"),
        pytest.param("mode=%ff", id="no UTF-8"),
        pytest.param("mode=%00", id="NUL"),
        pytest.param("mode=\u00e9".encode(), id="no ASCII"),
        pytest.param("a[b][c][d][e][f][g][h][i][j]=1", id="deep"),
        pytest.param("&".join(f"a[{n}]=1" for n in range(1001)), id="many"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(shop: Shop, body: Any) -> None:
    headers = {"Authorization": f"Bearer {shop.key}", "Content-Type": "application/x-www-form-urlencoded"}
    answer = shop.http.post("/v1/checkout/sessions", content=body, headers=headers)
    assert shop.error(answer)[0] == 400


def test_a_body_of_json_is_refused(shop: Shop) -> None:
    headers = {"Authorization": f"Bearer {shop.key}"}
    answer = shop.http.post("/v1/checkout/sessions", json=order(), headers=headers)
    assert shop.error(answer)[0] == 400


def test_another_version_of_the_api_is_refused(shop: Shop) -> None:
    refused = shop.call("GET", "account", Stripe_Version="2020-08-27")
    assert (refused.status_code, refused.headers["Stripe-Version"]) == (400, API_VERSION)


def test_lines_are_in_one_currency(shop: Shop) -> None:
    second = {
        name.replace("[0]", "[1]"): value for name, value in order(1500, "usd").items() if "[0]" in name
    }
    assert shop.error(shop.call("POST", "checkout/sessions", order(**second)))[0] == 400


def test_the_least_amount_holds_for_the_sum_of_the_lines(shop: Shop) -> None:
    session = shop.session(25, **{"line_items[0][quantity]": 2})
    assert session["amount_total"] == 50


def test_a_session_keeps_what_it_was_ordered_with(shop: Shop) -> None:
    more = {
        "client_reference_id": "booking-1",
        "customer_email": "ann@example.com",
        "metadata[booking]": "1",
        "metadata[empty]": "",
        "locale": "vi",
        "submit_type": "book",
        "expires_at": soon(31 * 60),
    }
    session = shop.session(**more)
    kept = {
        name: session[name] for name in ("client_reference_id", "customer_email", "locale", "submit_type")
    }
    assert kept == {name: more[name] for name in kept}
    assert session["metadata"] == {"booking": "1"}
    assert session["expires_at"] == more["expires_at"]
    assert shop.get(f"checkout/sessions/{session['id']}") == session


def test_a_session_ends_in_a_day_unless_it_says_when(shop: Shop) -> None:
    session = shop.session()
    assert session["expires_at"] - session["created"] == 24 * 3600


def test_methods_can_be_chosen_and_left_out(shop: Shop) -> None:
    assert shop.session()["payment_method_types"] == ["card", "sepa_debit"]
    assert shop.session(250_000, "vnd")["payment_method_types"] == ["card"]
    chosen = shop.session(**{"allowed_payment_method_types[0]": "sepa_debit"})
    assert chosen["payment_method_types"] == ["sepa_debit"]
    left = shop.session(**{"excluded_payment_method_types[0]": "sepa_debit"})
    assert left["payment_method_types"] == ["card"]
    none = {"allowed_payment_method_types[0]": "us_bank_account"}
    assert shop.error(shop.call("POST", "checkout/sessions", order(**none)))[0] == 400
