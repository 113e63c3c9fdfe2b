"""So many calls a minute and key, over any sixty seconds; every answer tells what is left."""

import math

from local.fakes.immersio.refusals import Refused
from local.fakes.immersio.schools import School

WINDOW_SECONDS = 60.0


def count_call(school: School, now: float, allowed: int) -> dict[str, str]:
    """The headers to tell. Raises Refused with 429 for a call too many, which is not counted."""
    with school.lock:
        while school.called and school.called[0] <= now - WINDOW_SECONDS:
            school.called.popleft()
        if len(school.called) >= allowed:
            school.limited += 1
            wait = str(math.ceil(school.called[0] + WINDOW_SECONDS - now))
            raise Refused(429, "rate_limited", headers={**_told(allowed, 0, wait), "Retry-After": wait})
        school.called.append(now)
        wait = str(math.ceil(school.called[0] + WINDOW_SECONDS - now))
        return _told(allowed, allowed - len(school.called), wait)


def _told(allowed: int, left: int, reset: str) -> dict[str, str]:
    return {"RateLimit-Limit": str(allowed), "RateLimit-Remaining": str(left), "RateLimit-Reset": reset}
