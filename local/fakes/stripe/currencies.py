"""What Stripe takes in which currency, in minor units. Source: docs.stripe.com/currencies."""

from decimal import Decimal

from local.fakes.stripe.answers import StripeError

_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE_DECIMAL = "bhd jod kwd omr tnd"
_OTHERS = """
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad
    cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg
    huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr
    mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek
    sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs wst xcd yer zar zmw
"""

ZERO_DECIMAL = frozenset(_ZERO_DECIMAL.split())
THREE_DECIMAL = frozenset(_THREE_DECIMAL.split())
# Without cents in life, but told to Stripe with two decimals that are always zero.
WHOLE_WITH_DECIMALS = {"isk", "ugx"}
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | frozenset(_OTHERS.split())

# The least of a charge; elsewhere it depends on the day's rate, and here one minor unit will do.
LEAST = dict.fromkeys(["usd", "eur", "aud", "brl", "cad", "chf", "inr", "nzd", "sgd", "jpy"], 50)
LEAST |= {"gbp": 30, "dkk": 250, "nok": 300, "sek": 300, "pln": 200, "ron": 200, "aed": 200, "myr": 200}
LEAST |= {"hkd": 400, "bgn": 100, "mxn": 1000, "thb": 1000, "czk": 1500, "huf": 17500}
MOST_DIGITS = {"idr": 12, "cop": 10, "huf": 10, "jpy": 10, "inr": 9}


def check_currency(currency: str, param: str) -> str:
    """In lower case, as Stripe tells it."""
    if currency.lower() not in CURRENCIES:
        raise StripeError(400, f"Invalid currency: {currency[:20]}.", param=param)
    return currency.lower()


def check_step(amount: int, currency: str, param: str) -> None:
    """Last digits that a currency must not use are refused."""
    step = 100 if currency in WHOLE_WITH_DECIMALS else 10 if currency in THREE_DECIMAL else 1
    if amount % step:
        message = f"Invalid amount: {currency} amounts must be divisible by {step}."
        raise StripeError(400, message, "parameter_invalid_integer", param)


def check_total(amount: int, currency: str) -> None:
    """What a payer is asked for at once; nothing at all is a total too."""
    if 0 < amount < LEAST.get(currency, 1):
        message = (
            f"The Checkout Session's total amount due must add up to at least {LEAST[currency]} {currency}"
        )
        raise StripeError(400, message, "amount_too_small")
    if amount >= 10 ** MOST_DIGITS.get(currency, 8):
        message = "The Checkout Session's total amount due is more than Stripe takes at once"
        raise StripeError(400, message, "amount_too_large")


def fee_of(amount: int, currency: str) -> int:
    """Stripe's share of a charge: 2.9 % and 30 cents, in three-decimal currencies 300 of theirs."""
    return (amount * 29 + 500) // 1000 + (300 if currency in THREE_DECIMAL else 30)


def shown(amount: int, currency: str) -> str:
    """`15.00 EUR`: an amount in minor units as people read it."""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    return f"{Decimal(amount).scaleb(-digits):,f} {currency.upper()}"
