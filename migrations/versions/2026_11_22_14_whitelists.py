"""Whitelists: how far an import is, which column it takes, and addresses in the form they are found in.

A seat that comes free is offered to whom the list has at that moment, not to whom it had when they queued.
"""

from migrations.ddl import add_constraint, drop_constraint, step

revision = "20261122_14"
down_revision = "20261122_13"
branch_labels = None
depends_on = None

# What the code asks beside `valid_email_format`: at most 254 characters, none of them only similar to a
# letter of ASCII, in lower case. Whoever books is looked up so.
STORED = """
    octet_length(email) <= 254 AND octet_length(email) = length(email) AND email = lower(email COLLATE "C")
"""

# Of `offer_seats`: who is passed over, before and after.
NOBODY_TWICE = "AND seats_held(for_tenant, ARRAY[s.id], w.email) = '{}'"
AND_LISTED = f"""{NOBODY_TWICE}
                  AND (NOT e."whitelistEnabled" OR EXISTS (
                       SELECT FROM "WhitelistEntry" l WHERE l."eventTypeId" = e.id
                           AND l."tenantId" = for_tenant AND l.email = w.email))"""
# The rest of the function is as it is, whoever wrote it last; done twice it stays the same.
REWRITE = """
    DO $do$ DECLARE
        written text := replace(pg_get_functiondef('offer_seats(int, int[], timestamptz, int)'::regprocedure),
                                $new${new}$new$, $old${old}$old$);
    BEGIN
        IF position($old${old}$old$ IN written) = 0 THEN
            RAISE EXCEPTION 'offer_seats is not the function that this revision knows';
        END IF;
        EXECUTE replace(written, $old${old}$old$, $put${put}$put$);
    END $do$
"""


def upgrade() -> None:
    step("""
        ALTER TABLE "WhitelistImport"
            ADD COLUMN IF NOT EXISTS "emailHeader" text,
            ADD COLUMN IF NOT EXISTS "percentDone" integer NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS "startedAt" timestamp(3)
    """)
    step("""UPDATE "WhitelistImport" SET "percentDone" = 100 WHERE "finishedAt" IS NOT NULL""")
    _allow("'AWAITING_UPLOAD', 'PROCESSING', 'COMPLETED', 'FAILED'")
    add_constraint("WhitelistImport", "whitelist_import_percent", 'CHECK ("percentDone" BETWEEN 0 AND 100)')
    step(REWRITE.format(old=NOBODY_TWICE, new=AND_LISTED, put=AND_LISTED))
    # By an address in another form nobody was ever found.
    step(f'DELETE FROM "WhitelistEntry" WHERE NOT ({STORED})')
    add_constraint("WhitelistEntry", "whitelist_entry_email_stored", f"CHECK ({STORED})")


def downgrade() -> None:
    step(REWRITE.format(old=NOBODY_TWICE, new=AND_LISTED, put=NOBODY_TWICE))
    drop_constraint("WhitelistEntry", "whitelist_entry_email_stored")
    drop_constraint("WhitelistImport", "whitelist_import_percent")
    step("""UPDATE "WhitelistImport" SET status = 'AWAITING_UPLOAD' WHERE status = 'PROCESSING'""")
    _allow("'AWAITING_UPLOAD', 'COMPLETED', 'FAILED'")
    step("""
        ALTER TABLE "WhitelistImport" DROP COLUMN IF EXISTS "emailHeader",
            DROP COLUMN IF EXISTS "percentDone", DROP COLUMN IF EXISTS "startedAt"
    """)


def _allow(statuses: str) -> None:
    drop_constraint("WhitelistImport", "whitelist_import_status_known")
    add_constraint("WhitelistImport", "whitelist_import_status_known", f"CHECK (status IN ({statuses}))")
