"""A booking that cannot be paid was never made: it is taken back before anybody heard of it."""

from uuid import UUID

from sqlalchemy import Connection, text

# The rest goes with the booking: its place or seat, its attendee, its payment, the key of its request.
_UNDO = text("""
    WITH unpaid AS MATERIALIZED (
        SELECT b.id, b."createdAt", b."tenantId" FROM "Booking" b
        JOIN "Payment" p ON p."bookingId" = b.id AND p."tenantId" = b."tenantId" AND NOT p.success
        JOIN "Checkout" c ON c.id = p."checkoutId" AND c."tenantId" = b."tenantId"
        WHERE c.id = :checkout AND c.status = 'NEW' AND b.status = 'pending'
          AND NOT EXISTS (SELECT FROM "WaitlistEntry" w
                          WHERE w."bookingId" = b.id AND w."tenantId" = b."tenantId")
        ORDER BY b.id FOR UPDATE OF b),
    undone AS (
        DELETE FROM "Booking" b USING unpaid WHERE b.id = unpaid.id AND b."tenantId" = unpaid."tenantId"
        RETURNING unpaid."tenantId", unpaid."createdAt"),
    counted AS (
        SELECT "tenantId", extract(year FROM "createdAt") AS year, extract(month FROM "createdAt") AS month,
               count(*) AS made FROM undone GROUP BY 1, 2, 3)
    UPDATE "TenantUsage" u SET "bookingsCount" = u."bookingsCount" - counted.made
    FROM counted WHERE u."tenantId" = counted."tenantId" AND u.year = counted.year
      AND u.month = counted.month
""")
# A seat that was offered stays so.
_OFFER_AGAIN = text("""
    DELETE FROM "Payment" p USING "Checkout" c, "WaitlistEntry" w
    WHERE c.id = :checkout AND c.status = 'NEW' AND p."checkoutId" = c.id AND p."tenantId" = c."tenantId"
      AND NOT p.success AND w."bookingId" = p."bookingId" AND w."tenantId" = p."tenantId"
""")
_FORGET = text("""
    DELETE FROM "Checkout" c WHERE c.id = :checkout AND c.status = 'NEW'
      AND NOT EXISTS (SELECT FROM "Payment" p WHERE p."checkoutId" = c.id AND p."tenantId" = c."tenantId")
""")


def undo_hold(connection: Connection, checkout_id: UUID) -> None:
    """Unless its page was opened meanwhile by the same request sent again."""
    connection.execute(_UNDO, {"checkout": checkout_id})
    connection.execute(_OFFER_AGAIN, {"checkout": checkout_id})
    connection.execute(_FORGET, {"checkout": checkout_id})
