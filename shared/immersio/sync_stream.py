"""One stream of one school, whatever it is: courses and students are pulled, bookings are pushed."""

from sqlalchemy import Engine

from shared.immersio.account import ImmersioOf
from shared.immersio.gate import Timing
from shared.immersio.pull_stream import MayGoOn, Pull, pull_stream
from shared.immersio.push_bookings import push_bookings
from shared.immersio.schemas import StreamName
from shared.immersio.streams import COURSES, STUDENTS

_PULLED = {stream.name: stream for stream in (COURSES, STUDENTS)}


def sync_stream(
    database: Engine,
    tenant_id: int,
    stream: StreamName,
    immersio_of: ImmersioOf,
    timing: Timing,
    may_go_on: MayGoOn,
) -> Pull:
    """Go on with the stream until it is done, `may_go_on` says no, or another worker takes over."""
    if stream == "bookings":
        return push_bookings(database, tenant_id, immersio_of, timing, may_go_on)
    return pull_stream(database, tenant_id, _PULLED[stream], immersio_of, timing, may_go_on)
