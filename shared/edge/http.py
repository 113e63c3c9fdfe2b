"""What every function behind the HTTP API shares: its resolver and its handler."""

import json
import threading
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from shared.edge.entry import Handler, count_refusal, http_entry
from shared.edge.problems import as_problem, render
from shared.staff.token_rule import TokenRule

JSON = "application/json"


class HttpApp(APIGatewayHttpResolver):
    """Powertools keeps the event on a class that all resolvers share; here each thread has its own.

    Lambda runs one request at a time, but a process that runs several must not mix up their schools.
    Without a rule for tokens, nobody is staff here.
    """

    _of_thread = threading.local()

    def __init__(self, tokens: TokenRule | None = None) -> None:
        super().__init__()
        self.tokens = tokens

    @property
    def current_event(self) -> APIGatewayProxyEventV2:  # type: ignore[override]  # a field there
        event: APIGatewayProxyEventV2 = self._of_thread.event
        return event

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        self._of_thread.event = APIGatewayProxyEventV2(dict(event))
        return super().resolve(event, context)


def http_app(tokens: TokenRule | None = None) -> APIGatewayHttpResolver:
    """A resolver that tells every failure as a problem; `tokens` says whose staff tokens count."""
    app = HttpApp(tokens)

    def tell(error: Exception) -> Response[Any]:
        problem = as_problem(error)
        count_refusal(problem)
        return render(problem, request_id(app))

    app.exception_handler(Exception)(tell)
    app.not_found(tell)
    return app


def http_handler(app: APIGatewayHttpResolver) -> Handler:
    """The Lambda handler of all that the resolver knows."""
    return http_entry(app.resolve)


def request_id(app: APIGatewayHttpResolver) -> str:
    """The id that the client, the access log and our logs share."""
    return str(app.current_event.raw_event["requestContext"]["requestId"])


def answer(
    model: BaseModel, status: int = 200, headers: dict[str, str | list[str]] | None = None
) -> Response[Any]:
    """`model` as JSON; nobody on the way may keep it unless `headers` say so."""
    body = model.model_dump_json(by_alias=True, exclude_none=True)
    return Response(status, JSON, body, {"Cache-Control": "no-store", **(headers or {})})


def answer_document(document: dict[str, Any], status: int = 200) -> Response[Any]:
    """A JSON document that was rendered before."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(status, JSON, body, {"Cache-Control": "no-store"})
