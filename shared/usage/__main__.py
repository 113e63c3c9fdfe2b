"""`python -m shared.usage` repairs the counters of all schools, as the platform's role (DATABASE_URL)."""

import os
import sys
from datetime import UTC, datetime

from shared.database import connect_database
from shared.usage.recount_usage import recount_usage


def main() -> int:
    database = connect_database(os.environ["DATABASE_URL"])
    repaired = recount_usage(database, datetime.now(UTC)).repaired
    database.dispose()
    sys.stdout.write(f"Counters repaired of {len(repaired)} schools{': ' if repaired else ''}")
    sys.stdout.write(", ".join(map(str, repaired)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
