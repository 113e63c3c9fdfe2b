"""What was just booked is held until it is paid: the rows of a checkout, in the booking's transaction."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from shared.database import call
from shared.payments.payment_terms import PaymentTerms

HOLD = timedelta(minutes=15)
# Stripe closes a session half an hour after it was made at the soonest, and a retry at the end of the hold
# has to ask for the very same one. We close it ourselves when the hold is over.
SESSION_LIVES_ON = timedelta(minutes=31)

_HOLD = "SELECT hold_for_payment($1::text[], $2::jsonb)"


def hold_until(now: datetime, start: datetime) -> datetime:
    """How long somebody may take to pay: never beyond the start."""
    return min(now + HOLD, start)


def hold_for_payment(
    connection: Connection, terms: PaymentTerms, uids: Sequence[str], until: datetime, now: datetime
) -> None:
    """One checkout for these bookings, which are pending and whose letters wait. Ends the transaction."""
    asked = {
        "amount": terms.amount,
        "currency": terms.currency,
        "account": terms.account_id,
        "livemode": terms.livemode,
        "confirmsLater": terms.confirms_later,
        "holdUntil": until.isoformat(),
        "expiresAt": (until + SESSION_LIVES_ON).isoformat(),
        "madeAt": now.isoformat(),
    }
    call(connection, _HOLD, list(uids), json.dumps(asked), last=True)
