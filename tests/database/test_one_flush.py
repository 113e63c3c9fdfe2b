"""The connection that everything rests on: in step with the server, whatever happens, in one round trip."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from pg8000 import dbapi

from shared.connection import open_connection
from shared.one_flush import OneFlushConnection
from tests.databases import TestDatabase


@pytest.fixture
def connection(own_database: TestDatabase) -> Iterator[OneFlushConnection]:
    made = open_connection(own_database.owner_url)
    yield made
    if made._usock is not None:
        made.close()


def ask(connection: OneFlushConnection, statement: str, *values: Any) -> list[Any]:
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return list(cursor.fetchall()) if cursor.description else []


def test_a_statement_that_fails_tells_its_sqlstate_and_the_next_one_works(
    connection: OneFlushConnection,
) -> None:
    with pytest.raises(dbapi.DatabaseError) as refused:
        ask(connection, "SELECT 1 / %s", 0)
    assert refused.value.args[0]["C"] == "22012"
    connection.rollback()
    assert ask(connection, "SELECT 1 / %s", 1) == [[1]]


def test_a_failed_transaction_cannot_be_committed(connection: OneFlushConnection) -> None:
    with pytest.raises(dbapi.DatabaseError):
        ask(connection, "SELECT nothing")
    with pytest.raises(dbapi.InterfaceError, match="failed transaction"):
        connection.commit()


def test_an_opening_statement_that_fails_keeps_the_statement_from_running(
    connection: OneFlushConnection,
) -> None:
    ask(connection, "CREATE TABLE seen (n int)")
    connection.commit()
    connection.open_with("SELECT 1 / $1::int", (0,))
    with pytest.raises(dbapi.DatabaseError) as refused:
        ask(connection, "INSERT INTO seen VALUES (%s) RETURNING n", 1)
    assert refused.value.args[0]["C"] == "22012"
    connection.rollback()
    assert ask(connection, "SELECT count(*) FROM seen") == [[0]]


def test_begin_and_opening_ride_on_the_first_statement(connection: OneFlushConnection) -> None:
    connection.open_with("SELECT set_config('app.current_tenant_id', $1, true)", ("7",))
    before = connection.round_trips
    assert ask(connection, "SELECT current_setting('app.current_tenant_id')") == [["7"]]
    ask(connection, "SELECT %s", 1)
    connection.commit()
    assert connection.round_trips - before == 3


def test_the_tenant_ends_with_its_transaction(connection: OneFlushConnection) -> None:
    connection.open_with("SELECT set_config('app.current_tenant_id', $1, true)", ("7",))
    ask(connection, "SELECT 1")
    connection.commit()
    assert ask(connection, "SELECT current_setting('app.current_tenant_id', true)") == [[""]]


def test_an_opening_is_not_kept_for_a_later_transaction(connection: OneFlushConnection) -> None:
    connection.open_with("SELECT set_config('app.current_tenant_id', $1, true)", ("7",))
    connection.rollback()
    assert ask(connection, "SELECT current_setting('app.current_tenant_id', true)") == [[None]]


def test_nothing_is_sent_to_end_a_transaction_that_never_began(connection: OneFlushConnection) -> None:
    before = connection.round_trips
    connection.commit()
    connection.rollback()
    assert connection.round_trips == before


@pytest.mark.parametrize("value", [None, True, 42, 3.5, "ü", b"\x00\xff", ["a", None], {"a": [1]}])
def test_values_come_back_as_they_went(connection: OneFlushConnection, value: Any) -> None:
    kinds = {bool: "bool", int: "int", float: "float8", str: "text", bytes: "bytea", list: "text[]"}
    kind = kinds.get(type(value), "jsonb")
    assert ask(connection, f"SELECT CAST(%s AS {kind})", value) == [[value]]


def test_a_parameter_of_megabytes_and_many_rows_pass(connection: OneFlushConnection) -> None:
    text = "x" * 5_000_000
    assert ask(connection, "SELECT length(%s::text)", text) == [[len(text)]]
    assert len(ask(connection, "SELECT generate_series(1, %s)", 100_000)) == 100_000


def test_notices_between_the_answers_do_not_shift_them(connection: OneFlushConnection) -> None:
    ask(connection, "CREATE TEMPORARY TABLE t (n int)")
    ask(connection, "CREATE TEMPORARY TABLE IF NOT EXISTS t (n int)")
    assert ask(connection, "SELECT %s::int", 5) == [[5]]


def test_an_empty_statement_is_answered_with_nothing(connection: OneFlushConnection) -> None:
    cursor = connection.cursor()
    cursor.execute("")
    assert cursor.description is None
    assert ask(connection, "SELECT 1") == [[1]]


def test_a_copy_streams_in_and_out(connection: OneFlushConnection) -> None:
    ask(connection, "CREATE TEMPORARY TABLE lines (line text)")
    cursor = connection.cursor()
    cursor.execute("COPY lines FROM STDIN", (), stream=(b"one\n", b"two\n"))
    out = io.BytesIO()
    cursor.execute("COPY lines TO STDOUT", (), stream=out)
    assert out.getvalue() == b"one\ntwo\n"
    assert ask(connection, "SELECT count(*) FROM lines") == [[2]]


def test_a_copy_whose_source_fails_ends_the_connection(connection: OneFlushConnection) -> None:
    def broken() -> Iterator[bytes]:
        yield b"one\n"
        raise OSError("the object is gone")

    ask(connection, "CREATE TEMPORARY TABLE lines (line text)")
    with pytest.raises(dbapi.InterfaceError):
        connection.cursor().execute("COPY lines FROM STDIN", (), stream=broken())
    with pytest.raises(dbapi.InterfaceError, match="closed"):
        ask(connection, "SELECT 1")


def test_a_commit_on_a_connection_that_was_lost_does_not_look_like_one(
    connection: OneFlushConnection,
) -> None:
    ask(connection, "SELECT 1")
    connection._abandon()
    with pytest.raises(dbapi.InterfaceError, match="closed"):
        connection.commit()
