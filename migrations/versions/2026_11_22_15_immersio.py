"""What the sync with Immersio keeps: how far it has come, what it has seen, and what is to be pushed."""

from migrations.ddl import create_index, drop_index, quoted, step, table_exists
from migrations.isolation import isolate

revision = "20261122_15"
down_revision = "20261122_14"
branch_labels = None
depends_on = None

OF_TENANT = """CONSTRAINT "{table}_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE"""

COLUMNS = {
    "Tenant": ('"immersioWebhookSecret" text',),
    # What was taken over last, and since when it is gone there; here nothing is deleted.
    "EventType": ('"immersioVersion" integer', '"immersioDeletedAt" timestamp(3)'),
    "users": ('"immersioUpdatedAt" timestamp(3)', '"immersioDeletedAt" timestamp(3)'),
    # `dueAt` is when a worker is to look next. `scope` are the courses that the pass under way walks
    # through, `known` those that the last one did.
    "ImmersioSyncState": (
        '"dueAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP',
        "attempts integer NOT NULL DEFAULT 0",
        '"failingSince" timestamp(3)',
        '"isSweep" boolean NOT NULL DEFAULT false',
        '"sweptAt" timestamp(3)',
        '"heldRemovals" integer NOT NULL DEFAULT 0',
        '"removalsAccepted" boolean NOT NULL DEFAULT false',
        "scope text[] NOT NULL DEFAULT '{}'",
        "known text[] NOT NULL DEFAULT '{}'",
    ),
}
TABLES = {
    # What a pass over everything has met: what it has not, is gone.
    "ImmersioSighting": f"""
        CREATE TABLE "ImmersioSighting" (
            "tenantId" integer NOT NULL,
            stream text NOT NULL,
            "externalId" text NOT NULL,
            CONSTRAINT "ImmersioSighting_pkey" PRIMARY KEY ("tenantId", stream, "externalId"),
            {OF_TENANT.format(table="ImmersioSighting")}
        )
    """,
    # One row a booking that Immersio is to know. `dueAt` is null when there is nothing to do, `deadAt` tells
    # that it was given up and waits for a person.
    "ImmersioPush": f"""
        CREATE TABLE "ImmersioPush" (
            "tenantId" integer NOT NULL,
            "bookingId" integer NOT NULL,
            version integer NOT NULL,
            fingerprint text NOT NULL,
            "pushedVersion" integer,
            "studentId" text,
            "dueAt" timestamp(3),
            attempts integer NOT NULL DEFAULT 0,
            "failingSince" timestamp(3),
            "errorCode" text,
            "deadAt" timestamp(3),
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "ImmersioPush_pkey" PRIMARY KEY ("tenantId", "bookingId"),
            CONSTRAINT immersio_push_dead_is_not_due CHECK ("deadAt" IS NULL OR "dueAt" IS NULL),
            {OF_TENANT.format(table="ImmersioPush")},
            CONSTRAINT "ImmersioPush_bookingId_fkey" FOREIGN KEY ("bookingId", "tenantId")
                REFERENCES "Booking"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE
        )
    """,
    # Of a school's calls to a host: when the next one is free, and whether it is left alone for a while.
    "ImmersioGate": f"""
        CREATE TABLE "ImmersioGate" (
            "tenantId" integer NOT NULL,
            host text NOT NULL,
            "freeAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            failures integer NOT NULL DEFAULT 0,
            refusals integer NOT NULL DEFAULT 0,
            "closedUntil" timestamp(3),
            CONSTRAINT "ImmersioGate_pkey" PRIMARY KEY ("tenantId", host),
            {OF_TENANT.format(table="ImmersioGate")}
        )
    """,
}
OF_TABLES = (
    'CREATE INDEX "ImmersioPush_bookingId_idx" ON "ImmersioPush" ("bookingId")',
    'CREATE INDEX "ImmersioPush_due_idx" ON "ImmersioPush" ("tenantId", "dueAt", "bookingId") '
    'WHERE "dueAt" IS NOT NULL',
    'CREATE INDEX "ImmersioPush_dead_idx" ON "ImmersioPush" ("tenantId", "bookingId") '
    'WHERE "deadAt" IS NOT NULL',
)
# By name: of which table, what is indexed, whether it is unique, and which rows.
INDEXES = {
    "users_tenantId_immersioUserId_key": (
        "users",
        '"tenantId", "immersioUserId"',
        True,
        '"immersioUserId" IS NOT NULL',
    ),
    "ImmersioSyncState_dueAt_idx": ("ImmersioSyncState", '"dueAt"', False, ""),
    "ImmersioSyncLog_tenantId_id_idx": ("ImmersioSyncLog", '"tenantId", id', False, ""),
}
# What earlier versions kept in Cal.com's own column.
TAKE_OVER = """
    UPDATE "EventType" SET "immersioVersion" = (metadata->>'immersioVersion')::int
    WHERE "immersioCourseId" IS NOT NULL AND "immersioVersion" IS NULL
      AND metadata->>'immersioVersion' ~ '^[0-9]{1,9}$'
"""


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        added = ", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in columns)
        step(f"ALTER TABLE {quoted(table)} {added}")
    for table, statement in TABLES.items():
        if not table_exists(table):
            step(statement, *(index for index in OF_TABLES if f" ON {quoted(table)} " in index))
        isolate(table)
    for name, (table, indexed, unique, where) in INDEXES.items():
        create_index(name, table, indexed, unique=unique, where=where)
    step(TAKE_OVER)


def downgrade() -> None:
    for name in INDEXES:
        drop_index(name)
    for table in reversed(TABLES):
        step(f"DROP TABLE IF EXISTS {quoted(table)}")
    for table, columns in COLUMNS.items():
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {column.split()[0]}" for column in columns)
        step(f"ALTER TABLE {quoted(table)} {dropped}")
