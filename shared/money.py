"""Amounts in major and minor units (ISO 4217): a currency's minor unit is a tenth to some power."""

from decimal import Decimal

DEFAULT_EXPONENT = 2
EXPONENTS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
         "VUV", "XAF", "XOF", "XPF"),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}  # fmt: skip


def major_units(minor: int, currency: str) -> Decimal:
    """`1500, "eur"` → `15.00`; `500, "JPY"` → `500`."""
    return Decimal(minor).scaleb(-EXPONENTS.get(currency.upper(), DEFAULT_EXPONENT))
