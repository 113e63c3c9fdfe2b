"""Amounts in major and minor units: a currency's minor unit is a tenth to some power, as Stripe counts it.

Where Stripe's count is not ISO 4217's, Stripe's is meant, as in `Payment.amount` and in Cal.com's prices.
Source: docs.stripe.com/currencies.
"""

from decimal import Decimal

from shared.errors import Problem

DEFAULT_EXPONENT = 2
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UYI", "VND", "VUV", "XAF",
         "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip

_OF_TWO_DECIMALS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY
    COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK
    JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO
    NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS
    TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD YER ZAR ZMW
"""
CURRENCIES = frozenset(EXPONENTS) | frozenset(_OF_TWO_DECIMALS.split())
"""Those that Stripe charges in."""

# Stripe takes no single minor units of these: the two without coins it counts in hundredths all the same, and
# of thousandths it takes tens.
_STEPS = {
    **dict.fromkeys(("ISK", "UGX"), 100),
    **dict.fromkeys((currency for currency, exponent in EXPONENTS.items() if exponent == 3), 10),
}
# Eight digits are the most that Stripe takes in a charge.
_MOST = 99_999_999


class PriceNotExpressible(Problem):
    status, code, title = 422, "price_not_expressible", "The currency has no coins for this price"


def major_units(minor: int, currency: str) -> Decimal:
    """`1500, "eur"` → `15.00`; `500, "JPY"` → `500`; `1000, "ISK"` → `10`."""
    name = currency.upper()
    amount = Decimal(minor).scaleb(-EXPONENTS.get(name, DEFAULT_EXPONENT))
    has_no_coins = _STEPS.get(name) == 100 and minor % 100 == 0
    return amount.quantize(Decimal(1)) if has_no_coins else amount


def minor_units(amount: Decimal, currency: str) -> int:
    """`15.00, "EUR"` → `1500`; `5.12, "KWD"` → `5120`; `10, "ISK"` → `1000`. Raises PriceNotExpressible."""
    name = currency.upper()
    scaled = amount.scaleb(EXPONENTS.get(name, DEFAULT_EXPONENT))
    if not scaled.is_finite() or not 0 < scaled <= _MOST or scaled % _STEPS.get(name, 1):
        raise PriceNotExpressible
    return int(scaled)
