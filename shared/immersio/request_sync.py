"""An admin wants the sync to go on: now, with the deletions that were held back, with what was given up."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.immersio.connected_schools import find_account
from shared.immersio.errors import ImmersioNotSetUp
from shared.immersio.position import touch_streams
from shared.immersio.pushed_bookings import redrive_pushes
from shared.immersio.settings_schemas import NewSync, Redriven, SyncRequested

_ACCEPT = text("""
    UPDATE "ImmersioSyncState" SET "removalsAccepted" = true
    WHERE "tenantId" = :tenant AND "heldRemovals" > 0
""")


def request_sync(connection: Connection, tenant_id: int, command: NewSync, now: datetime) -> SyncRequested:
    """The streams are due at once; within a minute or two workers look at them. Raises ImmersioNotSetUp."""
    if find_account(connection, tenant_id) is None:
        raise ImmersioNotSetUp
    if command.accept_removals:
        connection.execute(_ACCEPT, {"tenant": tenant_id})
    streams = list(dict.fromkeys(command.streams))
    touch_streams(connection, tenant_id, streams, now)
    return SyncRequested(streams=streams)


def redrive(connection: Connection, tenant_id: int, now: datetime) -> Redriven:
    """What was given up is tried again; to ask twice does nothing more."""
    count = redrive_pushes(connection, tenant_id, now)
    if count:
        touch_streams(connection, tenant_id, ["bookings"], now)
    return Redriven(bookings=count)
