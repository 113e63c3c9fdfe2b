"""An address on this machine that Stripe may be told of, and what came there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from local.web import serving


@dataclass
class Received:
    body: bytes
    signature: str


@dataclass
class Receiver:
    """Answers with `statuses` in turn, and with the last of them from then on."""

    statuses: list[int]
    url: str = ""
    received: list[Received] = field(default_factory=list)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(each.body) for each in self.received]

    def answer(self, request: Request) -> Response:
        self.received.append(Received(request.get_data(), request.headers["Stripe-Signature"]))
        status = self.statuses[min(len(self.received), len(self.statuses)) - 1]
        return Response(status=status, headers={"Location": self.url} if status == 302 else {})


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver(list(statuses) or [200])
    application: Any = Request.application(receiver.answer)
    with serving(application, threads=8) as url:
        receiver.url = f"{url}/hook"
        yield receiver
