"""How long a failed message waits."""

import random
from collections.abc import Callable
from datetime import timedelta

FIRST_CEILING = timedelta(seconds=30)
LONGEST = timedelta(hours=1)


def retry_delay(attempts: int, spread: Callable[[], float] = random.random) -> timedelta:
    """Anything up to a ceiling that doubles from 30 seconds to an hour; `attempts` were made so far.

    The whole range is drawn from, so that what failed together does not come back together.
    """
    doubled: int = 1 << min(attempts - 1, 10)
    return min(LONGEST, FIRST_CEILING * doubled) * spread()
