"""A drill: one school is backed up, and restored in its place and as a new one: `make drill`.

Without --source a school with --rows bookings is made first, on a server of the drill's own. With it, the
school --tenant of that database is backed up, and restored into a server of the drill's own: the source is
only read. The roles' passwords are that of the URL, or PGPASSWORD.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import uuid4

import boto3
from moto import mock_aws
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from bench.schools import TEACHERS
from bench.tables import Size, fill, fill_places
from local.postgres import temporary_postgres_server
from shared.backups.export_tenant import Readers, export_tenant
from shared.backups.identity import Identity
from shared.backups.manifest import Manifest
from shared.backups.restore_tenant import NewSchool, restore_tenant
from shared.clients.data_keys import DataKeys
from shared.database import connect_database
from tests.databases import TestDatabase, prepared_template

FIRST_SCHOOL = 100
PATIENCE_SECONDS = 3_600


def main() -> None:
    asked = options()
    with ExitStack() as exits:
        os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
        exits.enter_context(mock_aws())
        keys = DataKeys(boto3.client("kms").create_key()["KeyMetadata"]["KeyId"])
        server = exits.enter_context(temporary_postgres_server(settings={"max_wal_size": "4GB"}))
        prepared_template(server.url)
        place = exits.enter_context(TestDatabase.copy_of_template(server.url))
        source, tenant = asked.source or place.app_url, asked.tenant
        if asked.source is None:
            tenant = made_school(place, asked.rows)
        file = exits.enter_context(tempfile.TemporaryFile())
        identity = Identity(tenant, uuid4())
        back_up(exits, keys, source, identity, file)
        restorer = exits.enter_context(engine(place.url_of("booking_restore")))
        restore(keys, restorer, file, identity)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="bookings of the school that is made")
    parser.add_argument("--source", help="postgresql://booking_app:…@host:port/name")
    parser.add_argument("--tenant", type=int, help="id of the school there")
    asked = parser.parse_args()
    if (asked.source is None) != (asked.tenant is None):
        parser.error("--source and --tenant belong together")
    return asked


def made_school(database: TestDatabase, rows: int) -> int:
    size = Size(rows=rows, teachers=TEACHERS)
    took = fill(database, size) + fill_places(database, size, with_past=False)
    database.rows("ANALYZE")
    print(f"a school with {rows:,} bookings of {TEACHERS} teachers was made in {took:.1f} s", flush=True)
    return FIRST_SCHOOL


def back_up(exits: ExitStack, keys: DataKeys, source: str, identity: Identity, file: BinaryIO) -> None:
    reader = make_url(source).set(username="booking_backup").render_as_string(hide_password=False)
    readers = Readers(*(exits.enter_context(engine(url)) for url in (reader, source)))
    before = peak_megabytes()
    with timed("backed up"):
        told = export_tenant(readers, identity, keys.make(identity.context()), file, datetime.now(UTC))
    print(f"  {size_of(told, file)}; memory grew by {peak_megabytes() - before:.0f} MB")


def restore(keys: DataKeys, restorer: Engine, file: BinaryIO, identity: Identity) -> None:
    before = peak_megabytes()
    with timed("restored in its place"):
        restore_tenant(restorer, keys, file, identity)
    with timed("restored as a new school"):
        restore_tenant(restorer, keys, file, identity, NewSchool("Drill", "drill"))
    print(f"  memory grew by {peak_megabytes() - before:.0f} MB")


def size_of(told: Manifest, file: BinaryIO) -> str:
    plain = sum(table.bytes for table in told.tables.values())
    broken = f"; broken before: {', '.join(told.broken_invariants)}" if told.broken_invariants else ""
    return f"{told.rows:,} rows, {plain / 1e6:.1f} MB in a file of {file.seek(0, 2) / 1e6:.1f} MB{broken}"


@contextmanager
def engine(url: str) -> Iterator[Engine]:
    made = connect_database(url, patience=PATIENCE_SECONDS)
    yield made
    made.dispose()


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{what} in {time.perf_counter() - began:.1f} s", flush=True)


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
