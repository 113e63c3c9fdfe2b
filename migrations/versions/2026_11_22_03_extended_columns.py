"""What the product adds to Cal.com's users, event types, bookings and payments, filled from its twins."""

from alembic import op

from migrations.ddl import add_checked, create_index, drop_constraint, drop_index, quoted, validate

revision = "20261122_03"
down_revision = "20261122_02"
branch_labels = None
depends_on = None

COLUMNS = {
    "users": (
        '"immersioUserId" text',
        '"immersioSyncStatus" text',
        '"immersioLastSyncedAt" timestamp(3)',
    ),
    "EventType": (
        '"immersioCourseId" text',
        '"isWorkshop" boolean NOT NULL DEFAULT false',
        '"whitelistEnabled" boolean NOT NULL DEFAULT false',
        '"seatLimit" integer',
        '"refundWindowHours" integer NOT NULL DEFAULT 12',
        '"workshopPrice" numeric(10, 2)',
        "\"workshopCurrency\" text DEFAULT 'USD'",
        '"workshopRecurrence" jsonb',
        '"isPublished" boolean NOT NULL DEFAULT true',
    ),
    "Booking": (
        '"immersioEnrollmentId" text',
        '"workshopSessionNumber" integer',
        '"whitelistVerified" boolean NOT NULL DEFAULT false',
        '"manageToken" text',
    ),
    "Payment": ('"stripeAccountId" text',),
}

CHECKS = {
    "users": {
        "users_tenant_role_known": """CHECK ("tenantRole" IN
            ('STUDENT', 'TEACHER', 'TENANT_ADMIN', 'SUPER_ADMIN'))""",
        "users_sync_status_known": """CHECK ("immersioSyncStatus" IN ('SYNCED', 'PENDING', 'FAILED'))""",
    },
    "EventType": {
        "positive_refund_window": 'CHECK ("refundWindowHours" >= 0)',
        "eventtype_seat_limit_positive": 'CHECK ("seatLimit" > 0)',
        "eventtype_price_not_negative": 'CHECK ("workshopPrice" >= 0)',
    },
}

# By name: the table, what is indexed, whether it is unique, and which rows.
INDEXES = {
    "users_tenantRole_idx": ("users", '"tenantRole"', False, ""),
    "users_immersioUserId_idx": ("users", '"immersioUserId"', False, ""),
    "idx_user_tenant_role": ("users", '"tenantId", "tenantRole"', False, ""),
    "users_tenantId_email_key": ("users", '"tenantId", lower(email)', True, ""),
    "users_staff_email_key": ("users", "lower(email)", True, "\"tenantRole\" <> 'STUDENT'"),
    "EventType_immersioCourseId_idx": ("EventType", '"immersioCourseId"', False, ""),
    "EventType_isWorkshop_idx": ("EventType", '"isWorkshop"', False, ""),
    "idx_eventtype_tenant_workshop": ("EventType", '"tenantId", "isWorkshop"', False, ""),
    "Booking_immersioEnrollmentId_idx": ("Booking", '"immersioEnrollmentId"', False, ""),
    "idx_booking_tenant_status": ("Booking", '"tenantId", status', False, ""),
    "Payment_stripeAccountId_idx": ("Payment", '"stripeAccountId"', False, ""),
    "idx_payment_tenant_booking": ("Payment", '"tenantId", "bookingId"', False, ""),
}

# Ours is the truth where Cal.com has a twin; the price there is in minor units of two decimals.
TWINS = """
    UPDATE "EventType" SET
        "seatLimit" = NULLIF("seatsPerTimeSlot", 0),
        "isWorkshop" = COALESCE("seatsPerTimeSlot", 0) > 1 AND "recurringEvent" IS NOT NULL,
        "workshopRecurrence" = "recurringEvent",
        "workshopPrice" = CASE WHEN price > 0 THEN price / 100.0 END,
        "workshopCurrency" = upper(currency),
        "isPublished" = NOT hidden
"""


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        added = ", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in columns)
        op.execute(f"ALTER TABLE {quoted(table)} {added}")
    op.execute(TWINS)
    for table, checks in CHECKS.items():
        for name, definition in checks.items():
            drop_constraint(table, name)
            add_checked(table, name, definition)
            validate(table, name)
    for name, (table, indexed, unique, where) in INDEXES.items():
        create_index(name, table, indexed, unique=unique, where=where)
    # One student may learn at two schools: an address is unique within a school and among staff.
    op.execute("DROP INDEX IF EXISTS users_email_key")


def downgrade() -> None:
    op.execute('CREATE UNIQUE INDEX IF NOT EXISTS "users_email_key" ON users (email)')
    for name in INDEXES:
        drop_index(name)
    for table, checks in CHECKS.items():
        for name in checks:
            drop_constraint(table, name)
    for table, columns in COLUMNS.items():
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {column.split()[0]}" for column in columns)
        op.execute(f"ALTER TABLE {quoted(table)} {dropped}")
