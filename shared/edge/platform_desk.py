"""Where the platform's routes meet their use cases: a super admin asks, about all schools."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from shared.database import in_platform
from shared.edge.http import answer
from shared.edge.staff_of import email_of
from shared.staff.find_staff import StaffMember
from shared.staff.find_super_admin import find_super_admin

Result = TypeVar("Result")
UseCase = Callable[[Connection, StaffMember], Result]


@dataclass(frozen=True, slots=True)
class PlatformDesk:
    """What the routes of a function share; `database` is connected as the role that sees every school."""

    app: APIGatewayHttpResolver
    database: Engine

    def done(self, use_case: UseCase[Result]) -> Result:
        """What the use case returns for who is asking; whoever is no super admin is Forbidden."""

        def work(connection: Connection) -> Result:
            return use_case(connection, find_super_admin(connection, email_of(self.app)))

        return in_platform(self.database, work)

    def told(self, use_case: UseCase[BaseModel]) -> Response[Any]:
        """The same as an answer."""
        return answer(self.done(use_case))
