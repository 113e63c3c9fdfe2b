"""Where the routes of the staff meet their use cases: who asks is known, and all is one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel
from sqlalchemy import Connection, Engine

from shared.config import HttpSettings
from shared.database import in_tenant
from shared.edge.etags import check_unchanged, tagged
from shared.edge.http import answer
from shared.edge.requests import tenant_of
from shared.edge.staff_of import staff_of
from shared.idempotency.answer_once import Answered
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import ADMINS, STAFF, Role
from shared.tenants.errors import TenantSuspended

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

    def shown(self, use_case: UseCase[BaseModel], roles: frozenset[Role] = STAFF) -> Response[Any]:
        """The same as an answer with its ETag."""
        return tagged(self.done(use_case, roles))

    def changed(self, use_case: UseCase[BaseModel], roles: frozenset[Role] = ADMINS) -> Response[Any]:
        """`shown` of what a school changes, which is not suspended. Raises TenantSuspended."""
        return tagged(self.done(_of_active(use_case), roles))

    def made(
        self, place: str, use_case: UseCase[Answered[Any]], roles: frozenset[Role] = ADMINS
    ) -> Response[Any]:
        """`changed` of what is made anew and found at `place` and its id."""
        made = self.done(_of_active(use_case), roles)
        if made.replayed:
            return tagged(made.answer, 201, {"Idempotent-Replayed": "true"})
        return tagged(made.answer, 201, {"Location": f"{place}/{made.answer.id}"})

    def removed(self, use_case: UseCase[None], roles: frozenset[Role] = ADMINS) -> Response[Any]:
        """Without an answer's body; as `changed`."""
        self.done(_of_active(use_case), roles)
        return Response(204, body="", headers={"Cache-Control": "no-store"})

    def unchanged(self, view: BaseModel) -> None:
        """Whether it is what If-Match says, for use cases that have it locked. Raises PreconditionFailed."""
        check_unchanged(self.app, view)


def _of_active(use_case: UseCase[Result]) -> UseCase[Result]:
    def work(connection: Connection, staff: StaffMember) -> Result:
        if staff.tenant.status != "ACTIVE":
            raise TenantSuspended
        return use_case(connection, staff)

    return work
