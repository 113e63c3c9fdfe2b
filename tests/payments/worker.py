"""The worker of payments, and the hands of its clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.databases import TestDatabase
from tests.functions import LoadedFunction


@dataclass
class Worker:
    function: LoadedFunction
    database: TestDatabase

    def run(self) -> dict[str, int]:
        """Once, as its schedule does."""
        return dict(self.function({"source": "aws.scheduler", "detail": "{}"}))

    def look(self) -> dict[str, int]:
        """Once, as if every time to look had come."""
        self.database.rows('UPDATE "Checkout" SET "lookAt" = now() - interval \'1 day\'')
        return self.run()

    def later(self, **by: float) -> None:
        """From now on its clock is ahead."""
        ahead = timedelta(**by)

        class Later(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + ahead

        self.function.module.datetime = Later  # type: ignore[attr-defined]
