"""The processor time of the database server: what a rate does not show when others use the machine too."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.floor import Booked
from local.postgres import PostgresServer


def with_server_time(server: PostgresServer, slice_of_bookings: Callable[[], Booked]) -> Booked:
    """What the slice did, with the server's processor seconds a booking."""
    before = processor_seconds(server)
    booked = slice_of_bookings()
    return replace(booked, server=(processor_seconds(server) - before) / booked.count)


def processor_seconds(server: PostgresServer) -> float:
    """User and system time so far of all of the server's processes; not a number where there is no /proc."""
    assert server.process
    pid = server.process.pid
    if not Path("/proc/self/stat").exists():
        return float("nan")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    ticks = sum(_ticks(pid, 4)) + sum(sum(_ticks(int(child), 2)) for child in children)
    return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int, count: int) -> list[int]:
    """The first of: own user time, own system time, those of the children that ended (proc(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return []  # ended just now: its parent has its time
    return [int(each) for each in stat.rpartition(")")[2].split()[11 : 11 + count]]
