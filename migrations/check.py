"""Whether the revisions and the models agree: `python -m migrations.check`, on a Postgres of its own."""

import sys

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, text

from local.postgres import temporary_postgres_server
from migrations.run import alembic_config, downgrade, upgrade
from shared.database import driver_url


def check(owner_url: str) -> None:
    """Up, compare with the models, down to nothing, and up again; raises where one of them fails."""
    heads = ScriptDirectory.from_config(alembic_config()).get_heads()
    if len(heads) != 1:
        raise CommandError(f"there must be one head, not {', '.join(heads)}")
    upgrade(owner_url)
    engine = create_engine(driver_url(owner_url))
    with engine.connect() as connection:
        command.check(alembic_config(connection))
    downgrade(owner_url, "base")
    with engine.connect() as connection:
        left = connection.execute(text(LEFT_BEHIND)).scalars().all()
    engine.dispose()
    if left:
        raise CommandError(f"going back leaves {', '.join(left)}")
    upgrade(owner_url)


LEFT_BEHIND = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')
      AND relname <> 'alembic_version'
    UNION ALL
    SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
"""


def main() -> int:
    with temporary_postgres_server() as server:
        try:
            check(server.url)
        except CommandError as error:
            print(error, file=sys.stderr)
            return 1
    print("one head; the models and the migrations agree; up, down and up again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
