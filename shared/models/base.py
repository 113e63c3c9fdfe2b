"""The declarative base: snake_case in Python is camelCase in the database, by one hook."""

from datetime import UTC, datetime
from decimal import Decimal
from inspect import get_annotations
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Dialect, ForeignKeyConstraint, Integer, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ENUM, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

Json = dict[str, Any]

# The mark of a Cal.com table that the migrations made because no Cal.com was there.
MADE_HERE = {"comment": "made by the booking service"}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, `timestamp(3)` without a zone in the database, as Cal.com has it."""

    impl = TIMESTAMP(precision=3)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone does not go into the database")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def column_name(attribute: str) -> str:
    """`start_time` → `startTime`."""
    first, *rest = attribute.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Base(DeclarativeBase):
    """Every table. A column is named after its attribute unless it names itself."""

    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it from the class, annotated or not
        str: Text,
        datetime: UtcDateTime,
        UUID: Uuid,
        Decimal: Numeric(10, 2),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(Integer),
    }

    def __init_subclass__(cls, **arguments: Any) -> None:
        for attribute, annotation in get_annotations(cls).items():
            if "Mapped[" in str(annotation) and attribute not in cls.__dict__:
                setattr(cls, attribute, mapped_column())
        for attribute, value in vars(cls).items():
            if isinstance(value, MappedColumn) and not value.column.name:
                value.column.name = value.column.key = column_name(attribute)
        super().__init_subclass__(**arguments)


def enum(name: str, *labels: str) -> ENUM:
    """One of Cal.com's enums; the migrations make it, not the models."""
    return ENUM(*labels, name=name, create_type=False)


def reference(name: str, column: str, parent: str, *, ondelete: str) -> ForeignKeyConstraint:
    """A foreign key of Cal.com's, by the id alone."""
    return ForeignKeyConstraint([column], [f"{parent}.id"], name=name, onupdate="CASCADE", ondelete=ondelete)


def tenant_reference(name: str, column: str, parent: str, *, ondelete: str) -> ForeignKeyConstraint:
    """A foreign key of ours: the row it names is of the same tenant."""
    action = f'SET NULL ("{column}")' if ondelete == "SET NULL" else ondelete
    return ForeignKeyConstraint(
        [column, "tenantId"],
        [f"{parent}.id", f"{parent}.tenantId"],
        name=name,
        onupdate="CASCADE",
        ondelete=action,
    )


def of_tenant(table: str) -> ForeignKeyConstraint:
    """The row belongs to a tenant and goes with it."""
    return reference(f"{table}_tenantId_fkey", "tenantId", "Tenant", ondelete="CASCADE")
