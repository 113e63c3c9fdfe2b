"""What the product adds to Cal.com's users, event types, bookings and payments, filled from its twins."""

from migrations.ddl import (
    add_constraint,
    ask,
    batches,
    create_index,
    drop_constraint,
    drop_index,
    quoted,
    step,
)
from migrations.tenancy import fill_function

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

# Stripe's currencies without a minor unit, in which Cal.com keeps whole units.
WITHOUT_MINOR_UNIT = (
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
    "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip

# What ours says of an event type of Cal.com's. The price is that of the app that takes payments for it,
# else the one of before there were such apps; it is in minor units, of two decimals where there are
# any. What this service cannot charge is not published, so that nobody gets it for free.
TWINS = f"""
    CREATE OR REPLACE FUNCTION calcom_twins(e "EventType", OUT "seatLimit" integer, OUT "isWorkshop" boolean,
        OUT "workshopRecurrence" jsonb, OUT "workshopPrice" numeric, OUT "workshopCurrency" text,
        OUT "isPublished" boolean)
    LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
    DECLARE
        apps jsonb := CASE jsonb_typeof(e.metadata->'apps')
                           WHEN 'object' THEN e.metadata->'apps' ELSE '{{}}' END;
        amount numeric := CASE WHEN apps ? 'stripe' THEN 0 ELSE e.price END;
        series jsonb := CASE jsonb_typeof(e."recurringEvent") WHEN 'object' THEN e."recurringEvent" END;
    BEGIN
        "workshopCurrency" := upper(e.currency);
        SELECT (app->>'price')::numeric, upper(COALESCE(app->>'currency', e.currency))
            INTO amount, "workshopCurrency"
        FROM jsonb_each(apps) AS a(name, app)
        WHERE app->>'enabled' = 'true' AND jsonb_typeof(app->'price') = 'number'
        UNION ALL SELECT amount, "workshopCurrency"
        LIMIT 1;
        IF "workshopCurrency" <> ALL (ARRAY[{", ".join(f"'{code}'" for code in WITHOUT_MINOR_UNIT)}]) THEN
            amount := amount / 100;
        END IF;
        "isPublished" := NOT e.hidden;
        IF amount > 0 THEN
            IF amount < 100000000 AND "workshopCurrency" ~ '^[A-Z]{{3}}$' THEN
                "workshopPrice" := round(amount, 2);
            ELSE
                "isPublished" := false;
            END IF;
        END IF;
        IF "workshopCurrency" !~ '^[A-Z]{{3}}$' THEN
            "workshopCurrency" := 'USD';
        END IF;
        "seatLimit" := CASE WHEN e."seatsPerTimeSlot" > 0 THEN e."seatsPerTimeSlot" END;
        "isWorkshop" := COALESCE(e."seatsPerTimeSlot", 0) > 1 AND series IS NOT NULL;
        "workshopRecurrence" := jsonb_strip_nulls(jsonb_build_object(
            'frequency', CASE series->>'freq' WHEN '0' THEN 'YEARLY' WHEN '1' THEN 'MONTHLY'
                                              WHEN '2' THEN 'WEEKLY' WHEN '3' THEN 'DAILY' END,
            'interval', series->'interval', 'count', series->'count', 'endDate', series->'until'));
        IF series IS NULL THEN
            "workshopRecurrence" := NULL;
        END IF;
    END $$
"""
TWIN_COLUMNS = (
    "seatLimit", "isWorkshop", "workshopRecurrence", "workshopPrice", "workshopCurrency", "isPublished",
)  # fmt: skip


def _of(row: str) -> str:
    """Ours, as columns of `row`."""
    return ", ".join(f"{row}{quoted(column)}" for column in TWIN_COLUMNS)


FILL_TWINS = f"SELECT * INTO {_of('NEW.')} FROM calcom_twins(NEW);"
COPY_TWINS = f"""
    UPDATE "EventType" e SET ({_of("")}) = (SELECT * FROM calcom_twins(e))
    WHERE id > {{after}} AND id <= {{last}}
      AND NOT EXISTS (SELECT FROM calcom_twins(e) twins
                      WHERE ({_of("e.")}) IS NOT DISTINCT FROM ({_of("twins.")}))
"""

# Few at a time: whatever Cal.com's triggers on an event type do, its bookings wait for it.
EVENT_TYPES_AT_ONCE = 5


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        added = ", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in columns)
        step(f"ALTER TABLE {quoted(table)} {added}")
    step(
        TWINS,
        'REVOKE ALL ON FUNCTION calcom_twins("EventType") FROM PUBLIC',
        *fill_function("EventType", FILL_TWINS),
    )
    for after, last in batches("EventType", EVENT_TYPES_AT_ONCE):
        step(COPY_TWINS.format(after=after, last=last))
    for table, checks in CHECKS.items():
        for name, definition in checks.items():
            add_constraint(table, name, definition)
    for name, (table, indexed, unique, where) in INDEXES.items():
        create_index(name, table, indexed, unique=unique, where=where)
    # One student may learn at two schools: an address is unique within a school and among staff.
    drop_index("users_email_key")


def downgrade() -> None:
    create_index("users_email_key", "users", "email", unique=True)
    for name in INDEXES:
        drop_index(name)
    if ask("SELECT to_regprocedure('calcom_twins(\"EventType\")') IS NOT NULL"):
        step(*fill_function("EventType"), 'DROP FUNCTION calcom_twins("EventType")')
    for table, checks in CHECKS.items():
        for name in checks:
            drop_constraint(table, name)
    for table, columns in COLUMNS.items():
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {column.split()[0]}" for column in columns)
        step(f"ALTER TABLE {quoted(table)} {dropped}")
