import struct
from importlib import resources
from itertools import pairwise

import pytest

from shared.slots.local_days import DAY, local_day, utc_offsets
from shared.time_zones import UnknownTimeZone, zone_names
from tests.slots.build import at


def changes_of_offset(name: str) -> list[tuple[int, int]]:
    """Of the zone's file: (instant, seconds east of UTC) where the offset is not the one before."""
    content = resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()
    second_header = content.index(b"TZif", 4)
    instants, types = struct.unpack(">2l", content[second_header + 32 : second_header + 40])
    body = second_header + 44
    moments = struct.unpack_from(f">{instants}q", content, body)
    kinds = content[body + 8 * instants : body + 9 * instants]
    offsets = [struct.unpack_from(">l", content, body + 9 * instants + 6 * kind)[0] for kind in range(types)]
    history = [(-(1 << 62), offsets[0])]
    history += [(moment, offsets[kind]) for moment, kind in zip(moments, kinds, strict=True)]
    return [later for earlier, later in pairwise(history) if earlier[1] != later[1]]


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UnknownTimeZone):
        list(utc_offsets("Mars/Phobos", 0, 1))


def test_no_zone_changes_twice_within_two_days_so_looking_once_a_day_finds_every_change() -> None:
    pauses = [
        later[0] - earlier[0] for name in zone_names() for earlier, later in pairwise(changes_of_offset(name))
    ]
    assert len(pauses) > 10_000
    assert min(pauses) > 2 * DAY


@pytest.mark.parametrize("name", sorted(zone_names())[::10])
def test_the_offset_changes_at_the_instants_that_the_zones_file_lists(name: str) -> None:
    listed = changes_of_offset(name)
    # After its last change a file gives a rule instead of a list.
    start, end = at("1980-01-01T00:00Z"), max(at("1990-01-01T00:00Z"), listed[-1][0] + 1 if listed else 0)
    pieces = list(utc_offsets(name, start, end))
    assert [pieces[0][0], pieces[-1][1]] == [start, end]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(pieces))
    found = [(later[0], later[2]) for earlier, later in pairwise(pieces) if earlier[2] != later[2]]
    assert found == [change for change in listed if start <= change[0]]


def test_a_question_of_a_few_hours_is_cut_only_by_the_changes_inside_it() -> None:
    change = at("2026-03-08T07:00Z")
    before, after = (change - 60, change, -5 * 3600), (change, change + 60, -4 * 3600)
    assert list(utc_offsets("America/New_York", change - 60, change + 60)) == [before, after]
    assert list(utc_offsets("America/New_York", change - 60, change)) == [before]
    assert list(utc_offsets("America/New_York", change, change + 60)) == [after]


def test_the_local_day_is_the_one_on_the_wall() -> None:
    new_year = at("2026-01-01T00:00Z")
    assert local_day("Pacific/Kiritimati", new_year - 14 * 3600) == new_year // DAY
    assert local_day("Pacific/Kiritimati", new_year - 14 * 3600 - 1) == new_year // DAY - 1
    assert local_day("Pacific/Pago_Pago", new_year) == new_year // DAY - 1
