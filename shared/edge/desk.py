"""Where the routes of the staff meet their use cases: who asks is known, and all is one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from shared.config import HttpSettings
from shared.database import in_tenant
from shared.edge.http import answer
from shared.edge.requests import tenant_of
from shared.edge.staff_of import staff_of
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import STAFF, Role

Result = TypeVar("Result")
UseCase = Callable[[Connection, StaffMember], Result]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the routes of a function share."""

    app: APIGatewayHttpResolver
    settings: HttpSettings
    database: Engine

    def done(self, use_case: UseCase[Result], roles: frozenset[Role] = STAFF) -> Result:
        """What the use case returns for who is asking, when their role is one of `roles`."""

        def work(connection: Connection) -> Result:
            return use_case(connection, staff_of(self.app, connection, roles=roles))

        return in_tenant(self.database, tenant_of(self.app, self.settings), work)

    def told(self, use_case: UseCase[BaseModel], roles: frozenset[Role] = STAFF) -> Response[Any]:
        """The same as an answer."""
        return answer(self.done(use_case, roles))
