"""The addresses of an uploaded list, line by line, each judged by the rule of every other door."""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from shared.whitelists.addresses import judged
from shared.whitelists.csv_text import LONGEST_LINE, text_lines
from shared.whitelists.errors import FileRefused
from shared.whitelists.header import Record, addressed

MOST_ROWS = 2_000_000

# Comes after the last line, and alone unless a quote is open there. No text holds it.
_END = "\0"
_DELIMITERS = ",;\t"
_QUOTED = re.compile(r'"[^"]*"')
# How Excel is told the delimiter; no record.
_SEP = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)


class Row(NamedTuple):
    """`text` is the address as it is stored, or, when there is a `reason`, what stood there instead."""

    line: int
    text: str
    reason: str | None = None


def read_addresses(chunks: Iterator[bytes], header: str | None = None) -> Iterator[Row]:
    """A row for each line that is not blank, after the header if there is one; lines count from 1.

    Comma, semicolon or tab; quoted fields may hold newlines, and count by their first line. The column is
    the one under `header`, or is found. Raises FileRefused where the file as a whole cannot be read.
    """
    column, records = addressed(_records(text_lines(chunks)), header)
    for count, (line, record) in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise FileRefused("too_many_rows")
        yield Row(line, *judged(record[column] if column < len(record) else ""))


class _Held:
    """The lines on their way to the reader, which keeps what belongs to a record until it ends."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.characters = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.characters += len(line)
            if self.characters > LONGEST_LINE:
                raise FileRefused("line_too_long")
            yield line


def _records(lines: Iterator[str]) -> Iterator[Record]:
    """The records that are not blank, each with the number of its first line."""
    before, opening, delimiter = _opening(lines)
    if opening is None:
        return
    held = _Held(chain([opening], lines, [_END]))
    reader = csv.reader(held, delimiter=delimiter)
    line = before + 1
    try:
        for record in reader:
            if record and record[-1].endswith(_END):
                break
            # A spreadsheet writes its empty rows as delimiters alone.
            if any(record) and not "".join(record).isspace():
                yield line, record
            line = before + reader.line_num + 1
            held.characters = 0
    except csv.Error:
        raise FileRefused("line_too_long") from None
    if record != [_END]:
        raise FileRefused("unclosed_quote")


def _opening(lines: Iterator[str]) -> tuple[int, str | None, str]:
    """How many lines come before the first record, its first line, and what its fields are parted by."""
    told = None
    for before, line in enumerate(lines):
        found = _SEP.fullmatch(line) if told is None else None
        if found:
            told = found[1]
        elif not line.isspace():
            return before, line, told or _delimiter(line)
    return 0, None, ","


def _delimiter(line: str) -> str:
    outside = _QUOTED.sub("", line)
    return max(_DELIMITERS, key=outside.count)
