"""What the role that migrates lacks."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from migrations import facts
from migrations.catalogue import OURS
from migrations.roles import SETTINGS
from migrations.tenancy import COPIES

MINE = """
    SELECT current_user AS name, r.rolsuper AS is_superuser, r.rolsuper OR r.rolcreaterole AS makes_roles,
           has_schema_privilege('public', 'CREATE') AS makes_tables,
           has_database_privilege(current_database(), 'CREATE') AS makes_extensions,
           has_database_privilege(current_database(), 'TEMPORARY') AS makes_temporary,
           EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') AS has_gist,
           EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist') AS gist_is_available
    FROM pg_roles r WHERE rolname = current_user
"""
ROLE = """
    SELECT r.oid IS NOT NULL AS is_there,
           NOT EXISTS (SELECT unnest(CAST(:settings AS text[])) EXCEPT SELECT unnest(s.setconfig)
                       FROM pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0) AS is_set,
           coalesce(pg_has_role(current_user, r.oid, 'MEMBER WITH ADMIN OPTION'), false) AS is_mine,
           EXISTS (SELECT FROM pg_roles i WHERE i.rolname = 'rds_iam' AND r.oid IS NOT NULL
                   AND NOT pg_has_role(r.oid, i.oid, 'MEMBER')
                   AND NOT pg_has_role(current_user, i.oid, 'MEMBER WITH ADMIN OPTION')) AS lacks_iam
    FROM (SELECT) AS one LEFT JOIN pg_roles r ON r.rolname = :role
"""
BOOTSTRAP = "run migrations/bootstrap.sql as the server's master user first"


def roles(connection: Connection) -> Mapping[str, dict[str, Any]]:
    """By name: is_there, is_set (its timeouts), is_mine (this role administers it), lacks_iam."""
    return {
        role: dict(
            connection.execute(
                text(ROLE),
                {"role": role, "settings": [f"{name}={value}" for name, value in settings.items()]},
            )
            .mappings()
            .one()
        )
        for role, settings in SETTINGS.items()
    }


def lacking(connection: Connection, there: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """What has to be granted, a sentence each; `there` are the tables."""
    me = connection.execute(text(MINE)).mappings().one()
    foreign = sorted(
        {
            there[table]["owner"]
            for table in (*facts.TABLES, *COPIES, *OURS, "alembic_version")
            if table in there and not there[table]["is_owned"]
        }
    )
    if foreign:
        yield (
            f"The role {me['name']} does not own Cal.com's tables, nor is it a member of "
            f"{', '.join(foreign)}: GRANT {foreign[0]} TO {me['name']}"
        )
    if not me["makes_tables"]:
        yield f"The role {me['name']} may not make tables in the schema public; {BOOTSTRAP}"
    if not me["makes_temporary"]:
        yield f"The role {me['name']} may not make temporary tables; {BOOTSTRAP}"
    yield from _extension(me)
    yield from _roles(connection, me)


def _extension(me: Mapping[Any, Any]) -> Iterator[str]:
    if me["has_gist"]:
        return
    if not me["gist_is_available"]:
        yield "The server does not have the extension btree_gist (package postgresql-contrib)"
    elif not me["makes_extensions"]:
        yield f"The role {me['name']} may not make the extension btree_gist; {BOOTSTRAP}"


def _roles(connection: Connection, me: Mapping[Any, Any]) -> Iterator[str]:
    for name, role in roles(connection).items():
        if not role["is_there"] and not me["makes_roles"]:
            yield f"The role {name} is missing, and {me['name']} may not make it; {BOOTSTRAP}"
        changes = me["is_superuser"] or (me["makes_roles"] and role["is_mine"])
        if role["is_there"] and not role["is_set"] and not changes:
            yield f"The role {name} lacks its timeouts, and {me['name']} may not set them; {BOOTSTRAP}"
        if role["lacks_iam"] and not me["is_superuser"]:
            yield f"The role {name} may not log in with IAM tokens; {BOOTSTRAP}"
