"""Invitations of the staff, and domains of the schools' own."""

from migrations.ddl import step, table_exists
from migrations.isolation import isolate

revision = "20261122_19"
down_revision = "20261122_18"
branch_labels = None
depends_on = None

OF_TENANT = """CONSTRAINT "{table}_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE"""

TABLES = {
    "Invitation": f"""
        CREATE TABLE "Invitation" (
            id serial,
            "tenantId" integer NOT NULL,
            "userId" integer NOT NULL,
            "tokenHash" text,
            "sentAt" timestamp(3),
            "expiresAt" timestamp(3),
            "acceptedAt" timestamp(3),
            "revokedAt" timestamp(3),
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "Invitation_pkey" PRIMARY KEY (id),
            {OF_TENANT.format(table="Invitation")},
            CONSTRAINT "Invitation_userId_fkey" FOREIGN KEY ("userId", "tenantId")
                REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
        )
    """,
    "CustomDomain": f"""
        CREATE TABLE "CustomDomain" (
            id serial,
            "tenantId" integer NOT NULL,
            domain text NOT NULL,
            challenge text NOT NULL,
            status text NOT NULL DEFAULT 'PENDING',
            "verifiedAt" timestamp(3),
            "checkedAt" timestamp(3),
            "missingSince" timestamp(3),
            "releasedAt" timestamp(3),
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "CustomDomain_pkey" PRIMARY KEY (id),
            CONSTRAINT custom_domain_status_known CHECK (status IN ('PENDING', 'ACTIVE', 'RELEASED')),
            {OF_TENANT.format(table="CustomDomain")}
        )
    """,
}

# Anybody may say that a domain is theirs; it is one school's from its proof until a while after its release.
INDEXES = {
    "Invitation": (
        'CREATE UNIQUE INDEX "Invitation_tenantId_userId_key" ON "Invitation" ("tenantId", "userId")',
        'CREATE INDEX "Invitation_tenantId_id_idx" ON "Invitation" ("tenantId", id)',
        'CREATE UNIQUE INDEX "Invitation_tenantId_tokenHash_key" ON "Invitation" ("tenantId", "tokenHash")',
    ),
    "CustomDomain": (
        """CREATE UNIQUE INDEX "CustomDomain_tenantId_key" ON "CustomDomain" ("tenantId")
           WHERE status <> 'RELEASED'""",
        """CREATE UNIQUE INDEX "CustomDomain_domain_key" ON "CustomDomain" (domain)
           WHERE status <> 'PENDING'""",
        """CREATE INDEX "CustomDomain_checkedAt_idx" ON "CustomDomain" ("checkedAt", id)
           WHERE status = 'ACTIVE'""",
    ),
}


def upgrade() -> None:
    for table, statement in TABLES.items():
        if not table_exists(table):
            step(statement, *INDEXES[table])
        isolate(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        step(f'DROP TABLE IF EXISTS "{table}"')
