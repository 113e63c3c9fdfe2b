"""Money as it is written in mails."""

import pytest

from shared.notifications.spoken_money import spoken_money


@pytest.mark.parametrize(
    ("minor", "currency", "english", "vietnamese"),
    [
        (1500, "eur", "15.00 EUR", "15,00 EUR"),
        (123_456_78, "USD", "123,456.78 USD", "123.456,78 USD"),
        (150_000, "vnd", "150,000 VND", "150.000 VND"),
        (5120, "KWD", "5.120 KWD", "5,120 KWD"),
    ],
)
def test_an_amount_is_written_as_readers_write_it(
    minor: int, currency: str, english: str, vietnamese: str
) -> None:
    assert spoken_money(minor, currency, "en") == english
    assert spoken_money(minor, currency, "vi") == vietnamese
