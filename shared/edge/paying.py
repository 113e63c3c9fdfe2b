"""What costs something is answered with a page to pay on."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Engine

from shared.bookings.schemas import BookingCreated, BookingView
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings
from shared.one_flush import Statement

Answer = TypeVar("Answer", BookingCreated, BookingView)


@dataclass(frozen=True, slots=True)
class Till:
    """Nothing of Stripe's is loaded before somebody has to pay."""

    settings: PaymentSettings
    database: Engine
    sealer: Sealer

    def with_page(self, opening: Statement, answer: Answer, now: datetime) -> Answer:
        """The answer with the page of its booking, which is held until it is paid."""
        from shared.payments.open_checkout import Cashier, open_checkout
        from shared.payments.stripe_access import StripeDoor

        door = StripeDoor(self.sealer, self.settings.stripe_api_url)
        cashier = Cashier(self.database, door, self.settings.base_domain, self.settings.url_of)
        page = open_checkout(cashier, opening, answer.uid, now)
        return answer.model_copy(update={"payment": page})
