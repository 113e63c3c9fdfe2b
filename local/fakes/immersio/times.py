"""Times as the contract writes them."""

from datetime import UTC, datetime

from local.fakes.immersio.refusals import Refused


def timestamp(instant: datetime) -> str:
    """RFC 3339 UTC with milliseconds; as text it sorts as the times do."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_of(text: str, code: str) -> datetime:
    """Raises Refused with `code` for what is not written so."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, code, text) from None
    if not text.endswith("Z") or instant.tzinfo is None:
        raise Refused(400, code, "times are RFC 3339 in UTC")
    return instant
