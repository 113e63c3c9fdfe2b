"""Who changed what in the administration of a school: written once, never changed."""

from migrations.ddl import step, table_exists
from migrations.isolation import isolate

revision = "20261122_13"
down_revision = "20261122_12"
branch_labels = None
depends_on = None

# Who did it is a number without a reference: a super admin lives in another school, and what somebody did
# outlasts them.
TABLE = """
    CREATE TABLE "AuditEvent" (
        id bigserial,
        "tenantId" integer NOT NULL,
        actor text NOT NULL,
        "actorId" integer,
        action text NOT NULL,
        "subjectType" text NOT NULL,
        "subjectId" text NOT NULL,
        changes jsonb,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT "AuditEvent_pkey" PRIMARY KEY (id),
        CONSTRAINT audit_event_actor_known CHECK (actor IN ('STAFF', 'SUPER_ADMIN', 'SYSTEM')),
        CONSTRAINT "AuditEvent_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE
    )
"""
INDEXES = (
    'CREATE INDEX "AuditEvent_tenantId_id_idx" ON "AuditEvent" ("tenantId", id)',
    'CREATE INDEX "AuditEvent_subject_idx" ON "AuditEvent" ("tenantId", "subjectType", "subjectId", id)',
)


def upgrade() -> None:
    if not table_exists("AuditEvent"):
        step(TABLE, *INDEXES)
    isolate("AuditEvent")
    step('REVOKE UPDATE, DELETE ON "AuditEvent" FROM booking_app, booking_ops')


def downgrade() -> None:
    step('DROP TABLE IF EXISTS "AuditEvent"')
