"""Checkouts: what somebody is asked to pay in one go, and how far that has come at Stripe.

Cal.com's own payments have none and stay as they are.
"""

from migrations.ddl import (
    add_constraint,
    create_index,
    drop_constraint,
    drop_index,
    quoted,
    step,
    table_exists,
)
from migrations.isolation import isolate

revision = "20261122_12"
down_revision = "20261122_11"
branch_labels = None
depends_on = None

COLUMNS = {
    # Of the keys that are set: test keys and live keys see different money.
    "Tenant": ('"stripeLivemode" boolean',),
    "Payment": ('"checkoutId" uuid', '"disputedAt" timestamp(3)'),
    "Refund": ('"externalId" text', '"failureCode" text'),
    "WebhookEvent": ('"errorCode" text',),
}

# The id is the key under which Stripe is asked for the session. `lookAt` is when Stripe is to be asked how
# things stand, or null when nothing is open: whatever happens to a checkout brings that forward.
CHECKOUT = """
    CREATE TABLE "Checkout" (
        id uuid DEFAULT gen_random_uuid(),
        "tenantId" integer NOT NULL,
        status text NOT NULL DEFAULT 'NEW',
        amount integer NOT NULL,
        currency text NOT NULL,
        livemode boolean NOT NULL,
        "stripeAccountId" text,
        "confirmsLater" boolean NOT NULL DEFAULT false,
        "holdUntil" timestamp(3) NOT NULL,
        "expiresAt" timestamp(3) NOT NULL,
        "sessionId" text,
        url text,
        "paymentIntentId" text,
        "feeAmount" integer,
        "feeCurrency" text,
        "amountRefunded" integer NOT NULL DEFAULT 0,
        "paidAt" timestamp(3),
        flag text,
        "lookAt" timestamp(3),
        attempts integer NOT NULL DEFAULT 0,
        "errorCode" text,
        "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
        CONSTRAINT "Checkout_pkey" PRIMARY KEY (id),
        CONSTRAINT checkout_asks_for_something CHECK (amount > 0),
        CONSTRAINT checkout_status_known CHECK (
            status IN ('NEW', 'OPEN', 'PROCESSING', 'EXPIRED', 'FAILED', 'PAID')),
        CONSTRAINT checkout_paid_is_dated CHECK (status <> 'PAID' OR "paidAt" IS NOT NULL),
        CONSTRAINT "Checkout_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE
    )
"""
INDEXES = (
    'CREATE UNIQUE INDEX "Checkout_id_tenantId_key" ON "Checkout" (id, "tenantId")',
    'CREATE INDEX "Checkout_tenantId_createdAt_idx" ON "Checkout" ("tenantId", "createdAt")',
    'CREATE UNIQUE INDEX "Checkout_tenantId_sessionId_key" ON "Checkout" ("tenantId", "sessionId")',
    'CREATE INDEX "Checkout_tenantId_paymentIntentId_idx" ON "Checkout" ("tenantId", "paymentIntentId")',
    'CREATE INDEX "Checkout_due_idx" ON "Checkout" ("tenantId", "lookAt", id) WHERE "lookAt" IS NOT NULL',
)
# By name: of which table, what is indexed, whether it is unique, and which rows.
OF_PAYMENTS = {
    "Payment_checkoutId_idx": ("Payment", '"checkoutId"', False, ""),
    "Refund_paymentId_externalId_key": ("Refund", '"paymentId", "externalId"', True, ""),
    "Refund_paymentId_automatic_key": (
        "Refund",
        '"paymentId"',
        True,
        "reason IN ('ATTENDEE_IN_TIME', 'SCHOOL', 'LATE_PAYMENT')",
    ),
    "WebhookEvent_tenantId_waiting_idx": (
        "WebhookEvent",
        '"tenantId", "receivedAt", "eventId"',
        False,
        '"handledAt" IS NULL',
    ),
}
BY_RULE = "Refund_paymentId_by_rule_key"
REASONS = ("ATTENDEE_IN_TIME", "SCHOOL", "LATE_PAYMENT", "STAFF", "DASHBOARD")
EVENTS = ("CONFIRMED", "REJECTED", "CANCELLED", "EXPIRED", "RESCHEDULED", "SEAT_OFFERED", "SEAT_ACCEPTED",
          "NO_SHOW", "NO_SHOW_UNDONE")  # fmt: skip

# After a booking, in its transaction: the time is held until somebody has paid, and nobody is told of the
# booking before that. What is told of it was put into the outbox by this very transaction.
HOLD = """
    CREATE OR REPLACE FUNCTION hold_for_payment(uids text[], asked jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
    DECLARE
        of_tenant int := NULLIF(current_setting('app.current_tenant_id', true), '')::int;
        made timestamp := (asked->>'madeAt')::timestamptz AT TIME ZONE 'UTC';
        hold timestamp := (asked->>'holdUntil')::timestamptz AT TIME ZONE 'UTC';
        checkout uuid;
    BEGIN
        INSERT INTO "Checkout" ("tenantId", amount, currency, livemode, "stripeAccountId", "confirmsLater",
                                "holdUntil", "expiresAt", "lookAt", "createdAt", "updatedAt")
        VALUES (of_tenant, (asked->>'amount')::int * cardinality(uids), asked->>'currency',
                (asked->>'livemode')::boolean, asked->>'account', (asked->>'confirmsLater')::boolean, hold,
                (asked->>'expiresAt')::timestamptz AT TIME ZONE 'UTC', hold, made, made)
        RETURNING id INTO checkout;
        WITH held AS (
            UPDATE "Booking" SET "holdExpiresAt" = hold
            WHERE uid = ANY(uids) AND "tenantId" = of_tenant RETURNING id, uid)
        INSERT INTO "Payment" ("tenantId", uid, "bookingId", "appId", amount, fee, currency, success,
                               refunded, data, "externalId", "stripeAccountId", "checkoutId")
        SELECT of_tenant, 'pay_' || uid, id, 'stripe', (asked->>'amount')::int, 0, asked->>'currency', false,
               false, '{}', 'pay_' || uid, asked->>'account', checkout
        FROM held ORDER BY id;
        UPDATE "OutboxMessage" SET "handledAt" = made
        WHERE "tenantId" = of_tenant AND topic = 'booking.created' AND "handledAt" IS NULL
          AND "parkedAt" IS NULL AND "availableAt" >= CURRENT_TIMESTAMP::timestamp(3)
          AND EXISTS (SELECT FROM "Payment" p WHERE p."checkoutId" = checkout AND p."tenantId" = of_tenant
                      AND (payload->>'bookingId' = p."bookingId"::text
                           OR payload->'bookingIds' @> to_jsonb(p."bookingId")));
        RETURN checkout;
    END $$
"""
HOLD_NAME = "hold_for_payment(text[], jsonb)"


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        added = ", ".join(f"ADD COLUMN IF NOT EXISTS {column}" for column in columns)
        step(f"ALTER TABLE {quoted(table)} {added}")
    if not table_exists("Checkout"):
        step(CHECKOUT, *INDEXES)
    isolate("Checkout")
    for name, (table, indexed, unique, where) in OF_PAYMENTS.items():
        create_index(name, table, indexed, unique=unique, where=where)
    drop_index(BY_RULE)
    add_constraint(
        "Payment",
        "Payment_checkoutId_fkey",
        'FOREIGN KEY ("checkoutId", "tenantId") REFERENCES "Checkout"(id, "tenantId") '
        'ON UPDATE CASCADE ON DELETE SET NULL ("checkoutId")',
    )
    _allow("Refund", "refund_reason_known", "reason", REASONS)
    _allow("BookingEvent", "booking_event_type_known", "type", (*EVENTS, "PAID"))
    step(
        HOLD,
        f"REVOKE ALL ON FUNCTION {HOLD_NAME} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {HOLD_NAME} TO booking_app, booking_ops",
    )


def downgrade() -> None:
    """What was refunded or told for one of the new reasons does not fit into the old tables."""
    step(f"DROP FUNCTION IF EXISTS {HOLD_NAME}")
    step("""DELETE FROM "BookingEvent" WHERE type = 'PAID'""")
    step("""DELETE FROM "Refund" WHERE reason IN ('LATE_PAYMENT', 'STAFF', 'DASHBOARD')""")
    _allow("BookingEvent", "booking_event_type_known", "type", EVENTS)
    _allow("Refund", "refund_reason_known", "reason", REASONS[:2])
    drop_constraint("Payment", "Payment_checkoutId_fkey")
    create_index(
        BY_RULE, "Refund", '"paymentId"', unique=True, where="reason IN ('ATTENDEE_IN_TIME', 'SCHOOL')"
    )
    for name in OF_PAYMENTS:
        drop_index(name)
    step('DROP TABLE IF EXISTS "Checkout"')
    for table, columns in COLUMNS.items():
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {column.split()[0]}" for column in columns)
        step(f"ALTER TABLE {quoted(table)} {dropped}")


def _allow(table: str, name: str, column: str, values: tuple[str, ...]) -> None:
    """Replace the list of values; who writes meanwhile is bound by the one or the other."""
    listed = ", ".join(f"'{value}'" for value in values)
    step(
        f"ALTER TABLE {quoted(table)} DROP CONSTRAINT IF EXISTS {name}",
        f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID",
    )
    step(f"ALTER TABLE {quoted(table)} VALIDATE CONSTRAINT {name}")
