"""What a schema consists of, as sets of sentences that can be compared."""

from tests.databases import TestDatabase

QUERIES = {
    "columns": """
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
               || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'""",
    "constraints": """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT i.indexdef || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
        FROM pg_indexes i JOIN pg_index x ON x.indexrelid = format('%I', i.indexname)::regclass
        WHERE i.schemaname = 'public'""",
    "policies": """
        SELECT concat_ws(' ', tablename, policyname, permissive, roles::text, cmd, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public'""",
    "triggers": """
        SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal""",
    "functions": """
        SELECT pg_get_functiondef(p.oid) || coalesce(p.proacl::text, ' of everybody') FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    "rights": """
        SELECT relname || CASE WHEN relrowsecurity THEN ' isolated ' ELSE ' ' END || (
               SELECT string_agg(each::text, ',' ORDER BY each::text)
               FROM unnest(coalesce(relacl, acldefault(lower(relkind::text)::"char", relowner))) each)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')""",
    "enums": """
        SELECT t.typname || ' ' || string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder)
        FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname""",
}


def catalogue(database: TestDatabase) -> dict[str, set[str]]:
    """By kind: each column, constraint, index, policy, trigger, function, grant and enum; not Alembic's."""
    found = {}
    for kind, query in QUERIES.items():
        told = {value for row in database.rows(query) for value in row.values()}
        found[kind] = {each for each in told if "alembic_version" not in each}
    return found
