"""What becomes of a checkout by what Stripe says: forward only, whatever comes first."""

from typing import Literal

from shared.clients.stripe import SessionFacts

Status = Literal["NEW", "OPEN", "PROCESSING", "EXPIRED", "FAILED", "PAID"]

# Money that came is never unsaid: a payment beats the end of the session that it came through.
_RANK: dict[Status, int] = {"NEW": 0, "OPEN": 1, "PROCESSING": 2, "EXPIRED": 3, "FAILED": 3, "PAID": 4}

UNPAID: frozenset[Status] = frozenset({"EXPIRED", "FAILED"})


def status_of(session: SessionFacts) -> Status:
    """A session that is complete may still wait for a bank; paid is what has arrived."""
    if session.payment_status == "paid" and session.intent_status == "succeeded":
        return "PAID"
    if session.status == "expired":
        return "EXPIRED"
    if session.status != "complete":
        return "OPEN"
    return "PROCESSING" if session.intent_status in ("processing", "succeeded") else "FAILED"


def later_of(known: Status, seen: Status) -> Status:
    return seen if _RANK[seen] > _RANK[known] else known


def mismatch_of(session: SessionFacts, checkout: str, tenant: str, *, livemode: bool) -> str | None:
    """Whose session it is not, or of the other mode; amounts are another matter."""
    if session.metadata.get("checkout") != checkout or session.metadata.get("tenant") != tenant:
        return "metadata_mismatch"
    return "livemode_mismatch" if session.livemode != livemode else None
