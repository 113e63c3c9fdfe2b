"""The Postgres of the local run, the tests and the benchmarks."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError

from local.database import connected
from local.errors import PostgresUnavailable
from local.postgres import PostgresServer, postgres_server, temporary_postgres_server
from local.postgres_binaries import Account, find_binaries


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with temporary_postgres_server(settings={"max_connections": "20"}) as running:
        yield running


def answer(server: PostgresServer, statement: str) -> str:
    with connected(server.url) as connection:
        return str(connection.run(statement)[0][0])


def test_without_the_password_nobody_gets_in_even_from_this_machine(server: PostgresServer) -> None:
    with pytest.raises(DatabaseError, match="28P01"), connected(server.url.replace(server.password, "guess")):
        pass


def test_other_addresses_of_this_machine_do_not_answer(server: PostgresServer) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", server.port))


def test_a_second_run_over_the_same_data_is_refused(server: PostgresServer) -> None:
    with pytest.raises(PostgresUnavailable, match="another run"), postgres_server(server.data_directory):
        pass


def test_data_of_another_major_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with temporary_postgres_server() as made:
        version = made.cluster / "PG_VERSION"
        made.stop()
        version.write_text("9\n")
        (made.data_directory / "lock").unlink()
        with pytest.raises(PostgresUnavailable, match="make clean"), postgres_server(made.data_directory):
            pass


def test_a_port_that_is_taken_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.postgres.START_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as taken, temporary_postgres_server() as made:
        made.stop()
        made.wanted_port = taken.getsockname()[1]
        with pytest.raises(PostgresUnavailable, match="does not start"):
            made.start()


def test_no_binaries_anywhere_is_an_error_that_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.postgres_binaries.candidates", lambda account: iter([Path("/nowhere")]))
    with pytest.raises(PostgresUnavailable, match="DATABASE_URL"):
        find_binaries(Account())


def test_it_is_a_utf_8_server_in_utc_with_the_wanted_settings(server: PostgresServer) -> None:
    assert answer(server, "SHOW server_encoding") == "UTF8"
    assert answer(server, "SHOW timezone") == "UTC"
    assert answer(server, "SHOW max_connections") == "20"
    assert answer(server, "SELECT lower('ĐẶNG')") == "đặng"


def test_what_was_committed_survives_a_kill(server: PostgresServer) -> None:
    with connected(server.url) as connection:
        connection.run("CREATE TABLE kept (id int)")
        connection.run("INSERT INTO kept VALUES (7)")
    port = server.port
    server.kill()
    with pytest.raises(InterfaceError):
        answer(server, "SELECT 1")
    server.restart()
    assert (server.port, answer(server, "SELECT id FROM kept")) == (port, "7")


def test_data_and_password_are_kept_from_run_to_run(tmp_path: Path) -> None:
    with postgres_server(tmp_path / "data", durable=True) as first:
        with connected(first.url) as connection:
            connection.run("CREATE TABLE kept (id int)")
        directory = first.data_directory
    with postgres_server(tmp_path / "data", durable=False) as second:
        assert (second.data_directory, second.password) == (directory, first.password)
        assert answer(second, "SELECT count(*) FROM kept") == "0"


def test_the_password_is_for_the_server_account_only(server: PostgresServer) -> None:
    status = (server.data_directory / "password").stat()
    assert status.st_mode & 0o777 == 0o600
    assert status.st_uid == (os.geteuid() if server.account.uid is None else server.account.uid)
