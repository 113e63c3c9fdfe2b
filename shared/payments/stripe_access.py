"""A school's access to its Stripe: loaded sealed within a transaction, opened outside of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text

from shared.clients.sealing import Sealer
from shared.clients.stripe import Stripe, StripeAccess
from shared.clients.stripe_errors import PaymentsNotSetUp
from shared.tenant_scope import CURRENT_TENANT

KEY_COLUMN = "stripeSecretKeyEncrypted"

_LOAD = text(f"""
    SELECT t.id, t."stripeSecretKeyEncrypted" AS sealed, t."stripeAccountId" AS account,
           t."stripeLivemode" AS livemode
    FROM "Tenant" t WHERE t.id = {CURRENT_TENANT}
""")  # noqa: S608  # only the constant above is put in


@dataclass(frozen=True, slots=True)
class SealedAccess:
    """The key as it rests, which money it sees, and the account it charges when that is not its own."""

    tenant_id: int
    sealed_key: str
    account_id: str | None
    livemode: bool


@dataclass(frozen=True, slots=True)
class StripeDoor:
    """What opens the access of any school: the seal of the keys, and where Stripe is."""

    sealer: Sealer
    api_url: str

    @contextmanager
    def open(self, access: SealedAccess) -> Iterator[Stripe]:
        """The school's client. Raises what `Sealer.open` raises; not to be entered within a transaction."""
        key = self.sealer.open(access.tenant_id, KEY_COLUMN, access.sealed_key)
        stripe = Stripe(StripeAccess(key, access.account_id, self.api_url))
        try:
            yield stripe
        finally:
            stripe.close()


def load_access(connection: Connection) -> SealedAccess:
    """Of the school of the transaction. Raises PaymentsNotSetUp."""
    row = connection.execute(_LOAD).one_or_none()
    if row is None or row.sealed is None or row.livemode is None:
        raise PaymentsNotSetUp(reason="no_key")
    return SealedAccess(row.id, row.sealed, row.account, row.livemode)
