"""The addresses of an uploaded list, line by line, each judged by the rule of every other door."""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple
from unicodedata import normalize

from shared.fields import LONGEST_ADDRESS, normalised_email
from shared.whitelists.csv_text import text_lines
from shared.whitelists.errors import FileRefused

MOST_ROWS = 2_000_000
LONGEST_VALUE = 200

NOT_AN_ADDRESS, TOO_LONG, NOT_TEXT, MISSING = "not_an_address", "too_long", "not_text", "missing"

# Comes after the last line, and alone unless a quote is open there. No text holds it.
_END = "\0"
_DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"[^"]*"')
# `Student Email`, `email_address`, `E-mail 1 - Value`, `Địa chỉ email`; but not `not-an-email`.
_EMAIL_COLUMN = re.compile(r"(?:[^\W_]+[ _])*(?:e-?mails?|thư điện tử)(?:address|[ _].*)?")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffd]")

Record = tuple[int, list[str]]


class Row(NamedTuple):
    """`text` is the address as it is stored, or, when there is a `reason`, what stood there instead."""

    line: int
    text: str
    reason: str | None = None


def read_addresses(chunks: Iterator[bytes]) -> Iterator[Row]:
    """A row for each line that is not blank, after the header if there is one; lines count from 1.

    Comma, semicolon or tab; quoted fields may hold newlines, and count by their first line. Raises
    FileRefused where the file as a whole cannot be read.
    """
    records = _records(text_lines(chunks))
    first = next(records, None)
    if first is None:
        return
    column = _email_column(first[1])
    data = records if column is not None else chain([first], records)
    for count, (line, record) in enumerate(data, start=1):
        if count > MOST_ROWS:
            raise FileRefused("too_many_rows")
        yield _row(line, record, column or 0)


def _records(lines: Iterator[str]) -> Iterator[Record]:
    """The records that are not blank, each with the number of its first line."""
    blank = 0
    for opening in lines:
        if not opening.isspace():
            break
        blank += 1
    else:
        return
    reader = csv.reader(chain([opening], lines, [_END]), delimiter=_delimiter(opening))
    line = blank + 1
    try:
        for record in reader:
            if record and record[-1].endswith(_END):
                break
            # A spreadsheet writes its empty rows as delimiters alone.
            if any(record) and not "".join(record).isspace():
                yield line, record
            line = blank + reader.line_num + 1
    except csv.Error:
        raise FileRefused("line_too_long") from None
    if record != [_END]:
        raise FileRefused("unclosed_quote")


def _delimiter(line: str) -> str:
    outside = _QUOTED.sub("", line)
    return max(_DELIMITERS, key=outside.count)


def _email_column(record: list[str]) -> int | None:
    """Which column the header names; None when the record is no header but a line like the others."""
    names = [normalize("NFC", name).strip().casefold() for name in record]
    if any("@" in name for name in names):
        return None
    exact = [place for place, name in enumerate(names) if name in ("email", "e-mail")]
    like = [place for place, name in enumerate(names) if _EMAIL_COLUMN.fullmatch(name)]
    return next(iter(exact + like), None)


def _row(line: int, record: list[str], column: int) -> Row:
    value = record[column] if column < len(record) else ""
    try:
        return Row(line, normalised_email(value))
    except ValueError:
        return _second_look(line, value.strip())


def _second_look(line: int, value: str) -> Row:
    """`Mai Nguyen <mai@example.com>` is an address too; anything else is told with its reason."""
    address = value[value.rfind("<") + 1 : -1] if value.endswith(">") else value
    try:
        return Row(line, normalised_email(address))
    except ValueError:
        return Row(line, value[:LONGEST_VALUE], _reason(address))


def _reason(value: str) -> str:
    if not value:
        return MISSING
    if _NOT_TEXT.search(value):
        return NOT_TEXT
    return TOO_LONG if len(value) > LONGEST_ADDRESS and "@" in value else NOT_AN_ADDRESS
