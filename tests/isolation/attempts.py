"""Tries every verb on a table under every tenant setting, and tells what came of it that should not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pg8000.dbapi import DatabaseError
from sqlalchemy import Connection, Engine

from shared.sqlstates import sqlstate
from tests.isolation.catalogue import APP, TENANT_TABLES, key_of, privileges_of, quoted, rows, tenant_column
from tests.isolation.fill_school import SECRET, row_of
from tests.isolation.verbs import ENDED, GARBAGE, UNSET, VERBS, Attempt, Outcome, Verb, is_right

NAMED_IN_POLICIES = "SELECT DISTINCT unnest(roles)::text AS role FROM pg_policies WHERE roles <> '{public}'"
SETTING = "SELECT current_setting('app.current_tenant_id', true) AS told"


@dataclass(frozen=True)
class Target:
    """A table as it is before anything is tried; `row` is the school's, as JSON."""

    table: str
    row: str
    key: tuple[str, ...]
    privileges: frozenset[str]
    digests: dict[int, str]

    @property
    def column(self) -> str:
        return tenant_column(self.table)


@contextmanager
def sandbox(engine: Engine) -> Iterator[Connection]:
    """A new session of the owner's, in a transaction that leaves nothing; the engine has no pool."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def breaches(connection: Connection, table: str, school: int, other: int) -> Iterator[str]:
    """What can be done to `table` that should not, or cannot that should; `connection` is a sandbox.

    Lazily: whoever asks only whether there is a breach takes the first.
    """
    for role in [row["role"] for row in rows(connection, NAMED_IN_POLICIES)]:
        with undone(connection):
            seen = told_to(connection, role, UNSET, f"SELECT {tenant_column(table)} FROM {quoted(table)}")
        if not {school, other} <= seen:
            yield f"{table}: {role} does not see all schools"
    # Once a session has set it, the setting is never again as if nobody had.
    assert rows(connection, SETTING) == [{"told": None}]
    target = _target(connection, table, school)
    for setting in (UNSET, ENDED, str(school), str(other), *GARBAGE):
        attempt = Attempt(school, other, setting)
        for name, verb in VERBS.items():
            outcome = tried(connection, target, verb, attempt)
            if not is_right(verb, attempt, outcome, granted=verb.privileges <= target.privileges):
                yield f"{table}: {name} under {setting!r}: {outcome}"


def tried(connection: Connection, target: Target, verb: Verb, attempt: Attempt) -> Outcome:
    """What comes of the verb, which is then undone. A row that is brought anew is taken away before."""
    before = target.digests
    with undone(connection):
        if verb.anew:
            connection.exec_driver_sql(
                f"DELETE FROM {quoted(target.table)} WHERE {target.column} = {attempt.school}"
            )
            before = digests(connection)
        try:
            seen = told_to(connection, APP, attempt.setting, _written(target, verb, attempt), target.row)
        except DatabaseError as error:
            return Outcome(state=sqlstate(error), quotes=SECRET in str(error))
        after = digests(connection) if verb.writes else before
        changed = {each for each in before | after if before.get(each) != after.get(each)}
        return Outcome(frozenset(seen), frozenset(changed))


def digests(connection: Connection) -> dict[int, str]:
    """By school, of all its rows, of what they hold and where they lie: any write changes one."""
    each = " UNION ALL ".join(
        f"SELECT {tenant_column(table)}, '{table}' || t.ctid || t::text FROM {quoted(table)} t"
        for table in TENANT_TABLES
    )
    by_school = f"""
        SELECT tenant, md5(string_agg(told, '' ORDER BY told)) FROM ({each}) e (tenant, told) GROUP BY tenant
    """
    return {row.tenant: row.md5 for row in connection.exec_driver_sql(by_school)}


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """What is done meanwhile is undone, errors included."""
    connection.exec_driver_sql("SAVEPOINT before")
    try:
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT before; RELEASE SAVEPOINT before")


def _target(connection: Connection, table: str, school: int) -> Target:
    return Target(
        table,
        row_of(connection, table, school),
        key_of(connection, table),
        privileges_of(connection, APP, table),
        digests(connection),
    )


@contextmanager
def acting_as(connection: Connection, role: str, setting: str | None = UNSET) -> Iterator[None]:
    """What comes is done as `role`, and by itself undone in the end."""
    with undone(connection):
        connection.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {role}")
        if setting is not UNSET:
            connection.exec_driver_sql(f"SET LOCAL app.current_tenant_id = '{setting}'")
        yield


def told_to(
    connection: Connection, role: str, setting: str | None, statement: str, row: str | None = None
) -> set[int]:
    """Run a statement as `role`; whose rows it told. By the driver's own cursor, for COPY's sake."""
    cursor: Any = connection.connection.cursor()
    stream, values = BytesIO(), (row,) if "%s" in statement else ()
    cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
    if setting is not UNSET:
        cursor.execute(f"SET LOCAL app.current_tenant_id = '{setting}'")
    cursor.execute(statement, values, stream=stream)
    told = [tenant for (tenant,) in cursor.fetchall()] if cursor.description else stream.getvalue().split()
    cursor.execute("SET LOCAL SESSION AUTHORIZATION DEFAULT")
    return set(map(int, told))


def _written(target: Target, verb: Verb, attempt: Attempt) -> str:
    table, column = quoted(target.table), target.column.strip('"')
    label = attempt.setting if attempt.visible else attempt.school
    return verb.statement.format(
        table=table,
        tenant=target.column,
        elsewhere=attempt.elsewhere,
        key=", ".join(map(quoted, target.key)),
        row=_record(table, "%s::jsonb"),
        relabelled=_record(table, f"%s::jsonb || jsonb_build_object('{column}', {label})"),
        unlabelled=_record(table, f"%s::jsonb - '{column}'"),
    )


def _record(table: str, document: str) -> str:
    return f"jsonb_populate_record(NULL::{table}, {document})"
