"""What somebody has seen, by its ETag: a change that says If-Match is made to that and to nothing newer."""

from hashlib import sha256
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel

from shared.edge.http import answer
from shared.errors import PreconditionFailed


def etag_of(view: BaseModel) -> str:
    """A strong ETag (RFC 9110): the digest of the document as it is told."""
    return f'"{sha256(view.model_dump_json(by_alias=True).encode()).hexdigest()[:32]}"'


def tagged(view: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """The view as an answer, with its ETag."""
    return answer(view, status, {"ETag": etag_of(view), **(headers or {})})


def check_unchanged(app: APIGatewayHttpResolver, view: BaseModel) -> None:
    """Compare If-Match with the view, which is read in the transaction of the change, its row locked.

    Without the header, or with `*`, whatever is there may be changed. Raises PreconditionFailed.
    """
    wanted = app.current_event.headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    if etag_of(view) not in [each.strip() for each in wanted.split(",")]:
        raise PreconditionFailed
