"""The one door to time zones: IANA names of the pinned `tzdata` package, never the machine's own copy."""

import zoneinfo
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

# The machine's zone files are as old as its image and differ from the pinned package. Importing this module
# settles it for the whole process, also where PYTHONTZPATH was forgotten.
zoneinfo.reset_tzpath(())
ZoneInfo.clear_cache()

_LONGEST_QUOTED_NAME = 64


class UnknownTimeZone(ValueError):
    """The name is not an IANA zone of the pinned package. `name` is what was asked for, as it came."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown time zone: {name[:_LONGEST_QUOTED_NAME]!r}")
        self.name = name


def zone(name: str) -> ZoneInfo:
    """The zone of that exact IANA name, links such as `Asia/Saigon` included; raises `UnknownTimeZone`."""
    if name not in zone_names():
        raise UnknownTimeZone(name)
    return ZoneInfo(name)


@cache
def zone_names() -> frozenset[str]:
    """Every name that `zone` accepts."""
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    # "Factory" marks a clock that nobody has set; it is no place.
    return frozenset(names) - {"Factory"}
