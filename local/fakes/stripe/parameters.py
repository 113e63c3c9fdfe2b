"""The kinds of parameters, and what Stripe says of those that are not as they should be."""

import re
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from local.fakes.stripe.answers import StripeError

MOST_METADATA, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500
DEEPEST_EXPANSION = 4

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Parameters(BaseModel):
    """What one call takes, by Stripe's names; every call takes `expand`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expand: list[str] = Field(default_factory=list, max_length=20)


Read = TypeVar("Read", bound=Parameters)


def read(model: type[Read], given: dict[str, Any]) -> Read:
    """Raises StripeError for the first parameter that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _refusal(first["type"], first["loc"], first["msg"]) from None


def _refusal(kind: str, place: tuple[int | str, ...], message: str) -> StripeError:
    name = str(place[0]) + "".join(f"[{part}]" for part in place[1:])
    if kind == "extra_forbidden":
        return StripeError(400, f"Received unknown parameter: {name}", "parameter_unknown", name)
    if kind == "missing":
        return StripeError(400, f"Missing required param: {name}.", "parameter_missing", name)
    code = kind if kind in _CODES else None
    return StripeError(400, f"Invalid {name}: {message}", code, name)


_CODES = {"parameter_invalid_integer", "url_invalid", "email_invalid"}


def _digits(value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,18}", value, re.ASCII):
        raise PydanticCustomError("parameter_invalid_integer", "must be an integer")
    return int(value)


def _metadata(value: Any) -> Any:
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise PydanticCustomError("metadata", "must be a hash of strings")
    if len(value) > MOST_METADATA:
        raise PydanticCustomError("metadata", f"can have up to {MOST_METADATA} keys")
    if any(len(key) > LONGEST_KEY for key in value):
        raise PydanticCustomError("metadata", f"keys can have up to {LONGEST_KEY} characters")
    if any(len(each) > LONGEST_VALUE for each in value.values()):
        raise PydanticCustomError("metadata", f"values can have up to {LONGEST_VALUE} characters")
    return {key: each for key, each in value.items() if each}


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(value) > 5000:
        raise PydanticCustomError("url_invalid", "must be a URL with its scheme")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value) or len(value) > 512:
        raise PydanticCustomError("email_invalid", "must be an e-mail address")
    return value


Integer = Annotated[int, BeforeValidator(_digits)]
Metadata = Annotated[dict[str, str], BeforeValidator(_metadata)]
Url = Annotated[str, AfterValidator(_url)]
Email = Annotated[str, AfterValidator(_email)]


class Range(BaseModel):
    """Seconds since the epoch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gt: Integer | None = None
    gte: Integer | None = None
    lt: Integer | None = None
    lte: Integer | None = None

    def holds(self, instant: int) -> bool:
        return not (
            (self.gt is not None and instant <= self.gt)
            or (self.gte is not None and instant < self.gte)
            or (self.lt is not None and instant >= self.lt)
            or (self.lte is not None and instant > self.lte)
        )


def _one_instant(value: Any) -> Any:
    return {"gte": value, "lte": value} if isinstance(value, str) else value


Created = Annotated[Range, BeforeValidator(_one_instant)]


class ListParameters(Parameters):
    """Ids are places in the list; newest first."""

    limit: Annotated[Integer, Field(ge=1, le=100)] = 10
    starting_after: str | None = None
    ending_before: str | None = None
    created: Created = Range()


class IntentListParameters(ListParameters):
    customer: str | None = None


class ChargeListParameters(ListParameters):
    payment_intent: str | None = None
    customer: str | None = None


class RefundListParameters(ListParameters):
    payment_intent: str | None = None
    charge: str | None = None


class SessionListParameters(ListParameters):
    payment_intent: str | None = None
    status: Literal["open", "complete", "expired"] | None = None


class BalanceListParameters(ListParameters):
    source: str | None = None
    type: str | None = None
    currency: str | None = None


class EventListParameters(ListParameters):
    type: str | None = None
