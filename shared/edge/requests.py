"""Reading a request: the school it is for, its body, its parameters. Refuses what cannot be read."""

from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel, ValidationError

from shared.config import HttpSettings
from shared.edge.one_route import raw_body
from shared.errors import (
    MalformedRequest,
    NotFound,
    RequestTooLarge,
    UnsupportedMediaType,
)
from shared.one_flush import Statement
from shared.refusals import refusal
from shared.telemetry import logger
from shared.tenants.address import tenant_address

Model = TypeVar("Model", bound=BaseModel)

LARGEST_BODY = 64 * 1024
LONGEST_KEY = 255
LONGEST_ID = 10


def tenant_of(app: APIGatewayHttpResolver, settings: HttpSettings) -> Statement:
    """Opens a transaction that sees the rows of the school this request is for."""
    event = app.current_event
    # The host as API Gateway knows it, which no header of the client's can change.
    host = str(event.raw_event["requestContext"]["domainName"])
    header = event.headers.get("x-tenant")
    address = tenant_address(host, header, base_domain=settings.base_domain, own_hosts=settings.own_hosts)
    logger.append_keys(tenant=address.label or address.domain)
    return address.opening()


def body_of(app: APIGatewayHttpResolver, model: type[Model]) -> Model:
    """The JSON body as `model`; 400 when it is no JSON, 422 with the places when it says what cannot be."""
    content_type = app.current_event.headers.get("content-type", "application/json")
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType
    raw = raw_body(app.current_event.raw_event)
    if len(raw) > LARGEST_BODY:
        raise RequestTooLarge(limitBytes=LARGEST_BODY)
    try:
        return model.model_validate_json(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        raise refusal(error) from None


def optional_body_of(app: APIGatewayHttpResolver, model: type[Model]) -> Model:
    """The same for a body that may be left out."""
    return body_of(app, model) if app.current_event.body else model()


def query_of(app: APIGatewayHttpResolver, model: type[Model]) -> Model:
    """The query string's parameters as `model`."""
    try:
        asked = app.current_event.query_string_parameters or {}
        return model.model_validate(asked, by_alias=True, by_name=False)
    except ValidationError as error:
        raise refusal(error) from None


def number_in_path(value: str) -> int:
    """An id of the path; what is no id of ours names nothing that exists."""
    if len(value) <= LONGEST_ID and value.isascii() and value.isdigit() and int(value) < 1 << 31:
        return int(value)
    raise NotFound


def idempotency_key(app: APIGatewayHttpResolver) -> str | None:
    """The header Idempotency-Key: 1 to 255 visible ASCII characters."""
    key = app.current_event.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise MalformedRequest("Idempotency-Key is 1 to 255 visible ASCII characters")
    return key


def source_of(app: APIGatewayHttpResolver) -> str:
    """A digest that tells apart whence requests come: an address, of IPv6 the network that one line has."""
    address = ip_address(str(app.current_event.raw_event["requestContext"]["http"]["sourceIp"]))
    network = ip_network(f"{address}/64", strict=False) if address.version == 6 else address
    return sha256(str(network).encode()).hexdigest()[:32]


def manage_token(app: APIGatewayHttpResolver) -> str:
    """The token that manages a booking: the header X-Manage-Token, or `manageToken` in a link."""
    event = app.current_event
    in_link = (event.query_string_parameters or {}).get("manageToken")
    return event.headers.get("x-manage-token") or in_link or ""
