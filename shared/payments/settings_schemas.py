"""How a school's Stripe keys are set and told."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.fields import Document

Mode = Literal["test", "live"]
SecretKey = Annotated[str, StringConstraints(pattern=r"^(sk|rk)_(test|live)_[A-Za-z0-9_]{1,240}$")]
PublishableKey = Annotated[str, StringConstraints(pattern=r"^pk_(test|live)_[A-Za-z0-9_]{1,240}$")]
WebhookSecret = Annotated[str, StringConstraints(pattern=r"^whsec_[A-Za-z0-9_+/=]{1,240}$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^acct_[A-Za-z0-9]{1,200}$")]


class NewStripeSettings(Document):
    """What is left out stays as it is; null takes it away. Secrets are never told back."""

    secret_key: SecretKey | None = Field(
        None, description="Secret or restricted key", examples=["rk_test_51example"], repr=False
    )
    webhook_secret: WebhookSecret | None = Field(
        None,
        description="Of the endpoint at Stripe; the one before it stays valid for a day",
        examples=["whsec_example"],
        repr=False,
    )
    publishable_key: PublishableKey | None = Field(None, examples=["pk_test_51example"])
    account_id: AccountId | None = Field(
        None, description="Which account is charged, when the key is a platform's (Connect)"
    )

    @property
    def is_live(self) -> bool | None:
        """Of the secret key."""
        return None if self.secret_key is None else self.secret_key.split("_")[1] == "live"


class StripeSettingsView(Document):
    mode: Mode | None = Field(None, description="Of the keys; payments of the one are not the other's")
    publishable_key: str | None = None
    account_id: str | None = None
    has_secret_key: bool
    has_webhook_secret: bool
    webhook_url: str | None = Field(None, description="To be entered at Stripe")


class StripeConnection(Document):
    """What Stripe says of the account that the keys open."""

    account_id: str
    charges_enabled: bool
    country: str | None = None
    currency: str | None = None
    mode: Mode


def mode_of(*, livemode: bool) -> Mode:
    return "live" if livemode else "test"
