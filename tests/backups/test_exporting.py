"""A backup has everything of its school, and nothing of another."""

import zlib
from io import BytesIO

import pytest

from shared.backups.archive import GZIP
from shared.backups.catalogue import LEFT_OUT, schools_tables
from shared.backups.detach import NOT_COPIED, OTHER_VALUES
from shared.backups.errors import BackupFailed
from shared.backups.renumber import ALSO_NAMED, NAMED_AS_TEXT, NAMED_IN_DOCUMENTS
from shared.backups.sealed_file import SealedReader
from tests.backups.files import BackupFile, Vaulted
from tests.isolation.catalogue import PLATFORM_TABLES, TENANT_TABLES, rows
from tests.isolation.fill_school import SECRET
from tests.isolation.test_catalogue import KEYS_OVER_ALL_SCHOOLS, NO_REFERENCES

# A table that is like the others, as a later revision may make it.
NEW_TABLE = (
    'CREATE TABLE "Note" (id serial PRIMARY KEY, "tenantId" int REFERENCES "Tenant", body text)',
    'ALTER TABLE "Note" ENABLE ROW LEVEL SECURITY',
    """CREATE POLICY isolation ON "Note"
       USING ("tenantId" = NULLIF(current_setting('app.current_tenant_id', true), '')::int)""",
    'GRANT SELECT ON "Note" TO booking_app',
)
LET_IN = (
    'GRANT SELECT ON "Note" TO booking_backup',
    'CREATE POLICY backup ON "Note" FOR SELECT TO booking_backup USING (true)',
)


def plain(vault: Vaulted, backup: BackupFile) -> bytes:
    reader = SealedReader(BytesIO(backup.content))
    key = backup.identity.open_key(vault.keys, reader.read_header())
    return zlib.decompress(b"".join(reader.chunks(key.plaintext)), GZIP)


def failure(vault: Vaulted, tenant: int) -> str:
    with pytest.raises(BackupFailed) as failed:
        vault.back_up(tenant)
    return failed.value.code


def test_a_table_whose_rows_the_backup_role_does_not_see_fails_the_backup(
    own_vault: Vaulted, own_filled: int
) -> None:
    """By the other role's count: without it, none of none would look like all of all."""
    own_vault.database.rows('DROP POLICY backup_access_attendee ON "Attendee"')
    assert failure(own_vault, own_filled) == "rows_missing"


def test_a_table_that_the_backup_role_may_not_read_fails_the_backup(
    own_vault: Vaulted, own_filled: int
) -> None:
    for statement in NEW_TABLE:
        own_vault.database.rows(statement)
    assert failure(own_vault, own_filled) == "table_forgotten"
    own_vault.database.rows(LET_IN[0])
    own_vault.database.rows(
        """INSERT INTO "Note" ("tenantId", body) VALUES (:t, 'of a new table')""", t=own_filled
    )
    assert failure(own_vault, own_filled) == "rows_missing"
    own_vault.database.rows(LET_IN[1])
    backup = own_vault.back_up(own_filled)
    assert backup.manifest.tables["Note"].rows == 1
    assert b"of a new table" in plain(own_vault, backup)


def test_a_backup_has_rows_of_every_table_and_no_byte_of_another_school(vault: Vaulted, filled: int) -> None:
    backup = vault.back_up(filled)
    inside = plain(vault, backup)
    assert set(backup.manifest.tables) == set(TENANT_TABLES) - set(LEFT_OUT)
    assert [name for name, entry in backup.manifest.tables.items() if entry.rows == 0] == []
    assert inside.count(f"{SECRET}-aurora".encode()) > 100
    assert inside.count(f"{SECRET}-lotus".encode()) == 0


def test_nothing_of_the_school_can_be_read_without_the_key(vault: Vaulted, filled: int) -> None:
    backup = vault.back_up(filled)
    assert SECRET.encode() not in backup.content
    assert b"aurora" not in backup.content


def test_a_school_without_rows_is_backed_up_all_the_same(vault: Vaulted, filled: int) -> None:
    default = vault.database.value("""SELECT id FROM "Tenant" WHERE subdomain = 'default'""")
    assert vault.back_up(default).manifest.rows == 1


def test_texts_come_back_whatever_is_in_them(vault: Vaulted, filled: int) -> None:
    awkward = "\\.\n\\.\r\n\t\\N \u2028 'quoted' \U0001f389 {\"manifest\": {}}\n\\\\."
    for name in (awkward, "\\.", "\n\\.\n", ""):
        vault.database.rows('UPDATE "Attendee" SET name = :n WHERE "tenantId" = :t', n=name, t=filled)
        backup = vault.back_up(filled)
        vault.database.rows('UPDATE "Attendee" SET name = :n WHERE "tenantId" = :t', n="lost", t=filled)
        vault.restore(backup)
        assert vault.database.value('SELECT name FROM "Attendee" WHERE "tenantId" = :t', t=filled) == name


def test_a_table_that_is_left_out_is_one(vault: Vaulted) -> None:
    cal_coms = {"BookingDenormalized", "RoutingFormResponseDenormalized"}
    assert set(LEFT_OUT) - cal_coms <= set(TENANT_TABLES)
    assert set(NOT_COPIED) <= set(TENANT_TABLES)


def test_every_row_that_is_named_over_all_schools_gets_a_new_name_in_a_copy(vault: Vaulted) -> None:
    """A number of a sequence, or a uuid; of other names the table is not copied."""
    with vault.database.owner.connect() as connection:
        tables = schools_tables(connection)
    named = {
        table.name: table.sequence or table.columns["id"]
        for table in tables.values()
        if table.has_own_ids and table.name not in NOT_COPIED
    }
    assert [name for name, by in named.items() if by != "uuid" and "_id_seq" not in by] == []


def test_every_value_that_is_one_schools_is_another_in_a_copy(vault: Vaulted) -> None:
    with vault.database.owner.connect() as connection:
        keys = rows(
            connection,
            """SELECT t.relname::text AS table, n.relname::text AS key, array_agg(a.attname::text) AS columns
               FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
               LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
               WHERE n.relname = ANY (:keys) GROUP BY 1, 2""",
            keys=list(KEYS_OVER_ALL_SCHOOLS),
        )
    renewed = {*OTHER_VALUES, *NAMED_AS_TEXT, ("Tenant", "subdomain")}
    copied = [key for key in keys if key["table"] not in NOT_COPIED]
    unchanged = {key["key"] for key in copied if not renewed & {(key["table"], c) for c in key["columns"]}}
    assert unchanged == {"users_staff_email_key"}  # which has a test of its own


def test_every_name_that_the_database_does_not_keep_is_seen_to_in_a_copy(vault: Vaulted) -> None:
    with vault.database.owner.connect() as connection:
        copied = schools_tables(connection).keys() - NOT_COPIED.keys()
    seen_to = {*OTHER_VALUES, *ALSO_NAMED}
    assert {each for each in NO_REFERENCES if each[0] in copied and each not in seen_to} == {
        ("TenantLandingSettings", "templateId")
    }
    assert "LandingTemplate" in PLATFORM_TABLES
    assert {table for table, _ in NAMED_IN_DOCUMENTS} <= copied
