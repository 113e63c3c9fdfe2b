"""What a verified token must say before anybody believes it.

API Gateway checks the signature (RSA keys of the issuer only), issuer, audience and times. These claims are
compared again, so that a route without its authorizer, another authorizer, or an event that somebody made by
hand tells nobody's name.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import Forbidden, Unauthorized

# Clocks of issuers differ from ours.
LEEWAY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class TokenRule:
    """Whose tokens count, and for whom they must have been made."""

    issuer: str
    audience: str

    def check(self, claims: Mapping[str, Any], now: datetime) -> None:
        """Raises Unauthorized, and Forbidden when the issuer does not vouch for the address.

        `claims` are texts, as API Gateway hands them on; a list is `[a b]`. The audience is `aud`, else
        `client_id`, as there.
        """
        named = str(claims.get("aud", claims.get("client_id", "")))
        if claims.get("iss") != self.issuer or self.audience not in _listed(named):
            raise Unauthorized
        if not _is_current(claims, now.timestamp()):
            raise Unauthorized
        if str(claims.get("email_verified", "")).lower() != "true":
            raise Forbidden("The address in the token is not verified")


def _listed(value: str) -> list[str]:
    return value[1:-1].split() if value.startswith("[") and value.endswith("]") else [value]


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    """`exp` must be there; what begins later (`nbf`) or was made later (`iat`) is not yet one."""
    ends = _seconds(claims.get("exp"))
    begins = [_seconds(claims[name]) for name in ("nbf", "iat") if name in claims]
    return ends + LEEWAY_SECONDS > now and all(at - LEEWAY_SECONDS <= now for at in begins)


def _seconds(value: Any) -> float:
    """NaN, which is neither before nor after anything, for what is no time."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
