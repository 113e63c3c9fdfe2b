"""Whether the service can work: its database answers and knows the schema."""

from typing import Literal

from sqlalchemy import Connection, text

from shared.fields import Document

_CHECK = text("SELECT to_regclass('\"TeacherOccupancy\"') IS NOT NULL AS migrated")


class Health(Document):
    status: Literal["ok", "not_migrated"]


def check_health(connection: Connection) -> Health:
    """Ask the database; an unreachable one raises and is told as busy (503)."""
    migrated = connection.execute(_CHECK).scalar_one()
    return Health(status="ok" if migrated else "not_migrated")
