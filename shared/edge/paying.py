"""What costs something is answered with a page to pay on."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from shared.bookings.create_booking import Booked
from shared.bookings.schemas import BookingCreated
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings
from shared.one_flush import Statement

Paying = Callable[[Statement, Booked, datetime], BookingCreated]


def paying(settings: PaymentSettings, database: Engine) -> Paying:
    """Adds the page to the answer; nothing of it is loaded for what is free."""
    sealer = Sealer(settings.tenant_secrets_key_id)

    def with_page(opening: Statement, booked: Booked, now: datetime) -> BookingCreated:
        if not booked.is_paid:
            return booked.answer
        from shared.payments.open_checkout import Cashier, open_checkout
        from shared.payments.stripe_access import StripeDoor

        door = StripeDoor(sealer, settings.stripe_api_url)
        cashier = Cashier(database, door, settings.base_domain, settings.url_of)
        page = open_checkout(cashier, opening, booked.answer.uid, now)
        return booked.answer.model_copy(update={"payment": page})

    return with_page
