"""What only a token opens; whoever guesses at it is told to wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from shared.bookings.errors import BookingNotFound
from shared.config import HttpSettings
from shared.database import in_tenant
from shared.edge.http import answer
from shared.edge.requests import source_of, tenant_of
from shared.throttling.limit_requests import limit_requests

Result = TypeVar("Result")
UseCase = Callable[[Connection], Result]

# Mistyped links are few; nothing is counted of who holds the token.
MOST_GUESSES = 30


@dataclass(frozen=True, slots=True)
class HoldersDesk:
    """What the routes of a function share; `missing` is how their use cases say that nothing is there."""

    app: APIGatewayHttpResolver
    settings: HttpSettings
    database: Engine
    missing: type[Exception] = BookingNotFound

    def done(self, use_case: UseCase[Result]) -> Result:
        """What the use case returns for the holder of a token.

        Whoever has none is told that nothing is there, and after many such tries TooManyRequests.
        """
        opening = tenant_of(self.app, self.settings)
        try:
            return in_tenant(self.database, opening, use_case)
        except self.missing:
            in_tenant(self.database, opening, self._count_guess)
            raise

    def told(self, use_case: UseCase[BaseModel]) -> Response[Any]:
        """The same as an answer."""
        return answer(self.done(use_case))

    def _count_guess(self, connection: Connection) -> None:
        limit_requests(connection, "guess", source_of(self.app), MOST_GUESSES, datetime.now(UTC))
