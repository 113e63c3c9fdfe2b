"""What is not migrated: one message that says why, and nothing has changed."""

import subprocess
import sys

import pytest

from local.postgres import PostgresServer
from migrations.errors import MigrationRefused
from migrations.plan import plan
from migrations.run import told, upgrade
from tests.adoption.calcom import dump, execute
from tests.databases import TestDatabase, with_database
from tests.functions import ROOT

# What is done to a Cal.com database, and what the refusal then says.
UNFIT = {
    "of another product with a table of that name": (
        """DROP SCHEMA public CASCADE; CREATE SCHEMA public;
           CREATE TABLE users (id serial PRIMARY KEY, email text)""",
        "it has users, but lacks Schedule, EventType, Availability, Host, OutOfOfficeEntry, Booking",
    ),
    "of another product altogether": (
        "DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE orders (id int)",
        "neither empty nor Cal.com's: it holds orders",
    ),
    "with other columns than Cal.com's": (
        """DROP SCHEMA public CASCADE; CREATE SCHEMA public;
           DO $$ DECLARE name text; BEGIN
               FOREACH name IN ARRAY ARRAY['users', 'Schedule', 'EventType', 'Availability', 'Host',
                                           'OutOfOfficeEntry', 'Booking', 'Attendee', 'Payment'] LOOP
                   EXECUTE format('CREATE TABLE %I (id serial PRIMARY KEY, email text)', name);
               END LOOP;
           END $$""",
        "Not Cal.com's database: it lacks 215 of the 225 columns",
    ),
    "that lacks one of Cal.com's tables": ('DROP TABLE "Payment"', "but lacks Payment"),
    "in another schema": (
        "ALTER SCHEMA public RENAME TO calcom; CREATE SCHEMA public",
        "Cal.com's tables are in the schema calcom, not in public",
    ),
    "of an older Cal.com": (
        """ALTER TABLE "Booking" DROP COLUMN "creationSource", DROP COLUMN "reassignReason";
           ALTER TABLE users DROP COLUMN uuid""",
        "older than 6.0; update it first. Missing columns: users.uuid, Booking.reassignReason, "
        "Booking.creationSource",
    ),
    "of an older Cal.com with fewer words": (
        """ALTER TABLE "Booking" ALTER status DROP DEFAULT, ALTER status TYPE text;
           ALTER TABLE "BookingDenormalized" ALTER status TYPE text;
           ALTER TABLE "RoutingFormResponseDenormalized" ALTER "bookingStatus" TYPE text;
           DROP TYPE "BookingStatus"; CREATE TYPE "BookingStatus" AS ENUM ('cancelled', 'accepted')""",
        "The enum BookingStatus lacks rejected, pending, awaiting_host",
    ),
    "of a newer Cal.com": (
        """ALTER TABLE "Attendee" ADD COLUMN country text NOT NULL DEFAULT 'x';
           ALTER TABLE "Attendee" ALTER country DROP DEFAULT""",
        "newer than 6.0: Attendee.country must be given",
    ),
    "with a column of another type": (
        'ALTER TABLE "Payment" ALTER amount TYPE bigint',
        "Payment.amount is bigint and not integer",
    ),
    "whose own migration stopped": (
        """CREATE TABLE _prisma_migrations (migration_name text, finished_at timestamptz,
                                            rolled_back_at timestamptz);
           INSERT INTO _prisma_migrations VALUES ('20260101_add_something', NULL, NULL)""",
        "20260101_add_something is not finished",
    ),
    "with one address in two spellings": (
        """INSERT INTO users (email, uuid) VALUES ('Host2@School.example', gen_random_uuid())""",
        "host2@school.example (users 2, 7)",
    ),
    "with a table of ours that nobody migrated": (
        'CREATE TABLE "Tenant" (id int)',
        "Tenant is there although nothing was migrated",
    ),
    "of a newer version of this service": (
        """CREATE TABLE alembic_version (version_num text);
           INSERT INTO alembic_version VALUES ('20991231_01')""",
        "its revision is 20991231_01, which is none of ours",
    ),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_database_is_refused_and_left_as_it_was(
    calcom: TestDatabase, calcom_server: PostgresServer, kind: str
) -> None:
    change, reason = UNFIT[kind]
    execute(calcom.owner_url, change)
    before = dump(calcom_server, calcom.owner_url)
    for work in (plan, upgrade):
        with pytest.raises(MigrationRefused) as refused:
            work(calcom.owner_url)
        assert reason in str(refused.value)
    assert dump(calcom_server, calcom.owner_url) == before


def test_a_migrated_database_that_lost_a_table_is_refused(adopted: TestDatabase) -> None:
    adopted.rows('DROP TABLE "TenantUsage"')
    with pytest.raises(MigrationRefused, match="lacks TenantUsage: restore a backup"):
        upgrade(adopted.owner_url)


def test_a_role_without_rights_is_told_which(calcom: TestDatabase, calcom_server: PostgresServer) -> None:
    before = dump(calcom_server, calcom.owner_url)
    with pytest.raises(MigrationRefused) as refused:
        upgrade(calcom.app_url)
    assert "booking_app does not own Cal.com's tables, nor is it a member of postgres" in str(refused.value)
    assert "may not make tables in the schema public" in str(refused.value)
    assert dump(calcom_server, calcom.owner_url) == before


def test_two_migrations_at_once_are_one_too_many(calcom: TestDatabase) -> None:
    with calcom.owner.connect() as other:
        other.exec_driver_sql("SELECT pg_advisory_lock(hashtext('booking service migrations'))")
        with pytest.raises(MigrationRefused, match="Another migration of this database is running"):
            upgrade(calcom.owner_url)


@pytest.mark.parametrize("module", ["migrations.run", "migrations.plan"])
@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("", "DATABASE_URL has to be"),
        ("not an address", "DATABASE_URL has to be"),
        ("absent", "does not exist"),
    ],
)
def test_the_command_says_it_in_one_line_without_a_traceback(
    calcom_server: PostgresServer, module: str, database: str, said: str
) -> None:
    url = with_database(calcom_server.url, "absent") if database == "absent" else database
    ended = subprocess.run(
        [sys.executable, "-m", module],
        env={"DATABASE_URL": url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in (1, 2)
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


def test_what_is_refused_ends_the_command_with_an_error(
    calcom: TestDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calcom.rows('DROP TABLE "Payment"')
    monkeypatch.setenv("DATABASE_URL", calcom.owner_url)

    def work(url: str) -> str:
        upgrade(url)
        return "migrated"

    assert told(work) == 2
    assert capsys.readouterr().err.startswith("This database cannot be migrated as it is; nothing")
