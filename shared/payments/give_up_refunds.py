"""What Cal.com was paid, this service cannot give back: the school is asked to do so itself."""

from datetime import datetime

from sqlalchemy import Connection, text

from shared.notifications.tell_staff import tell_admins

BATCH = 100

_GIVE_UP = text("""
    WITH foreign_ones AS (
        SELECT r.id FROM "Refund" r JOIN "Payment" p ON p.id = r."paymentId" AND p."tenantId" = r."tenantId"
        WHERE r.status = 'PENDING' AND p."checkoutId" IS NULL
        ORDER BY r.id LIMIT :batch FOR UPDATE OF r SKIP LOCKED)
    UPDATE "Refund" r SET status = 'FAILED', "failureCode" = 'paid_elsewhere',
           "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    FROM foreign_ones WHERE r.id = foreign_ones.id
    RETURNING r.id, r."tenantId" AS tenant
""")


def give_up_refunds(connection: Connection, now: datetime) -> int:
    """Tell the admins of each school of such refunds, BATCH at most; the role must see every school."""
    given_up = connection.execute(_GIVE_UP, {"batch": BATCH, "now": now}).all()
    for row in given_up:
        tell_admins(connection, row.tenant, "refund.failed", {"refundId": str(row.id)})
    return len(given_up)
