"""What keeps the schools apart, read from the catalogue, so that a new table cannot be forgotten."""

from typing import Any

import pytest
from sqlalchemy import Connection

from tests.isolation.catalogue import (
    APP,
    PLATFORM_ROLES,
    PLATFORM_TABLES,
    RESTORER,
    TENANT_TABLES,
    rows,
    tenant_column,
)

# What runs with its owner's rights, past all policies; whoever adds one says why.
DEFINERS = {
    "keep_occupancy": "Cal.com's role has no business in the occupancy",
    "settle_conflicts": "Cal.com's role has no business in the occupancy",
    "free_place": "Cal.com's role has no business in the occupancy",
    "keep_session_occupancy": "whoever writes sessions need not be able to write the occupancy",
    "keep_seats": "whoever writes a booking need not be able to write sessions",
    "tenant_id_of_host": "asked before the tenant is known",
    "tenant_id_of_endpoint": "asked before the tenant is known",
    "tenant_id_of_import": "asked before the tenant is known",
    "table_that_refers_from_outside": "nobody of ours may read Cal.com's other tables",
    "super_admin_id": "a super admin lives in another school than the one that is administered",
}
CURRENT = "(NULLIF(current_setting('app.current_tenant_id'::text, true), ''::text))::integer"

# A key over all schools tells one of them that another has the same value, and lets a write be lost.
KEYS_OVER_ALL_SCHOOLS = {
    "Tenant_subdomain_key": "an address is one school's",
    "Tenant_customDomain_key": "an address is one school's",
    "CustomDomain_domain_key": "a domain is one school's",
    "users_staff_email_key": "Cal.com logs its users in by it",
    "users_email_username_key": "Cal.com's; we name nobody",
    "users_username_organizationId_key": "Cal.com's; we name nobody",
    "users_username_organizationId_key_null": "Cal.com's; we name nobody",
    "users_movedToProfileId_key": "Cal.com's; we move nobody",
    "users_uuid_key": "random",
    "EventType_teamId_slug_key": "Cal.com's; ours are of no team",
    "OutOfOfficeEntry_uuid_key": "random",
    "Booking_uid_key": "random",
    "Booking_idempotencyKey_key": "Cal.com's; ours are in a table of their own",
    "Booking_oneTimePassword_key": "Cal.com's, random",
    "Payment_uid_key": "random",
    "Payment_externalId_key": "Stripe's id of an object in one account",
}

# Named like a reference, and none that the database keeps.
NO_REFERENCES = {
    ("users", "defaultScheduleId"): "has none at Cal.com; whoever reads the schedule names the tenant",
    ("users", "invitedTo"): "Cal.com's teams",
    ("users", "organizationId"): "Cal.com's teams",
    ("users", "movedToProfileId"): "Cal.com's teams",
    ("EventType", "teamId"): "Cal.com's teams",
    ("EventType", "profileId"): "Cal.com's teams",
    ("EventType", "secondaryEmailId"): "Cal.com's mails",
    ("Host", "memberId"): "Cal.com's teams",
    ("OutOfOfficeEntry", "reasonId"): "Cal.com's reasons, the same for all",
    ("Booking", "destinationCalendarId"): "Cal.com's calendars",
    ("TenantBackup", "requestedBy"): "stays when a restore replaces the school's people",
    ("TenantRestore", "requestedBy"): "a super admin lives in the platform's own school",
    ("TenantRestore", "newTenantId"): "the school that was made, which may go while this stays",
    ("AuditEvent", "actorId"): "a super admin lives in another school, and what was done outlasts its doer",
    ("TenantLandingSettings", "templateId"): "designs that come with the product",
}

PUBLIC_GRANTS = """
    SELECT c.relname AS name, a.privilege_type AS privilege
    FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0
    UNION ALL
    SELECT c.relname || '.' || t.attname, a.privilege_type
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
    WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0
    UNION ALL
    SELECT p.proname, a.privilege_type
    FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'schema public', a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname = 'public' AND a.grantee = 0
    UNION ALL
    SELECT 'default of ' || d.defaclobjtype::text, a.privilege_type
    FROM pg_default_acl d, aclexplode(d.defaclacl) a WHERE a.grantee = 0
"""

# Columns whose reference carries the tenant: a value of another school's cannot stand there.
CARRIED = """
    SELECT k.conrelid AS oid, a.attname::text AS name FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname <> 'tenantId'
    WHERE k.contype = 'f' AND cardinality(k.conkey) = 2
"""
UNIQUE_KEYS = f"""
    SELECT n.relname AS name, bool_or(a.attname = 'tenantId') OR bool_or(c.name IS NOT NULL) AS of_one_school,
           i.indisprimary AND array_agg(a.attname::text) = '{{id}}' AS is_id
    FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
    LEFT JOIN ({CARRIED}) c ON c.oid = i.indrelid AND c.name = a.attname
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY (:tables)
      AND (i.indisunique OR i.indisexclusion)
    GROUP BY n.relname, i.indisprimary
"""


def test_every_table_is_a_tenants_or_listed_with_its_reason(connection: Connection) -> None:
    tables = rows(connection, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {row["tablename"] for row in tables} == {*TENANT_TABLES, *PLATFORM_TABLES}


def test_no_view_shows_what_its_owner_may_see(connection: Connection) -> None:
    views = rows(
        connection,
        """SELECT relname FROM pg_class
           WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')
             AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)""",
    )
    assert views == []


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenants_table_requires_the_tenant_and_binds_whoever_is_not_of_the_platform(
    connection: Connection, table: str
) -> None:
    column = tenant_column(table)
    assert rows(
        connection,
        """SELECT c.relrowsecurity AS secured, a.attnotnull AS required
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = :column
           WHERE c.oid = to_regclass(:table)""",
        table=f'"{table}"',
        column=column.strip('"'),
    ) == [{"secured": True, "required": True}]
    policies = policies_of(connection, table)
    assert [policy for policy in policies if policy["roles"] == ["public"]] == [
        {
            "policyname": f"tenant_isolation_{table.lower()}",
            "roles": ["public"],
            "permissive": "PERMISSIVE",
            "cmd": "ALL",
            "qual": f"({column} = {CURRENT})",
            "with_check": f"({column} = {CURRENT})",
        }
    ]
    passing = {role for policy in policies for role in policy["roles"]} - {"public"}
    assert "booking_ops" in passing
    assert passing <= set(PLATFORM_ROLES)


def policies_of(connection: Connection, table: str) -> list[dict[str, Any]]:
    return rows(
        connection,
        """SELECT policyname::text, roles::text[] AS roles, permissive, cmd, qual, with_check
           FROM pg_policies WHERE tablename = :table""",
        table=table,
    )


def test_references_between_tenants_tables_carry_the_tenant(connection: Connection) -> None:
    """Beside each reference of Cal.com's, by the id alone, stands one that names the tenant too."""
    references = rows(
        connection,
        """SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
                  (SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute
                   WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS columns
           FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace""",
    )
    carried = {
        (row["child"], row["parent"], next(c for c in row["columns"] if c != "tenantId"))
        for row in references
        if len(row["columns"]) == 2
    }
    bare = {
        (row["child"], row["parent"], row["columns"][0])
        for row in references
        if len(row["columns"]) == 1 and row["columns"] != ["tenantId"]
    }
    platform = {f'"{table}"' for table in PLATFORM_TABLES}
    assert {each for each in bare if each[1] not in platform} <= carried


def test_what_is_named_like_a_reference_is_one_or_listed_with_its_reason(connection: Connection) -> None:
    unkept = rows(
        connection,
        f"""SELECT t.relname, a.attname FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
            WHERE t.relname = ANY (:tables) AND t.relnamespace = 'public'::regnamespace
              AND a.attname ~ '(Id|By|To)$' AND a.attname <> 'tenantId'
              AND a.atttypid IN ('integer'::regtype, 'bigint'::regtype, 'uuid'::regtype)
              AND (a.attrelid, a.attname::text) NOT IN ({CARRIED})""",
        tables=TENANT_TABLES,
    )
    assert {(row["relname"], row["attname"]) for row in unkept} == set(NO_REFERENCES)


def test_a_key_is_one_schools_or_listed_with_its_reason(connection: Connection) -> None:
    keys = rows(connection, UNIQUE_KEYS, tables=TENANT_TABLES)
    over_all = {key["name"] for key in keys if not key["of_one_school"] and not key["is_id"]}
    assert over_all == set(KEYS_OVER_ALL_SCHOOLS)


def test_no_function_runs_with_its_owners_rights_but_those_listed(connection: Connection) -> None:
    found = rows(
        connection,
        """SELECT proname, proconfig FROM pg_proc
           WHERE prosecdef AND pronamespace = 'public'::regnamespace""",
    )
    unlisted = {row["proname"] for row in found if not row["proname"].startswith("fill_tenant_of_")}
    assert unlisted == set(DEFINERS)
    assert all(row["proconfig"] == ["search_path=public, pg_temp"] for row in found)


def test_everybody_may_only_look_into_the_schema(connection: Connection) -> None:
    """Neither a table nor a function nor what is yet to be made; the extension's functions are no secret."""
    assert rows(connection, PUBLIC_GRANTS) == [{"name": "schema public", "privilege": "USAGE"}]


def test_the_roles_that_functions_use_own_nothing_and_pass_no_policy_by_right(connection: Connection) -> None:
    found = rows(
        connection,
        """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
                  EXISTS (SELECT FROM pg_shdepend WHERE refobjid = r.oid AND deptype = 'o') AS owns,
                  EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS is_member,
                  has_schema_privilege(r.oid, 'public', 'CREATE') AS makes_tables
           FROM pg_roles r WHERE rolname = ANY (:roles)""",
        roles=[APP, RESTORER, *PLATFORM_ROLES],
    )
    assert {APP, "booking_ops"} <= {row["rolname"] for row in found}
    assert [row for row in found if any(value is True for value in row.values())] == []


def test_the_app_role_counts_no_other_schools_rows_by_the_sequences(connection: Connection) -> None:
    """It draws from them and neither reads nor sets them."""
    allowed = rows(
        connection,
        """SELECT DISTINCT p.privilege
           FROM pg_class c, unnest(ARRAY['SELECT', 'UPDATE', 'USAGE']) p (privilege)
           WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
             AND has_sequence_privilege(:app, c.oid, p.privilege)""",
        app=APP,
    )
    assert allowed == [{"privilege": "USAGE"}]


def test_the_app_role_makes_and_ends_no_school_and_writes_nothing_that_all_share(
    connection: Connection,
) -> None:
    allowed = rows(
        connection,
        """SELECT t.name, p.privilege
           FROM unnest(CAST(:tables AS text[])) t (name),
                unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
                    p (privilege)
           WHERE has_table_privilege(:app, quote_ident(t.name), p.privilege)""",
        tables=["Tenant", *PLATFORM_TABLES],
        app=APP,
    )
    assert {(row["name"], row["privilege"]) for row in allowed} == {
        ("Tenant", "SELECT"),
        ("Tenant", "UPDATE"),
        ("LandingTemplate", "SELECT"),
    }


@pytest.mark.parametrize("privilege", ["TRUNCATE", "REFERENCES", "TRIGGER"])
def test_nobody_of_the_service_holds_what_no_policy_binds(connection: Connection, privilege: str) -> None:
    held = rows(
        connection,
        """SELECT r.rolname, t.name FROM pg_roles r, unnest(CAST(:tables AS text[])) t (name)
           WHERE r.rolname = ANY (:roles) AND has_table_privilege(r.oid, quote_ident(t.name), :privilege)""",
        tables=TENANT_TABLES,
        roles=[APP, RESTORER, *PLATFORM_ROLES],
        privilege=privilege,
    )
    assert held == []


def test_a_restore_may_write_every_table_of_a_school_and_is_bound_like_the_app(
    connection: Connection,
) -> None:
    """What was done stays done, and schools are not deleted."""
    allowed = rows(
        connection,
        """SELECT t.name, string_agg(p.name, ' ' ORDER BY p.name) AS privileges
           FROM unnest(CAST(:tables AS text[])) t (name),
                unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p (name)
           WHERE has_table_privilege(:role, quote_ident(t.name), p.name) GROUP BY 1""",
        tables=TENANT_TABLES,
        role=RESTORER,
    )
    expected = dict.fromkeys(TENANT_TABLES, "DELETE INSERT SELECT UPDATE")
    expected |= {"Tenant": "INSERT SELECT UPDATE", "AuditEvent": "INSERT SELECT"}
    assert {row["name"]: row["privileges"] for row in allowed} == expected
    passing = rows(connection, "SELECT tablename FROM pg_policies WHERE :role = ANY (roles)", role=RESTORER)
    assert passing == []


def test_triggers_leave_alone_what_a_restore_writes_but_for_those_that_any_row_needs(
    connection: Connection,
) -> None:
    found = rows(
        connection,
        """SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal
           AND pg_get_triggerdef(oid) NOT LIKE '%booking_restore%'""",
    )
    # The school of Cal.com's rows, and places before they would be lost.
    assert {row["name"] for row in found} == {"fill_tenant", "free_place"}
