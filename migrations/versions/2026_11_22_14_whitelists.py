"""Whitelists: how far an import is, which column it takes, and addresses in the form they are found in."""

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
    # By an address in another form nobody was ever found.
    step(f'DELETE FROM "WhitelistEntry" WHERE NOT ({STORED})')
    add_constraint("WhitelistEntry", "whitelist_entry_email_stored", f"CHECK ({STORED})")


def downgrade() -> None:
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
