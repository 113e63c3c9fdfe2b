import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from shared.time_zones import UnknownTimeZone, zone, zone_names


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "../../etc/passwd",
        "/UTC",
        "/usr/share/zoneinfo/UTC",
        "UTC\0",
        "Europe/Paris\0/../London",
        "localtime",
        "posixrules",
        "Factory",
        "Europe",
        "Europe/",
        "europe/paris",
        "Europe/Paris ",
        "UTC+2",
        "+02:00",
        "zone.tab",
        "__init__.py",
        "\ud800",
        "Z" * 100_000,
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownTimeZone) as refusal:
        zone(name)
    assert refusal.value.name == name
    assert len(str(refusal.value)) < 200


def test_a_refusal_is_a_value_error_that_quotes_the_name_on_one_line() -> None:
    with pytest.raises(ValueError, match=r"^unknown time zone: 'Mars\\nPhobos'$"):
        zone("Mars\nPhobos")


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/Berlin", "Asia/Ho_Chi_Minh", "Asia/Saigon", "America/Indiana/Knox"]
)
def test_an_iana_name_is_its_zone(name: str) -> None:
    assert zone(name).key == name


def test_every_name_of_the_pinned_package_opens() -> None:
    assert {zone(name).key for name in zone_names()} == zone_names()
    assert len(zone_names()) > 500


def test_the_machines_zone_files_are_not_read_even_when_the_environment_points_to_them(
    tmp_path: Path,
) -> None:
    tokyo = resources.files("tzdata.zoneinfo").joinpath("Asia", "Tokyo").read_bytes()
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Paris").write_bytes(tokyo)
    ask = """
from datetime import datetime
from zoneinfo import ZoneInfo
noon = datetime(2026, 1, 15, 12)
print(noon.replace(tzinfo=ZoneInfo("Europe/Paris")).utcoffset())
from shared.time_zones import zone
print(noon.replace(tzinfo=zone("Europe/Paris")).utcoffset())
print(noon.replace(tzinfo=ZoneInfo("Europe/Paris")).utcoffset())
"""
    environment = {**os.environ, "PYTHONTZPATH": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.split() == ["9:00:00", "1:00:00", "1:00:00"]


def test_hanoi_is_seven_hours_ahead() -> None:
    assert datetime(2026, 7, 1, tzinfo=UTC).astimezone(zone("Asia/Ho_Chi_Minh")).utcoffset() == timedelta(
        hours=7
    )
