"""What the control plane of the fake Stripe is asked for."""

import secrets
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from local.fakes.stripe.delivery import local_address
from local.fakes.stripe.state import RefundStatus
from shared.fields import Document

DEFAULT_KEY = "sk_test_local"


def _on_this_machine(url: str) -> str:
    local_address(url)
    return url


def _new_secret() -> str:
    return "whsec_" + secrets.token_hex(16)


class NewEndpoint(Document):
    """`previousSecret` signs as well, as while a secret is rolled. `apiKey` names the account.

    `connect`: told of what happens in the accounts that are connected to this one, and of nothing else.
    """

    url: Annotated[str, AfterValidator(_on_this_machine)]
    secret: str = Field(default_factory=_new_secret)
    previous_secret: str | None = None
    connect: bool = False
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


class Repetition(Document):
    """`newId`: the same content as another event, as when Stripe makes two of one success."""

    times: int = Field(1, ge=1, le=100)
    new_id: bool = False
    at_once: bool = False


class OfAccount(Document):
    api_key: str = DEFAULT_KEY


class Release(OfAccount):
    """`ids` name some of the held events, in the order in which they are to go."""

    order: Literal["given", "reversed"] = "given"
    ids: list[str] | None = None


class NewKey(Document):
    """`sameAccountAs` is another key; `permissions` like `refund_write` make it a restricted one."""

    api_key: str
    same_account_as: str | None = None
    permissions: list[str] | None = None


class RolledKey(Document):
    """`newKey` takes the place of `apiKey`, which is refused from then on."""

    api_key: str
    new_key: str


class Connection(OfAccount):
    """`apiKey` is the platform's; without `connectedKey` the account is a new one."""

    connected_key: str | None = None


class Clock(Document):
    """How far Stripe's clock is from this machine's."""

    offset_seconds: int = Field(ge=-(10**9), le=10**9)


class NextRefunds(OfAccount):
    """The statuses of the coming refunds, one each; after them Stripe's usual ones."""

    statuses: list[RefundStatus]


class DashboardRefund(Document):
    """`payment` is the id of a session, an intent or a charge; `amount` in minor units, or what is left."""

    payment: str
    amount: int | None = Field(None, ge=1)
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    metadata: dict[str, str] = Field(default_factory=dict)


class Outcome(Document):
    status: Literal["succeeded", "failed"]
    failure_reason: str = "declined"


class NewDispute(Document):
    """`payment` and `amount` as for a refund."""

    payment: str
    amount: int | None = Field(None, ge=1)
    reason: str = "fraudulent"


class ClosedDispute(Document):
    status: Literal["won", "lost"]
