"""Amounts as a reader of the mail would write them."""

from decimal import Decimal

from shared.money import major_units

_VIETNAMESE = str.maketrans(",.", ".,")


def spoken_money(minor: int, currency: str, language: str) -> str:
    """`1,500.00 EUR`, `1.500,00 EUR` in Vietnamese; `minor` in minor units of `currency`."""
    return spoken_amount(major_units(minor, currency), currency, language)


def spoken_amount(amount: Decimal, currency: str, language: str) -> str:
    """The same of major units."""
    told = f"{amount:,f}"
    return f"{told.translate(_VIETNAMESE) if language == 'vi' else told} {currency.upper()}"
