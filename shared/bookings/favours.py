"""What a school lets pass for somebody it books for itself; never that the time is taken, nor its plan."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from shared.audit.record_audit import Subject, record_audit
from shared.slots.offer import Offer
from shared.slots.types import Horizon
from shared.staff.find_staff import StaffMember
from shared.workshops.load_seats import SeatsOffer

_ALWAYS = Horizon("unlimited", None, counts_calendar_days=True, start=None, end=None)


@dataclass(frozen=True, slots=True)
class Favours:
    """`is_free`: nothing has to be paid. `waives_rules`: notice, horizon and whitelist do not matter.

    Whatever the school books itself, it need not confirm.
    """

    by: StaffMember
    is_free: bool
    waives_rules: bool

    def on_lesson(self, offer: Offer) -> Offer:
        rules, terms = offer.rules, offer.terms
        if self.waives_rules:
            rules = replace(rules, minimum_notice=0, horizon=_ALWAYS)
        terms = replace(
            terms,
            is_paid=terms.is_paid and not self.is_free,
            requires_confirmation=False,
            whitelist_enabled=self._asks_list(terms.whitelist_enabled, offer.booker.is_listed),
        )
        return replace(offer, rules=rules, terms=terms)

    def on_seats(self, offer: SeatsOffer) -> SeatsOffer:
        return replace(
            offer,
            notice=0 if self.waives_rules else offer.notice,
            is_paid=offer.is_paid and not self.is_free,
            requires_confirmation=False,
            whitelist_enabled=self._asks_list(offer.whitelist_enabled, offer.is_listed),
        )

    def note(self, connection: Connection, tenant_id: int, uid: str, now: datetime) -> None:
        """In the trail, before the booking's transaction ends."""
        given = {"free": self.is_free, "override": self.waives_rules}
        told = {name: {"before": None, "after": True} for name, is_given in given.items() if is_given}
        record_audit(connection, tenant_id, self.by, "booking.created", Subject("booking", uid), now, told)

    def _asks_list(self, is_enabled: bool, is_listed: bool) -> bool:  # noqa: FBT001  # what the offer says
        """Whoever is listed is noted as such all the same."""
        return is_enabled and (is_listed or not self.waives_rules)
