"""In which language somebody reads."""

import pytest

from shared.pages.languages import language_of


@pytest.mark.parametrize(
    ("asked", "accepted", "of_school", "told"),
    [
        (None, None, None, "en"),
        (None, None, "vi", "vi"),
        (None, "fr", "vi", "vi"),
        (None, "en-GB,en;q=0.9", "vi", "en"),
        (None, "fr,en;q=0.4,vi;q=0.6", "en", "vi"),
        (None, "vi;q=0,en;q=0.1", "vi", "en"),
        ("vi", "en", "en", "vi"),
        ("VI-VN", "en", "en", "vi"),
        ("de", "vi", "en", "vi"),
        ("<script>", "*;q=nan,;;,vi;q=", {"locale": "vi"}, "en"),
        (None, "vi;q=²,en;q=0.1", None, "en"),
        (None, ",".join(["fr"] * 100_000), "vi", "vi"),
    ],
)
def test_the_address_then_the_browser_then_the_school_says_the_language(
    asked: str | None, accepted: str | None, of_school: object, told: str
) -> None:
    assert language_of(asked, accepted, of_school) == told
