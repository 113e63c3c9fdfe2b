"""Cal.com 6.0 as its database tells it, of the tables that this service extends."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "calcom"
TABLES = (
    "users", "Schedule", "EventType", "Availability", "Host", "OutOfOfficeEntry", "Booking", "Attendee",
    "Payment",
)  # fmt: skip

Row = Mapping[str, str]


@cache
def columns() -> tuple[Row, ...]:
    """table_name, column_name, type, nullable (t or f), default_value (empty for none), in their order."""
    return tuple(_read("columns.csv"))


@cache
def constraints() -> tuple[Row, ...]:
    """table_name, name, kind, definition: the keys, and the references between these tables."""
    return tuple(_read("constraints.csv"))


@cache
def indexes() -> tuple[Row, ...]:
    """table_name, name, is_unique (t or f), definition from the access method on; not those of keys."""
    return tuple(_read("indexes.csv"))


@cache
def enums() -> Mapping[str, tuple[str, ...]]:
    """The labels of each enum, in their order."""
    return {row["enum"]: tuple(row["labels"].split()) for row in _read("enums.csv")}


def _read(name: str) -> Iterator[Row]:
    with (FOLDER / name).open(newline="") as file:
        yield from csv.DictReader(file)
