"""A million lines from S3 into a whitelist, against psql: `make bench-import`.

Both begin with an empty list and end with the same one. psql copies the file, which is on its disk, into a
temporary table and inserts the addresses that match the rule; it reports no line that does not. Ours is the
function in a process of its own, from the message of S3 to the commit, every bad line with its reason.
"""

import argparse
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.schools import Place, make_schools
from bench.side_by_side import measured, print_milliseconds, print_ratios, ratios
from local.aws import AwsServices, aws_services
from local.postgres import temporary_postgres_server
from local.web import listen
from shared.whitelists.uploads import upload_key
from tests.databases import TestDatabase, prepared_template
from tests.whitelists.worker import Worker, worker

BUCKET = "uploads"
PLACE = Place(school=0, teacher=1, first=0)
DUPLICATES, BAD = 0.10, 0.02
SETTINGS = {"max_wal_size": "8GB", "autovacuum": "off", "shared_buffers": "512MB"}

_EMPTY = 'TRUNCATE "WhitelistEntry", "WhitelistRejection"'
_ASK = """
    INSERT INTO "WhitelistImport" (id, "tenantId", "eventTypeId", mode)
    VALUES (gen_random_uuid(), :tenant, :tenant, 'merge') RETURNING id
"""
_SCRIPT = r"""
    SET statement_timeout = 0;
    BEGIN;
    SELECT set_config('app.current_tenant_id', '{tenant}', true);
    CREATE TEMP TABLE staging (email text, name text) ON COMMIT DROP;
    \copy staging FROM '{file}' WITH (FORMAT csv, HEADER)
    INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email)
    SELECT {tenant}, {tenant}, lower(btrim(email)) FROM staging
    WHERE btrim(email) ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{{2,}}$'
    ON CONFLICT ("eventTypeId", email) DO NOTHING;
    COMMIT;
"""


@dataclass(frozen=True)
class Bench:
    """The same file for both: on the disk for psql, in S3 for the function. `wanted` addresses are in it."""

    database: TestDatabase
    psql: Path
    file: Path
    aws: AwsServices
    worker: Worker
    wanted: int
    peaks: list[int]

    def run(self, work: Callable[[], None]) -> float:
        """The seconds of `work`; the list was empty before, and is whole after it."""
        self.database.rows(_EMPTY)
        with self.database.owner.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
        found = self.database.value('SELECT count(*) FROM "WhitelistEntry"')
        if found != self.wanted:
            raise RuntimeError(f"{found} addresses instead of {self.wanted}")
        return took

    def by_psql(self) -> None:
        script = _SCRIPT.format(tenant=PLACE.tenant, file=self.file)
        subprocess.run(  # Postgres's own
            [self.psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", self.database.app_url],
            input=script.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def by_function(self) -> None:
        (asked,) = self.database.rows(_ASK, tenant=PLACE.tenant)
        key = upload_key(asked["id"])
        self.aws.client("s3").copy_object(Bucket=BUCKET, Key=key, CopySource=f"{BUCKET}/list.csv")
        told = self.worker(key)
        if told.answer["batchItemFailures"]:
            raise RuntimeError("the import failed")
        self.peaks.append(told.peak_bytes)


def write_list(file: Path, lines: int) -> int:
    """A list of so many lines below its header, in no order; how many addresses it has."""
    drawn = random.Random(1)  # the same list at each run
    bad, again = int(lines * BAD), int(lines * DUPLICATES)
    wanted = lines - bad - again
    rows = [f"student{number}@example.com,Nguyen Van {number}" for number in range(wanted)]
    rows += drawn.choices(rows, k=again)
    rows += [f"student{number} at example.com,Nguyen Van {number}" for number in range(bad)]
    drawn.shuffle(rows)
    file.write_text("\n".join(["email,name", *rows, ""]), encoding="ascii")
    return wanted


@contextmanager
def prepared(lines: int) -> Iterator[Bench]:
    with ExitStack() as exits:
        folder = Path(exits.enter_context(TemporaryDirectory()))
        file = folder / "list.csv"
        wanted = write_list(file, lines)
        listener = listen()
        aws = exits.enter_context(aws_services(listener, [], folder / "keys", "a@b.test", folder / "aws.log"))
        aws.client("s3").create_bucket(Bucket=BUCKET)
        aws.client("s3").put_object(Bucket=BUCKET, Key="list.csv", Body=file.read_bytes())
        server = exits.enter_context(temporary_postgres_server(settings=SETTINGS))
        prepared_template(server.url)
        database = exits.enter_context(TestDatabase.copy_of_template(server.url))
        make_schools(database, 1)
        imports = exits.enter_context(worker(database, aws.endpoint_url, BUCKET))
        yield Bench(database, server.binaries / "psql", file, aws, imports, wanted, [])


def main(rounds: int, lines: int) -> None:
    with prepared(lines) as bench:
        cases = {
            "psql": partial(bench.run, bench.by_psql),
            "function": partial(bench.run, bench.by_function),
        }
        samples = measured(cases, rounds)
        size = bench.file.stat().st_size
    print_milliseconds(f"Milliseconds for {lines:,} lines, {size / 1e6:.1f} MB", samples)
    rates = {name: [lines / seconds for seconds in told] for name, told in samples.items()}
    print_ratios("Lines a second", ratios(rates, "psql"))
    print(f"\nMost memory of the function's process: {max(bench.peaks) / 2**20:.0f} MiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=1_000_000)
    asked = parser.parse_args()
    main(asked.rounds, asked.lines)
