"""Tries every verb on a table under every tenant setting, and tells what came of it that should not."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from pg8000.dbapi import DatabaseError
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from shared.database import driver_url, sqlstate
from tests.databases import TestDatabase
from tests.isolation.catalogue import APP, TENANT_TABLES, key_of, quoted, rows, tenant_column
from tests.isolation.fill_school import row_of
from tests.isolation.verbs import GARBAGE, UNSET, VERBS, Attempt, Outcome, Verb, is_right

NAMED_IN_POLICIES = "SELECT DISTINCT unnest(roles)::text AS role FROM pg_policies WHERE roles <> '{public}'"
RECORD = "jsonb_populate_record(NULL::{table}, %s::jsonb)"
RELABELLED = "jsonb_populate_record(NULL::{table}, %s::jsonb || jsonb_build_object('{column}', {label}))"
DIGESTS = "SELECT tenant, md5(string_agg(told, '' ORDER BY told)) AS digest FROM ({each}) e GROUP BY tenant"


@contextmanager
def sandbox(database: TestDatabase) -> Iterator[Connection]:
    """A new session of the owner's, in a transaction that leaves nothing."""
    engine = create_engine(driver_url(database.owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def breaches(connection: Connection, table: str, school: int, other: int) -> Iterator[str]:
    """What can be done to `table` that should not, or cannot that should; `connection` is a sandbox.

    Lazily: whoever asks only whether there is a breach takes the first.
    """
    # Once a session has set it, the setting is never again as if nobody had.
    assert rows(connection, "SELECT current_setting('app.current_tenant_id', true) AS told") == [{"told": None}]
    for setting in (UNSET, *GARBAGE, str(other), str(school)):
        attempt = Attempt(school, other, setting)
        for name, verb in VERBS.items():
            outcome = tried(connection, table, verb, attempt)
            if not is_right(verb, attempt, outcome, granted=_is_granted(connection, table, verb)):
                yield f"{table}: {name} under {setting!r}: {outcome}"
    for role in [row["role"] for row in rows(connection, NAMED_IN_POLICIES)]:
        seen = _as(connection, role, UNSET, f"SELECT {tenant_column(table)} FROM {quoted(table)}")
        if not {school, other} <= seen:
            yield f"{table}: {role} does not see all schools"


def tried(connection: Connection, table: str, verb: Verb, attempt: Attempt) -> Outcome:
    """What comes of the verb, which is then undone. A row that is brought anew is taken away before."""
    statement, row = _written(connection, table, verb, attempt), row_of(connection, table, attempt.school)
    with undone(connection):
        if verb is VERBS["insert"]:
            connection.exec_driver_sql(f"DELETE FROM {quoted(table)} WHERE {tenant_column(table)} = {attempt.school}")
        before = fingerprints(connection)
        try:
            seen = _as(connection, APP, attempt.setting, statement, row if "%s" in statement else None)
        except DatabaseError as error:
            return Outcome(state=sqlstate(error))
        after = fingerprints(connection)
        changed = {each for each in before | after if before.get(each) != after.get(each)}
        return Outcome(frozenset(seen), frozenset(changed))


def fingerprints(connection: Connection) -> dict[int, str]:
    """By school, a digest of all its rows, of what they hold and where they lie: any write moves one."""
    each = " UNION ALL ".join(
        f"SELECT {tenant_column(table)} AS tenant, '{table}' || t.ctid || t::text AS told FROM {quoted(table)} t"
        for table in TENANT_TABLES
    )
    return {row["tenant"]: row["digest"] for row in rows(connection, DIGESTS.format(each=each))}


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """What is done meanwhile is undone, errors included."""
    connection.exec_driver_sql("SAVEPOINT before")
    try:
        yield
    finally:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT before")
        connection.exec_driver_sql("RELEASE SAVEPOINT before")


def _as(
    connection: Connection, role: str, setting: str | None, statement: str, row: str | None = None
) -> set[int]:
    """Run a statement as `role`; whose rows it told. By the driver's own cursor, for COPY's sake."""
    cursor: Any = connection.connection.cursor()
    stream = BytesIO()
    cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
    if setting is not UNSET:
        cursor.execute("SELECT set_config('app.current_tenant_id', %s, true)", (setting,))
    cursor.execute(statement, () if row is None else (row,), stream=stream)
    told = cursor.fetchall() if cursor.description else stream.getvalue().decode().split()
    cursor.execute("SET LOCAL SESSION AUTHORIZATION DEFAULT")
    return {int(each[0] if isinstance(each, list) else each) for each in told}


def _written(connection: Connection, table: str, verb: Verb, attempt: Attempt) -> str:
    column = tenant_column(table)
    label = attempt.setting if attempt.visible else attempt.school
    return verb.statement.format(
        table=quoted(table),
        tenant=column,
        elsewhere=attempt.elsewhere,
        key=", ".join(map(quoted, key_of(connection, table))),
        row=RECORD.format(table=quoted(table)),
        relabelled=RELABELLED.format(table=quoted(table), column=column.strip('"'), label=label),
    )


def _is_granted(connection: Connection, table: str, verb: Verb) -> bool:
    asked = {"role": APP, "table": quoted(table), "privilege": verb.privilege}
    (row,) = rows(connection, "SELECT has_table_privilege(:role, :table, :privilege) AS granted", **asked)
    return bool(row["granted"])
