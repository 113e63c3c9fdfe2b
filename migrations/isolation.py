"""Row-level security of a school's table: the app role sees one school, the others of ours all."""

from collections.abc import Mapping, Sequence

from migrations.ddl import ask, quoted, step
from migrations.roles import ROLE_EXISTS

ROLES = ("booking_app", "booking_ops", "booking_backup")
# Writes back what was backed up, one school at a time: the schools' own policies bind it.
RESTORER = "booking_restore"
POLICIES = ("tenant_isolation", "platform_access", "backup_access")

# An unset setting is NULL and one that a commit has ended is '': both see nothing.
CURRENT_TENANT = "NULLIF(current_setting('app.current_tenant_id', true), '')::int"


def isolate(table: str, column: str = '"tenantId"') -> None:
    """Give the table its policies and the roles what they may do; `column` holds the tenant."""
    name = quoted(table)
    isolation, platform, backup = policies_of(table)
    step(
        *(f"DROP POLICY IF EXISTS {policy} ON {name}" for policy in (isolation, platform, backup)),
        f"""CREATE POLICY {isolation} ON {name} FOR ALL
            USING ({column} = {CURRENT_TENANT}) WITH CHECK ({column} = {CURRENT_TENANT})""",
        f"CREATE POLICY {platform} ON {name} FOR ALL TO booking_ops USING (true) WITH CHECK (true)",
        f"CREATE POLICY {backup} ON {name} FOR SELECT TO booking_backup USING (true)",
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO booking_app, booking_ops",
        f"GRANT SELECT ON {name} TO booking_backup",
        of_sequences(table, "GRANT USAGE ON SEQUENCE %s TO booking_app, booking_ops"),
        of_sequences(table, "GRANT SELECT ON SEQUENCE %s TO booking_backup"),
    )
    # A later revision makes it, and lets it into the tables that are there by then.
    if ask(ROLE_EXISTS, RESTORER):
        let_restore(table)


def let_restore(table: str) -> None:
    """What a restore may do in the table; the sequences it also sets past the ids that come back."""
    step(
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted(table)} TO {RESTORER}",
        of_sequences(table, f"GRANT SELECT, USAGE, UPDATE ON SEQUENCE %s TO {RESTORER}"),
    )


def grant_functions(functions: Mapping[str, str]) -> None:
    """Make functions, by their signatures, that the roles may call and nobody else."""
    for signature, statement in functions.items():
        step(
            statement,
            f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {signature} TO booking_app, booking_ops",
        )


def drop_functions(functions: Mapping[str, str]) -> None:
    """The last one first: it may call those before it."""
    for signature in reversed(list(functions)):
        step(f"DROP FUNCTION IF EXISTS {signature}")


def alter_functions(changes: Sequence[tuple[str, str, str]]) -> None:
    """In functions, by their signatures, put one text in place of another; what is done is left."""
    for signature, before, after in changes:
        # The one may be a part of the other.
        undone = f"strpos(told, $after${after}$after$) = 0"
        if before not in after:
            undone += f" OR strpos(told, $before${before}$before$) > 0"
        step(f"""
            DO $alter$ DECLARE told text := pg_get_functiondef('{signature}'::regprocedure); BEGIN
                IF {undone} THEN
                    IF strpos(told, $before${before}$before$) = 0 THEN
                        RAISE 'the function {signature} is not the one to be changed';
                    END IF;
                    EXECUTE replace(told, $before${before}$before$, $after${after}$after$);
                END IF;
            END $alter$
        """)


def policies_of(table: str) -> list[str]:
    """The names of its policies, in the order of POLICIES."""
    return [f"{policy}_{table.lower()}" for policy in POLICIES]


def of_sequences(table: str, statement: str) -> str:
    """The statement for each sequence that fills a column of the table; Cal.com's others are no business
    of ours.
    """
    return f"""
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT DISTINCT pg_get_serial_sequence(attrelid::regclass::text, attname)
                        FROM pg_attribute WHERE attrelid = '{quoted(table)}'::regclass AND attnum > 0
                          AND NOT attisdropped
                          AND pg_get_serial_sequence(attrelid::regclass::text, attname) IS NOT NULL LOOP
                EXECUTE format('{statement}', name);
            END LOOP;
        END $$
    """
