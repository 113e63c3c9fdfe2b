"""The invariants, over a whole test database."""

from shared import invariants
from shared.invariants import INVARIANTS
from tests.databases import TestDatabase

__all__ = ["INVARIANTS", "broken_invariants"]


def broken_invariants(database: TestDatabase) -> list[str]:
    """The names of those that do not hold."""
    with database.owner.connect() as connection:
        return invariants.broken_invariants(connection)
