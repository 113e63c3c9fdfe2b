"""How Stripe's events are taken, for the API document."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.fields import Document


class StripeEventBody(BaseModel):
    """An event as Stripe's API reference tells it; members that are not named here are kept too."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["event"]
    type: str
    livemode: bool


class WebhookReceived(Document):
    received: Literal[True]
