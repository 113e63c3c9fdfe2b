"""Amounts as a reader of the mail would write them."""

from shared.money import major_units

_VIETNAMESE = str.maketrans(",.", ".,")


def spoken_money(minor: int, currency: str, language: str) -> str:
    """`1,500.00 EUR`, `1.500,00 EUR` in Vietnamese; `minor` in minor units of `currency`."""
    amount = f"{major_units(minor, currency):,f}"
    return f"{amount.translate(_VIETNAMESE) if language == 'vi' else amount} {currency.upper()}"
