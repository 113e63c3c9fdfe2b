"""What stands in a list where an address should: the address as it is stored, or why it is none."""

import re
from unicodedata import category, normalize

from shared.fields import EMAIL, LONGEST_ADDRESS, normalised_email

NOT_AN_ADDRESS, LOOK_ALIKE = "not_an_address", "look_alike"
TOO_LONG, NOT_TEXT, MISSING = "too_long", "not_text", "missing"

LONGEST_VALUE = 200
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffd]")
# Before an address: what a link says, and what keeps a spreadsheet from taking `+…` for a formula.
_BEFORE = re.compile(r"(?:'(?=[-+=@])|mailto:)", re.IGNORECASE)


def judged(value: str) -> tuple[str, str | None]:
    """The address, or, with a reason, what stood there instead, cut to LONGEST_VALUE.

    `Mai Nguyen <mai@example.com>` and `mailto:mai@example.com` hold an address too.
    """
    try:
        return normalised_email(value), None
    except ValueError:
        return _second_look(value.strip())


def _second_look(value: str) -> tuple[str, str | None]:
    address = value[value.rfind("<") + 1 : -1] if value.endswith(">") else value
    address = _BEFORE.sub("", address.strip(), count=1)
    try:
        return normalised_email(address), None
    except ValueError:
        return value[:LONGEST_VALUE], _reason(address)


def _reason(value: str) -> str:
    if not value:
        return MISSING
    if _NOT_TEXT.search(value):
        return NOT_TEXT
    if len(value) > LONGEST_ADDRESS and "@" in value:
        return TOO_LONG
    return LOOK_ALIKE if _looks_like_an_address(value) else NOT_AN_ADDRESS


def _looks_like_an_address(value: str) -> bool:
    """Whether it is one but for letters that are drawn like those of an address, or not drawn at all.

    Letters with accents are seen to be others: they do not count.
    """
    if value.isascii():
        return False
    drawn = [sign for sign in normalize("NFC", value) if category(sign) != "Cf"]
    if any(_is_accented(sign) for sign in drawn):
        return False
    return EMAIL.fullmatch("".join(sign if sign.isascii() else _stand_in(sign) for sign in drawn)) is not None


def _is_accented(sign: str) -> bool:
    parts = normalize("NFD", sign)
    return sign in "đĐ" or (len(parts) > 1 and parts[0].isascii())


def _stand_in(sign: str) -> str:
    """The ASCII character that it means (fullwidth, mathematical), or any letter in place of a letter."""
    meant = normalize("NFKC", sign)
    return meant if meant.isascii() else ("a" if sign.isalpha() else sign)
