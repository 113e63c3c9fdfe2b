"""A school that takes money, and what the tables say of it."""

import uuid
from dataclasses import dataclass
from typing import Any

from shared.clients.sealing import Sealer
from shared.payments.stripe_access import KEY_COLUMN
from shared.payments.webhook_secrets import seal_webhook_secrets
from tests.payments.fake_stripe import StripeSide
from tests.payments.webhooks import SECRET
from tests.schools import School


@dataclass
class PaidSchool:
    """`key` is its secret key at Stripe, which nobody else has; `endpoint` is its webhook's id."""

    school: School
    sealer: Sealer
    stripe: StripeSide
    key: str
    endpoint: str

    def set_key(self, key: str) -> None:
        sealed = self.sealer.seal(self.school.id, KEY_COLUMN, key)
        self.school.change("Tenant", self.school.id, stripeSecretKeyEncrypted=sealed, stripeLivemode=False)
        self.key = key

    def price(self, amount: str, currency: str, event_type: int | None = None) -> None:
        self.school.change(
            "EventType",
            event_type or self.school.lesson_id,
            workshopPrice=amount,
            workshopCurrency=currency,
        )

    def checkouts(self) -> list[dict[str, Any]]:
        return self.school.database.rows(
            'SELECT * FROM "Checkout" WHERE "tenantId" = :t ORDER BY "createdAt", id', t=self.school.id
        )

    def payments(self) -> list[tuple[int, bool, bool]]:
        """Amount, whether it was made, and whether it was given back, in the order of the bookings."""
        rows = self.school.database.rows(
            'SELECT * FROM "Payment" WHERE "tenantId" = :t ORDER BY "bookingId"', t=self.school.id
        )
        return [(row["amount"], row["success"], row["refunded"]) for row in rows]

    def statuses(self) -> list[str]:
        """Of all bookings, the oldest first."""
        rows = self.school.database.rows(
            'SELECT status::text FROM "Booking" WHERE "tenantId" = :t ORDER BY id', t=self.school.id
        )
        return [row["status"] for row in rows]

    def at_stripe(self) -> dict[str, Any]:
        return self.stripe.state(self.key)

    def money(self) -> tuple[int, int]:
        """What Stripe has captured and given back, in cents."""
        state = self.at_stripe()
        return state["captured"].get("eur", 0), state["refunded"].get("eur", 0)


def paid_school(school: School, sealer: Sealer, stripe: StripeSide) -> PaidSchool:
    endpoint = f"we_{uuid.uuid4().hex}"
    school.database.rows(
        """INSERT INTO "WebhookEndpoint" (id, "tenantId", provider) VALUES (:id, :t, 'STRIPE')""",
        id=endpoint,
        t=school.id,
    )
    sealed = seal_webhook_secrets(sealer, school.id, [SECRET])
    school.change("Tenant", school.id, stripeWebhookSecret=sealed)
    made = PaidSchool(school, sealer, stripe, "", endpoint)
    made.set_key(f"sk_test_{uuid.uuid4().hex}")
    made.price("15.00", "EUR")
    return made
