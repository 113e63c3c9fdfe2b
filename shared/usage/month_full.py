"""The plan's month is used up."""

from datetime import datetime, timedelta

from shared.tenants.errors import PlanLimitReached


def month_full(used: int, allowed: int, now: datetime) -> PlanLimitReached:
    """The refusal, with the instant at which the next month begins (UTC)."""
    return PlanLimitReached(
        limit="maxBookingsPerMonth", used=used, allowed=allowed, renewsAt=next_month(now).isoformat()
    )


def next_month(now: datetime) -> datetime:
    """The first instant of the month after that of `now`, in its zone, which is UTC."""
    return (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
