"""How the control plane reads what it is asked for."""

from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.wrappers import Request

from local.fakes.stripe.answers import StripeError

Order = TypeVar("Order", bound=BaseModel)


def order_of(request: Request, model: type[Order]) -> Order:
    """The JSON body, where none is an empty one; what it does not know is refused in Stripe's words."""
    found: Order = _read(TypeAdapter(model), request)
    return found


def orders_of(request: Request, model: type[Order]) -> list[Order]:
    """One, or a list of them."""
    alone = request.get_data().lstrip()[:1] == b"{"
    if alone:
        return [order_of(request, model)]
    found: list[Order] = _read(TypeAdapter(list[model]), request)  # type: ignore[valid-type]
    return found


def _read(adapter: TypeAdapter[Any], request: Request) -> Any:
    try:
        return adapter.validate_json(request.get_data() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StripeError(400, first["msg"], "parameter_invalid", place) from None
