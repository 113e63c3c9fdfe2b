"""A backup becomes a school again: in its place, in an empty one, or beside it."""

from typing import Any

import pytest

from shared.backups.catalogue import schools_tables
from shared.backups.detach import NOT_COPIED
from shared.backups.errors import RestoreRefused
from shared.database import connect_database
from tests.backups.files import BackupFile, Vaulted, vaulted
from tests.databases import TestDatabase
from tests.isolation.fill_school import SECRET, fill_school

Contents = dict[str, list[Any]]


def contents(vault: Vaulted, tenant: int) -> Contents:
    """Every row of the school's, as text, by table."""
    with vault.database.owner.connect() as connection:
        tables = schools_tables(connection)
        return {
            table.name: sorted(
                connection.exec_driver_sql(
                    f'SELECT to_jsonb(t)::text FROM "{table.name}" t WHERE "{table.tenant_column}" = {tenant}'
                ).scalars()
            )
            for table in tables.values()
        }


def refusal(vault: Vaulted, backup: BackupFile, **options: Any) -> str:
    """The code with which the restore is refused; nothing may have changed by then."""
    tenants = vault.database.rows('SELECT id FROM "Tenant" ORDER BY id')
    before = [contents(vault, each["id"]) for each in tenants]
    with pytest.raises(RestoreRefused) as refused:
        vault.restore(backup, **options)
    assert vault.database.rows('SELECT id FROM "Tenant" ORDER BY id') == tenants
    assert [contents(vault, each["id"]) for each in tenants] == before
    return refused.value.code


def lose(vault: Vaulted, tenant: int) -> None:
    vault.database.rows('DELETE FROM "Tenant" WHERE id = :t', t=tenant)


def lotus(vault: Vaulted) -> Contents:
    school = vault.database.value("""SELECT id FROM "Tenant" WHERE subdomain = 'lotus'""")
    return contents(vault, school)


def test_a_restore_of_the_wrong_school_is_refused(vault: Vaulted, filled: int) -> None:
    other = vault.database.value("""SELECT id FROM "Tenant" WHERE subdomain = 'lotus'""")
    ours, theirs = vault.back_up(filled), vault.back_up(other)
    assert refusal(vault, BackupFile(ours.identity, theirs.content, ours.manifest)) == "backup_unreadable"


def test_ids_that_another_school_has_by_now_are_refused(vault: Vaulted, filled: int) -> None:
    backup = vault.back_up(filled)
    school = vault.database.value("""SELECT id FROM "Tenant" WHERE subdomain = 'lotus'""")
    vault.database.rows('DELETE FROM "WhitelistEntry" WHERE "tenantId" = :t', t=filled)
    vault.database.rows(
        """UPDATE "WhitelistEntry" SET id = (SELECT min(id) - 1 FROM "WhitelistEntry")
           WHERE "tenantId" = :t""",
        t=school,
    )
    taken = vault.database.value('SELECT id FROM "WhitelistEntry" WHERE "tenantId" = :t', t=school)
    assert taken == vault.database.value('SELECT min(id) FROM "WhitelistEntry"')
    backup_of_entry = vault.back_up(school)
    vault.database.rows('UPDATE "WhitelistEntry" SET id = id + 1000 WHERE "tenantId" = :t', t=school)
    vault.database.rows(
        """INSERT INTO "WhitelistEntry" (id, "tenantId", "eventTypeId", email)
           SELECT :id, :t, id, 'new@example.com' FROM "EventType" WHERE "tenantId" = :t LIMIT 1""",
        id=taken,
        t=filled,
    )
    assert refusal(vault, backup_of_entry) == "ids_taken"
    assert vault.restore(backup).tenant_id == filled


def test_an_address_that_another_school_has_by_now_is_refused(vault: Vaulted, filled: int) -> None:
    backup = vault.back_up(filled)
    assert refusal(vault, backup, subdomain="lotus") == "address_taken"
    lose(vault, filled)
    vault.database.rows("""UPDATE "Tenant" SET subdomain = 'aurora' WHERE subdomain = 'lotus'""")
    assert refusal(vault, backup) == "address_taken"


def test_rows_of_cal_coms_that_would_be_lost_are_not(own_vault: Vaulted, own_filled: int) -> None:
    backup = own_vault.back_up(own_filled)
    own_vault.database.rows(
        'CREATE TABLE "Credential" (id int, "userId" int REFERENCES users ON DELETE CASCADE)'
    )
    assert own_vault.restore(backup).tenant_id == own_filled
    own_vault.database.rows(
        'INSERT INTO "Credential" SELECT 1, min(id) FROM users WHERE "tenantId" = :t', t=own_filled
    )
    assert refusal(own_vault, backup) == "calcom_rows"
    assert own_vault.database.value('SELECT count(*) FROM "Credential"') == 1


def test_what_a_trigger_makes_of_the_rows_is_noticed(own_vault: Vaulted, own_filled: int) -> None:
    backup = own_vault.back_up(own_filled)
    own_vault.database.rows("""CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
                           $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$""")
    own_vault.database.rows(
        'CREATE TRIGGER shout BEFORE INSERT ON "Attendee" FOR EACH ROW EXECUTE FUNCTION shout()'
    )
    assert refusal(own_vault, backup) == "not_as_backed_up"


def test_a_school_comes_back_in_its_place_as_it_was(vault: Vaulted, filled: int) -> None:
    before, beside = contents(vault, filled), lotus(vault)
    backup = vault.back_up(filled)
    vault.database.rows('DELETE FROM users WHERE "tenantId" = :t', t=filled)
    vault.database.rows(
        """INSERT INTO users (email, "tenantId", uuid) VALUES ('new@example.com', :t, gen_random_uuid())""",
        t=filled,
    )
    assert vault.restore(backup).rows == backup.rows_of_place
    assert contents(vault, filled) == before
    assert lotus(vault) == beside


def test_what_was_agreed_with_a_school_meanwhile_stays_agreed(vault: Vaulted, filled: int) -> None:
    backup = vault.back_up(filled)
    vault.database.rows(
        """UPDATE "Tenant" SET subdomain = 'moved', "subscriptionPlan" = 'ENTERPRISE', name = 'Renamed',
           "stripeSecretKeyEncrypted" = 'v1:newer' WHERE id = :t""",
        t=filled,
    )
    vault.restore(backup)
    assert vault.database.rows(
        """SELECT subdomain, "subscriptionPlan" AS plan, "stripeSecretKeyEncrypted" AS key, name <> 'Renamed'
           AS named_as_before FROM "Tenant" WHERE id = :t""",
        t=filled,
    ) == [{"subdomain": "moved", "plan": "ENTERPRISE", "key": "v1:newer", "named_as_before": True}]


def test_what_waited_to_be_told_is_not_told_again(vault: Vaulted, filled: int) -> None:
    vault.database.rows('UPDATE "OutboxMessage" SET "handledAt" = NULL, "parkedAt" = NULL')
    backup = vault.back_up(filled)
    vault.restore(backup)
    copy = vault.restore(backup, subdomain="copy")
    waiting = """SELECT count(*) FROM "OutboxMessage" WHERE "handledAt" IS NULL AND "tenantId" IN (:a, :b)"""
    assert vault.database.value(waiting, a=filled, b=copy.tenant_id) == 0


def test_a_school_that_is_gone_comes_back_with_its_id(vault: Vaulted, filled: int) -> None:
    before, beside = contents(vault, filled), lotus(vault)
    backup = vault.back_up(filled)
    lose(vault, filled)
    assert vault.restore(backup).tenant_id == filled
    assert contents(vault, filled) == before
    assert lotus(vault) == beside


def test_a_school_moves_into_another_database_and_goes_on_there(
    vault: Vaulted, filled: int, own_database: TestDatabase, key_id: str
) -> None:
    before, backup = contents(vault, filled), vault.back_up(filled)
    with vaulted(own_database, key_id) as elsewhere:
        assert elsewhere.restore(backup).tenant_id == filled
        assert contents(elsewhere, filled) == before
        with own_database.owner.connect() as connection:
            newcomer = fill_school(connection, "newcomer")
        assert newcomer > filled


def test_a_copy_stands_beside_the_school_and_shares_nothing_with_it(vault: Vaulted, filled: int) -> None:
    before, beside = contents(vault, filled), lotus(vault)
    copied = vault.restore(vault.back_up(filled), subdomain="copy").tenant_id
    assert contents(vault, filled) == before
    assert lotus(vault) == beside
    assert {name: len(rows) for name, rows in contents(vault, copied).items()} == {
        name: 0 if name in NOT_COPIED else len(rows) for name, rows in before.items()
    }
    assert vault.database.rows(
        'SELECT name, subdomain, "customDomain" FROM "Tenant" WHERE id = :t', t=copied
    ) == [{"name": "Copy", "subdomain": "copy", "customDomain": None}]


def test_a_copy_is_known_to_no_vendor(vault: Vaulted, filled: int) -> None:
    copied = vault.restore(vault.back_up(filled), subdomain="copy").tenant_id
    school = vault.database.rows('SELECT * FROM "Tenant" WHERE id = :t', t=copied)[0]
    assert {name: value for name, value in school.items() if name.startswith(("stripe", "immersio"))} == {
        name: None for name in school if name.startswith(("stripe", "immersio"))
    }
    assert vault.database.rows(
        'SELECT "sessionId", "paymentIntentId", url, "lookAt" FROM "Checkout" WHERE "tenantId" = :t', t=copied
    ) == [{"sessionId": None, "paymentIntentId": None, "url": None, "lookAt": None}]


def test_a_copy_of_a_copy_keeps_what_it_was_told(vault: Vaulted, filled: int) -> None:
    first = vault.restore(vault.back_up(filled), subdomain="first").tenant_id
    second = vault.restore(vault.back_up(first), subdomain="second").tenant_id
    students = 'SELECT name, email FROM "Attendee" WHERE "tenantId" = :t'
    assert vault.database.rows(students, t=second) == vault.database.rows(students, t=filled) != []


def test_staff_of_a_copy_get_addresses_of_their_own_only_when_theirs_are_taken(
    vault: Vaulted, filled: int
) -> None:
    vault.database.rows("""UPDATE users SET "tenantRole" = 'TEACHER' WHERE "tenantId" = :t""", t=filled)
    address = 'SELECT email FROM users WHERE "tenantId" = :t'
    before, backup = vault.database.value(address, t=filled), vault.back_up(filled)
    tagged = vault.restore(backup, subdomain="copy").tenant_id
    assert vault.database.value(address, t=tagged) == before.replace("@", "+copy@")
    lose(vault, filled)
    again = vault.restore(backup, subdomain="again").tenant_id
    assert vault.database.value(address, t=again) == before


def test_columns_that_an_older_backup_does_not_know_get_their_defaults(
    own_vault: Vaulted, own_filled: int
) -> None:
    backup = own_vault.back_up(own_filled)
    own_vault.database.rows("""ALTER TABLE "Attendee" ADD mood text NOT NULL DEFAULT 'curious'""")
    own_vault.restore(backup)
    assert (
        own_vault.database.value('SELECT mood FROM "Attendee" WHERE "tenantId" = :t', t=own_filled)
        == "curious"
    )


def test_a_backup_that_lacks_what_has_no_default_is_refused(own_vault: Vaulted, own_filled: int) -> None:
    backup = own_vault.back_up(own_filled)
    own_vault.database.rows("""ALTER TABLE "Attendee" ADD mood text NOT NULL DEFAULT 'curious'""")
    own_vault.database.rows('ALTER TABLE "Attendee" ALTER mood DROP DEFAULT')
    assert refusal(own_vault, backup) == "schema_too_old"


def test_a_backup_that_a_newer_rule_does_not_allow_is_refused(own_vault: Vaulted, own_filled: int) -> None:
    backup = own_vault.back_up(own_filled)
    own_vault.database.rows("""ALTER TABLE "Attendee" ADD CONSTRAINT short CHECK (name = '') NOT VALID""")
    assert refusal(own_vault, backup) == "schema_too_old"


def test_a_backup_of_a_newer_schema_is_refused(own_vault: Vaulted, own_filled: int) -> None:
    own_vault.database.rows('ALTER TABLE "Attendee" ADD mood text')
    knows_more = own_vault.back_up(own_filled)
    own_vault.database.rows('ALTER TABLE "Attendee" DROP mood')
    assert refusal(own_vault, knows_more) == "schema_not_known"
    revision = own_vault.database.value("SELECT version_num FROM alembic_version")
    own_vault.database.rows("UPDATE alembic_version SET version_num = '20991231_01'")
    newer = own_vault.back_up(own_filled)
    own_vault.database.rows("UPDATE alembic_version SET version_num = :r", r=revision)
    assert refusal(own_vault, newer) == "schema_newer"


def test_a_restore_reaches_no_other_school(vault: Vaulted, filled: int) -> None:
    """By the policies that bind its role: what it does not name itself, it cannot touch."""
    engine = connect_database(vault.database.url_of("booking_restore"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT set_config('app.current_tenant_id', '{filled}', true)")
        assert connection.exec_driver_sql("DELETE FROM users WHERE email LIKE '%lotus%'").rowcount == 0
        seen = connection.exec_driver_sql('SELECT name FROM "Attendee"').scalars().all()
        assert [name for name in seen if f"{SECRET}-lotus" in name] == []
        assert seen != []
    engine.dispose()
