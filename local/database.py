"""The database of a run: whose it is, its roles, and what has to be in it."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pg8000.native import Connection, identifier, literal

from local.postgres import postgres_server

NAME = "booking"
ROLES = ("booking_app", "booking_ops", "booking_backup", "booking_restore", "booking_migrator")


@dataclass(frozen=True)
class Database:
    """`owner_url` carries the owner's password; `is_ours` when this run made the server.

    `role_password` is that of all of our login roles: a function may connect as two of them, and PGPASSWORD
    is one variable.
    """

    owner_url: str
    is_ours: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.owner_url).hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        return urlsplit(self.owner_url).port or 5432

    @property
    def name(self) -> str:
        return urlsplit(self.owner_url).path.removeprefix("/")

    @property
    def role_password(self) -> str:
        """Derived, so that two runs over one server do not lock each other out."""
        secret = unquote(urlsplit(self.owner_url).password or "").encode()
        return hmac.new(secret, b"booking login roles", hashlib.sha256).hexdigest()

    def url_of(self, role: str) -> str:
        return f"postgresql://{role}:{self.role_password}@{self.host}:{self.port}/{quote(self.name)}"


@contextmanager
def database(state_directory: Path, database_url: str | None) -> Iterator[Database]:
    """The given one, or one of our own that keeps its data under `state_directory`."""
    if database_url is not None:
        yield Database(database_url)
        return
    with postgres_server(state_directory / "postgres") as server:
        with connected(server.url) as connection:
            if not connection.run("SELECT FROM pg_database WHERE datname = :name", name=NAME):
                connection.run(f"CREATE DATABASE {identifier(NAME)}")
        yield Database(server.url.rsplit("/", 1)[0] + f"/{NAME}", is_ours=True)


def let_the_migrator_in(wanted: Database, bootstrap: Path) -> str:
    """Do what a server's master does before the first migration; returns the migrator's URL."""
    with connected(wanted.owner_url) as connection:
        connection.execute_simple(bootstrap.read_text(encoding="utf-8"))
    allow_logins(wanted)
    return wanted.url_of("booking_migrator")


def allow_logins(wanted: Database) -> None:
    """Gives the roles that the migrations made a password of this run."""
    with connected(wanted.owner_url) as connection:
        for role in ROLES:
            if connection.run("SELECT FROM pg_roles WHERE rolname = :role", role=role):
                connection.run(
                    f"ALTER ROLE {identifier(role)} LOGIN PASSWORD {literal(wanted.role_password)}"
                )


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    parts = urlsplit(url)
    connection = Connection(
        unquote(parts.username or ""),
        host=parts.hostname,
        port=parts.port or 5432,
        password=unquote(parts.password or ""),
        database=unquote(parts.path.removeprefix("/")),
    )
    try:
        yield connection
    finally:
        connection.close()
