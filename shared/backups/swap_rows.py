"""The staged rows take the place of those that a school has."""

from collections.abc import Mapping

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.backups.catalogue import Table, listed, quoted
from shared.backups.detach import tag_staff
from shared.backups.errors import RestoreRefused
from shared.backups.stage_backup import staged
from shared.sqlstates import constraint_of

STAFF_ADDRESS = "users_staff_email_key"

# What the platform or a vendor has agreed with the school stays as it is by now: it is not the school's data,
# and an older key would open nothing.
AGREED = ("subdomain", "customDomain", "features", "maxTeachers", "maxBookingsPerMonth", "maxEventTypes")
AGREED_PREFIXES = ("subscription", "status", "stripe", "immersio")
# What was done stays done, the restore included, and whose a domain is was settled with the platform.
KEPT = frozenset({"AuditEvent", "CustomDomain"})

RAISE = """
    SELECT setval(CAST(:sequence AS regclass), top)
    FROM (SELECT coalesce(max(id), 0) AS top FROM {staged}) s
    WHERE top > (SELECT last_value FROM {sequence})
"""


def clear_school(connection: Connection, tables: Mapping[str, Table], tenant_id: int) -> Mapping[str, Table]:
    """Delete the school's rows, children first; the tables that are to be filled now.

    Of the school itself is kept what was agreed with it.
    """
    for name in reversed(list(tables)):
        if name != "Tenant" and name not in KEPT:
            connection.execute(
                text(f'DELETE FROM {quoted(name)} WHERE "tenantId" = :tenant'),  # noqa: S608
                {"tenant": tenant_id},
            )
    agreed = [column for column in tables["Tenant"].columns if _is_agreed(column)]
    kept = ", ".join(f"{quoted(column)} = t.{quoted(column)}" for column in agreed)
    connection.exec_driver_sql(
        f'UPDATE {staged("Tenant")} s SET {kept} FROM "Tenant" t WHERE t.id = s.id'  # noqa: S608
    )
    return {name: table for name, table in tables.items() if name not in KEPT}


def put_rows(connection: Connection, tables: Mapping[str, Table], *, tag: str | None = None) -> None:
    """Insert what is staged, parents first; the school itself is changed where it is there.

    Staff whose addresses are taken get the `tag` into theirs, all of them or nobody.
    """
    _put_school(connection, tables["Tenant"])
    for table in tables.values():
        if table.name == "users" and tag is not None:
            _put_people(connection, table, tag)
        elif table.name != "Tenant":
            _put(connection, table)


def raise_sequences(connection: Connection, tables: Mapping[str, Table]) -> None:
    """Past the ids that came back, where the database had not come so far."""
    for table in tables.values():
        if table.sequence is not None:
            statement = RAISE.format(staged=staged(table.name), sequence=table.sequence)
            connection.execute(text(statement), {"sequence": table.sequence})


def refuse_other_rows(connection: Connection, tables: Mapping[str, Table], tenant_id: int) -> int:
    """Compare the school with what was staged, and count its rows. Raises RestoreRefused."""
    rows = 0
    for table in tables.values():
        found, wanted, other = connection.execute(text(_comparison(table)), {"tenant": tenant_id}).one()
        if found != wanted or other:
            raise RestoreRefused("not_as_backed_up", table.name)
        rows += found
    return rows


def _comparison(table: Table) -> str:
    columns, name = listed(table.columns), quoted(table.name)
    school = f"SELECT ROW({columns})::text FROM {name} WHERE {quoted(table.tenant_column)} = :tenant"  # noqa: S608
    wanted = f"SELECT ROW({columns})::text FROM {staged(table.name)}"  # noqa: S608
    return f"""
        SELECT (SELECT count(*) FROM ({school}) s), (SELECT count(*) FROM ({wanted}) w),
               EXISTS ({school} EXCEPT ALL {wanted})
    """  # noqa: S608


def _put_school(connection: Connection, table: Table) -> None:
    changed = ", ".join(f"{quoted(column)} = s.{quoted(column)}" for column in table.columns)
    source = staged(table.name)
    done = connection.exec_driver_sql(
        f'UPDATE "Tenant" t SET {changed} FROM {source} s WHERE t.id = s.id'  # noqa: S608
    )
    if not done.rowcount:
        _put(connection, table)


def _put_people(connection: Connection, table: Table, tag: str) -> None:
    try:
        with connection.begin_nested():
            _put(connection, table)
    except DBAPIError as error:
        if constraint_of(error) != STAFF_ADDRESS:
            raise
        tag_staff(connection, tag)
        _put(connection, table)


def _put(connection: Connection, table: Table) -> None:
    columns = listed(table.columns)
    connection.exec_driver_sql(
        f"INSERT INTO {quoted(table.name)} ({columns}) SELECT {columns} FROM {staged(table.name)}"  # noqa: S608
    )


def _is_agreed(column: str) -> bool:
    return column in AGREED or column.startswith(AGREED_PREFIXES)
