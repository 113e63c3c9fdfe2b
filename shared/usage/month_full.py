"""The plan's month is used up."""

from datetime import datetime, timedelta

from shared.tenants.errors import PlanLimitReached


def month_full(used: int, allowed: int, now: datetime) -> PlanLimitReached:
    """The refusal, with the instant at which the next month begins (UTC)."""
    next_month = (now.replace(day=1) + timedelta(days=32)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return PlanLimitReached(
        limit="maxBookingsPerMonth", used=used, allowed=allowed, renewsAt=next_month.isoformat()
    )
