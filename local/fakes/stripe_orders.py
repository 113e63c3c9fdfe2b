"""What the control plane of the fake Stripe is asked for."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from local.fakes.stripe_delivery import local_address
from shared.fields import Document

DEFAULT_KEY = "sk_test_local"


def _on_this_machine(url: str) -> str:
    local_address(url)
    return url


def _new_secret() -> str:
    return "whsec_" + secrets.token_hex(16)


class NewEndpoint(Document):
    """`previousSecret` signs as well, as while a secret is rolled. `apiKey` names the account."""

    url: Annotated[str, AfterValidator(_on_this_machine)]
    secret: str = Field(default_factory=_new_secret)
    previous_secret: str | None = None
    api_key: str = DEFAULT_KEY


class EventData(Document):
    object: dict[str, Any]
    previous_attributes: dict[str, Any] | None = None


class NewEvent(Document):
    type: str
    data: EventData
    livemode: bool = False


class Announcement(Document):
    """Events to send: each `times` times, in the order given or reversed, one by one or all at once.

    A single event may stand for the list: {"type", "data", "times"…}.
    """

    events: list[NewEvent] = Field(min_length=1, max_length=100)
    times: int = Field(1, ge=1, le=100)
    order: Literal["given", "reversed"] = "given"
    at_once: bool = False
    api_key: str = DEFAULT_KEY

    @model_validator(mode="before")
    @classmethod
    def _of_one_event(cls, body: Any) -> Any:
        if not isinstance(body, dict) or "type" not in body:
            return body
        event = {name: body[name] for name in NewEvent.model_fields if name in body}
        rest = {name: value for name, value in body.items() if name not in event}
        return {"events": [event], **rest}
