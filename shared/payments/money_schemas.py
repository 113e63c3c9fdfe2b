"""How a school's money is asked for and told."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.fields import AsWhole, Document
from shared.payments.settings_schemas import Mode

Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class MoneyQuery(Document):
    """Months of UTC, the last twelve when nothing is said."""

    since: Month | None = Field(None, alias="from", examples=["2026-01"])
    until: Month | None = Field(None, alias="to", description="Included", examples=["2026-11"])
    format: Literal["json", "csv"] = "json"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError("to must not be before from")
        return self


class MoneyOfMonth(Document):
    """Of one currency and one mode; amounts in minor units, as Stripe has them."""

    month: str = Field(examples=["2026-11"])
    mode: Mode
    currency: str
    payments: int = Field(description="How many payments came in")
    captured: int
    refunds: int = Field(description="How many refunds Stripe was asked for that did not fail")
    refunded: int
    fees: int = Field(description="What Stripe kept, as far as it has said so")


class MoneyReport(Document):
    months: list[MoneyOfMonth]


class NewRefund(Document):
    amount: Annotated[int, Field(ge=1, lt=1 << 31, strict=True), AsWhole] | None = Field(
        None, description="In minor units; all that is left when not said", examples=[500]
    )
