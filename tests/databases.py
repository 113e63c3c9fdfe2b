"""Databases for tests: copied from one that was migrated once."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from migrations.run import upgrade
from shared.database import driver_url

TEMPLATE = "booking_template"
PASSWORD = "test-only"
ROLES = ("booking_app", "booking_ops", "booking_backup", "booking_restore")

WIPE = """
    DO $$
    DECLARE name text;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
                    AND tablename NOT IN ('alembic_version', 'LandingTemplate', 'Tenant')
        LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
        DELETE FROM "Tenant" WHERE subdomain <> 'default';
    END $$
"""

_numbers = itertools.count()


def prepared_template(server_url: str) -> None:
    """Migrate a database once, so that each test copies it instead."""
    _execute(server_url, f'CREATE DATABASE "{TEMPLATE}"')
    upgrade(with_database(server_url, TEMPLATE))
    for role in ROLES:
        _execute(server_url, f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")


def with_database(server_url: str, name: str, user: str | None = None) -> str:
    """The same server's address, for another database and perhaps another role."""
    url = make_url(server_url).set(database=name)
    if user is not None:
        url = url.set(username=user, password=PASSWORD)
    return url.render_as_string(hide_password=False)


@dataclass
class TestDatabase:
    """Where it is for each role, and a connection of the owner, whom no policy binds."""

    __test__ = False

    owner_url: str
    app_url: str
    ops_url: str
    owner: Engine = field(repr=False)

    @classmethod
    @contextmanager
    def copy_of_template(cls, server_url: str) -> Iterator["TestDatabase"]:
        """A database like the migrated one, dropped at the end."""
        name = f"test_{next(_numbers)}"
        _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
        owner_url = with_database(server_url, name)
        owner = create_engine(driver_url(owner_url), isolation_level="AUTOCOMMIT")
        try:
            yield cls(
                owner_url,
                with_database(server_url, name, "booking_app"),
                with_database(server_url, name, "booking_ops"),
                owner,
            )
        finally:
            owner.dispose()
            _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')

    def url_of(self, role: str) -> str:
        """Where it is for a role of ours."""
        return with_database(self.owner_url, str(self.owner.url.database), role)

    @contextmanager
    def refusing(self, table: str, condition: str) -> Iterator[None]:
        """Meanwhile the database takes no row of `table` for which `condition` does not hold."""
        self.rows(f'ALTER TABLE "{table}" ADD CONSTRAINT refusing CHECK ({condition})')
        try:
            yield
        finally:
            self.rows(f'ALTER TABLE "{table}" DROP CONSTRAINT refusing')

    def wipe(self) -> None:
        """Leave what the migrations left; faster by far than a new database."""
        with self.owner.connect() as connection:
            connection.exec_driver_sql(WIPE)

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows a statement returns, as the owner sees them; none for one that returns no rows."""
        with self.owner.connect() as connection:
            result = connection.execute(text(statement), parameters)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def value(self, statement: str, **parameters: Any) -> Any:
        """The one value a statement returns."""
        (row,) = self.rows(statement, **parameters)
        (found,) = row.values()
        return found


def _execute(url: str, statement: str) -> None:
    engine = create_engine(driver_url(url), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
