"""Which column of a list holds the addresses: by its header, or by what stands in it."""

import re
from collections.abc import Iterator
from itertools import chain, islice
from unicodedata import normalize

from shared.whitelists.addresses import judged
from shared.whitelists.errors import FileRefused

Record = tuple[int, list[str]]

# So many records tell where the addresses are when no header does.
LOOKED_AT = 20
# `Student Email`, `email_address`, `E-mail 1 - Value`, `Địa chỉ email`; but not `not-an-email`.
_EMAIL_COLUMN = re.compile(
    r"(?:[^\W_]+[ _(]+)*(?:e[-_]?mails?|g?mails?|thư điện tử|hòm thư|hộp thư)(?:address|[ _:)].*)?"
)


def addressed(records: Iterator[Record], wanted: str | None) -> tuple[int, Iterator[Record]]:
    """The column of the addresses, and the records without the header if there is one.

    `wanted` is the header that the admin named. Raises FileRefused with column_not_found when the first
    record has none such.
    """
    first = list(islice(records, LOOKED_AT))
    if not first:
        return 0, iter(())
    named = _named(first[0][1], wanted)
    if named is not None:
        return named, chain(first[1:], records)
    return _filled(first), chain(first, records)


def _named(record: list[str], wanted: str | None) -> int | None:
    names = [_compared(name) for name in record]
    if wanted is not None:
        if _compared(wanted) not in names:
            raise FileRefused("column_not_found")
        return names.index(_compared(wanted))
    if any("@" in name for name in names):
        return None
    exact = [place for place, name in enumerate(names) if name in ("email", "e-mail")]
    like = [place for place, name in enumerate(names) if _EMAIL_COLUMN.fullmatch(name)]
    return next(iter(exact + like), None)


def _filled(records: list[Record]) -> int:
    """The first column that has an address in one of the records."""
    places = (
        place for _, record in records for place, value in enumerate(record) if judged(value)[1] is None
    )
    return next(places, 0)


def _compared(name: str) -> str:
    return " ".join(normalize("NFC", name).casefold().split())
