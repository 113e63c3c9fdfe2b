"""Nights on which the clock changes, against a table made without this code (`make_dst_table.py`)."""

import csv

import pytest

from shared.slots.find_slots import find_slots, is_bookable
from shared.slots.types import Schedule
from tests.slots import make_dst_table
from tests.slots.build import at, on, rules, schedule

with make_dst_table.TABLE.open(newline="", encoding="ascii") as file:
    ROWS = list(csv.DictReader(file))

A_NIGHT = 3 * 86_400


def case(row: dict[str, str]) -> str:
    return f"{row['zone']} {row['hours']} / {row['length']}"


def teacher(row: dict[str, str]) -> Schedule:
    overrides = [on(*listed.split(" ")) for listed in row["hours"].split("; ")]
    return schedule(*overrides, zone=row["zone"])


def starts(row: dict[str, str]) -> list[int]:
    return [at(start) for start in row["starts"].split()]


def test_the_table_is_what_its_script_writes() -> None:
    assert list(make_dst_table.rows()) == ROWS


def test_the_table_has_every_kind_of_change() -> None:
    assert {(row["zone"], row["by"]) for row in ROWS} == {
        ("America/New_York", "60"),
        ("America/New_York", "-60"),
        ("America/Santiago", "60"),
        ("America/Santiago", "-60"),
        ("Africa/Cairo", "60"),
        ("Africa/Cairo", "-60"),
        ("Australia/Lord_Howe", "30"),
        ("Australia/Lord_Howe", "-30"),
        ("Pacific/Apia", "1440"),
    }


@pytest.mark.parametrize("row", ROWS, ids=case)
def test_a_night_offers_what_the_table_says(row: dict[str, str]) -> None:
    change = at(row["change"])
    found = find_slots(rules(int(row["length"])), teacher(row), (), change - A_NIGHT, change + A_NIGHT, 0)
    assert found == starts(row)


@pytest.mark.parametrize("row", ROWS, ids=case)
def test_each_minute_of_the_night_can_be_booked_only_as_the_table_says(row: dict[str, str]) -> None:
    change, length = at(row["change"]), int(row["length"])
    minutes = range(change - 6 * 3600, change + 8 * 3600, 15 * 60)
    bookable = {minute for minute in minutes if is_bookable(rules(length), teacher(row), (), minute, 0)}
    assert bookable == set(minutes) & set(starts(row))
