"""The tables of Cal.com 6.0 that this service works on, made where they are absent.

On a live Cal.com database every table is there already and this revision changes nothing. On an empty
one it makes them as Cal.com has them: names, types, nullability, defaults, keys and indexes. Foreign
keys to tables that only Cal.com's other features use are left to Cal.com.
"""

from alembic import op

from migrations import facts
from migrations.ddl import quoted, table_exists

revision = "20261122_01"
down_revision = None
branch_labels = None
depends_on = None

# Marks what this revision made, so that going back never drops a table of Cal.com's.
OURS = "made by the booking service"


def upgrade() -> None:
    for name, labels in facts.enums().items():
        _create_enum(name, labels)
    made = [table for table in facts.TABLES if not table_exists(table)]
    for table in made:
        columns = ", ".join(_column(row) for row in facts.columns() if row["table_name"] == table)
        op.execute(f"CREATE TABLE {quoted(table)} ({columns})")
        op.execute(f"COMMENT ON TABLE {quoted(table)} IS '{OURS}'")
    # A reference needs its parent's key, so all of these come after all of the tables, keys first.
    for row in sorted(facts.constraints(), key=lambda row: row["kind"] != "primary key"):
        if row["table_name"] in made:
            op.execute(
                f"ALTER TABLE {quoted(row['table_name'])} ADD CONSTRAINT {quoted(row['name'])} "
                + row["definition"]
            )
    for row in facts.indexes():
        if row["table_name"] in made:
            op.execute(_index(row))


def downgrade() -> None:
    for table in reversed(facts.TABLES):
        if _is_ours(table):
            op.execute(f"DROP TABLE {quoted(table)} CASCADE")
    for name in facts.enums():
        if not _is_used(name):
            op.execute(f"DROP TYPE IF EXISTS {quoted(name)}")


def _column(row: facts.Row) -> str:
    name, default = quoted(row["column_name"]), row["default_value"]
    if default.startswith("nextval"):
        return f"{name} serial"
    required = "" if row["nullable"] == "t" else " NOT NULL"
    return f"{name} {row['type']}{required}" + (f" DEFAULT {default}" if default else "")


def _index(row: facts.Row) -> str:
    unique = "UNIQUE " if row["is_unique"] == "t" else ""
    table = quoted(row["table_name"])
    return f"CREATE {unique}INDEX {quoted(row['name'])} ON {table} USING {row['definition']}"


def _create_enum(name: str, labels: tuple[str, ...]) -> None:
    values = ", ".join(f"'{label}'" for label in labels)
    op.execute(
        f"DO $$ BEGIN CREATE TYPE {quoted(name)} AS ENUM ({values}); "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )


def _is_ours(table: str) -> bool:
    comment = op.get_bind().exec_driver_sql(
        "SELECT obj_description(to_regclass(%s), 'pg_class')", (quoted(table),)
    )
    return comment.scalar() == OURS


def _is_used(enum: str) -> bool:
    columns = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_attribute WHERE atttypid = to_regtype(%s) AND NOT attisdropped",
        (quoted(enum),),
    )
    return bool(columns.scalar())
