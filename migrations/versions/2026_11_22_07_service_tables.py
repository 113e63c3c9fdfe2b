"""What the service keeps for itself: outbox, idempotency keys, imports, inbox, states of the sync."""

from migrations.ddl import quoted, step, table_exists

revision = "20261122_07"
down_revision = "20261122_06b"
branch_labels = None
depends_on = None

OF_TENANT = """CONSTRAINT "{table}_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE"""

TABLES = {
    "OutboxMessage": f"""
        CREATE TABLE "OutboxMessage" (
            id bigserial,
            "tenantId" integer NOT NULL,
            topic text NOT NULL,
            payload jsonb NOT NULL,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "availableAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            attempts integer NOT NULL DEFAULT 0,
            "errorCode" text,
            "handledAt" timestamp(3),
            "parkedAt" timestamp(3),
            CONSTRAINT "OutboxMessage_pkey" PRIMARY KEY (id),
            {OF_TENANT.format(table="OutboxMessage")}
        )
    """,
    # The first answer, so that a retry with the same key is told the same. The manage token is not in
    # it: it is read from the booking.
    "IdempotencyKey": f"""
        CREATE TABLE "IdempotencyKey" (
            "tenantId" integer NOT NULL,
            key text NOT NULL,
            "requestHash" text NOT NULL,
            "bookingId" integer NOT NULL,
            answer jsonb NOT NULL,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("tenantId", key),
            CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
            {OF_TENANT.format(table="IdempotencyKey")},
            CONSTRAINT "IdempotencyKey_bookingId_fkey" FOREIGN KEY ("bookingId", "tenantId")
                REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
        )
    """,
    "WhitelistImport": f"""
        CREATE TABLE "WhitelistImport" (
            id uuid,
            "tenantId" integer NOT NULL,
            "eventTypeId" integer NOT NULL,
            mode text NOT NULL,
            status text NOT NULL DEFAULT 'AWAITING_UPLOAD',
            "rowsRead" integer NOT NULL DEFAULT 0,
            "rowsAdded" integer NOT NULL DEFAULT 0,
            "rowsAlreadyThere" integer NOT NULL DEFAULT 0,
            "rowsRemoved" integer NOT NULL DEFAULT 0,
            "rowsRejected" integer NOT NULL DEFAULT 0,
            "failureCode" text,
            "createdBy" integer,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "finishedAt" timestamp(3),
            CONSTRAINT "WhitelistImport_pkey" PRIMARY KEY (id),
            CONSTRAINT whitelist_import_mode_known CHECK (mode IN ('merge', 'replace')),
            CONSTRAINT whitelist_import_status_known CHECK (
                status IN ('AWAITING_UPLOAD', 'COMPLETED', 'FAILED')),
            {OF_TENANT.format(table="WhitelistImport")},
            CONSTRAINT "WhitelistImport_eventTypeId_fkey" FOREIGN KEY ("eventTypeId", "tenantId")
                REFERENCES "EventType"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE,
            CONSTRAINT "WhitelistImport_createdBy_fkey" FOREIGN KEY ("createdBy", "tenantId")
                REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE SET NULL ("createdBy")
        )
    """,
    "WhitelistRejection": f"""
        CREATE TABLE "WhitelistRejection" (
            "tenantId" integer NOT NULL,
            "importId" uuid NOT NULL,
            "lineNumber" integer NOT NULL,
            value text NOT NULL,
            reason text NOT NULL,
            CONSTRAINT "WhitelistRejection_pkey" PRIMARY KEY ("importId", "lineNumber"),
            {OF_TENANT.format(table="WhitelistRejection")},
            CONSTRAINT "WhitelistRejection_importId_fkey" FOREIGN KEY ("importId", "tenantId")
                REFERENCES "WhitelistImport"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
        )
    """,
    # The opaque id in a webhook's URL, which tells whose secret verifies it.
    "WebhookEndpoint": f"""
        CREATE TABLE "WebhookEndpoint" (
            id text,
            "tenantId" integer NOT NULL,
            provider text NOT NULL,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "WebhookEndpoint_pkey" PRIMARY KEY (id),
            CONSTRAINT webhook_endpoint_provider_known CHECK (provider IN ('STRIPE', 'IMMERSIO')),
            {OF_TENANT.format(table="WebhookEndpoint")}
        )
    """,
    "WebhookEvent": f"""
        CREATE TABLE "WebhookEvent" (
            "tenantId" integer NOT NULL,
            provider text NOT NULL,
            "eventId" text NOT NULL,
            type text NOT NULL,
            payload jsonb NOT NULL,
            "receivedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "handledAt" timestamp(3),
            CONSTRAINT "WebhookEvent_pkey" PRIMARY KEY ("tenantId", provider, "eventId"),
            CONSTRAINT webhook_event_provider_known CHECK (provider IN ('STRIPE', 'IMMERSIO')),
            {OF_TENANT.format(table="WebhookEvent")}
        )
    """,
    # Where a pull stands. The fence lets one worker write: who holds an older number is refused.
    "ImmersioSyncState": f"""
        CREATE TABLE "ImmersioSyncState" (
            "tenantId" integer NOT NULL,
            stream text NOT NULL,
            watermark timestamp(3),
            "nextWatermark" timestamp(3),
            cursor text,
            fence integer NOT NULL DEFAULT 0,
            "lastSucceededAt" timestamp(3),
            "lastErrorCode" text,
            "refusedInARow" integer NOT NULL DEFAULT 0,
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "ImmersioSyncState_pkey" PRIMARY KEY ("tenantId", stream),
            {OF_TENANT.format(table="ImmersioSyncState")}
        )
    """,
}

INDEXES = (
    'CREATE INDEX "OutboxMessage_tenantId_idx" ON "OutboxMessage" ("tenantId")',
    'CREATE INDEX "OutboxMessage_waiting_idx" ON "OutboxMessage" ("tenantId", "availableAt", id) '
    'WHERE "handledAt" IS NULL AND "parkedAt" IS NULL',
    'CREATE INDEX "IdempotencyKey_bookingId_idx" ON "IdempotencyKey" ("bookingId")',
    'CREATE INDEX "WhitelistImport_tenantId_createdAt_idx" ON "WhitelistImport" ("tenantId", "createdAt")',
    'CREATE UNIQUE INDEX "WhitelistImport_id_tenantId_key" ON "WhitelistImport" (id, "tenantId")',
    'CREATE INDEX "WhitelistRejection_tenantId_idx" ON "WhitelistRejection" ("tenantId")',
    'CREATE INDEX "WebhookEndpoint_tenantId_idx" ON "WebhookEndpoint" ("tenantId")',
    'CREATE INDEX "WebhookEvent_waiting_idx" ON "WebhookEvent" ("receivedAt") WHERE "handledAt" IS NULL',
)


def upgrade() -> None:
    for table, statement in TABLES.items():
        if not table_exists(table):
            step(statement, *(index for index in INDEXES if f" ON {quoted(table)} " in index))


def downgrade() -> None:
    for table in reversed(TABLES):
        step(f"DROP TABLE IF EXISTS {quoted(table)}")
