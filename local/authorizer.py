"""API Gateway's JWT authorizer: what it checks, and what it hands to the function."""

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from local.issuer import KEY_ID, Issuer
from local.template_models import JwtConfiguration


class Unauthorized(Exception):
    """No token, or one that does not hold; its text goes into `www-authenticate`."""


class Forbidden(Exception):
    """The token holds, but has none of the route's scopes."""


def authorized(
    header: str | None, configuration: JwtConfiguration, scopes: Sequence[str], issuer: Issuer
) -> dict[str, Any]:
    """The `jwt` part of an event's authorizer: claims as text, and the scopes asked for or None."""
    if not header:
        raise Unauthorized("Bearer")
    try:
        claims = verified(header.removeprefix("Bearer ").strip(), configuration, issuer)
    except jwt.PyJWTError as error:
        detail = f'Bearer scope="" error="invalid_token" error_description="{described(error)}"'
        raise Unauthorized(detail) from error
    held = str(claims.get("scope", "")).split()
    granted = [scope for scope in scopes if scope in held]
    if scopes and not granted:
        raise Forbidden
    return {"claims": as_text(claims), "scopes": list(scopes) or None}


def verified(token: str, configuration: JwtConfiguration, issuer: Issuer) -> dict[str, Any]:
    """RS256 only, whatever the token's own header says. The audience is `aud`, else `client_id`."""
    if jwt.get_unverified_header(token).get("kid") != KEY_ID:
        raise jwt.InvalidKeyError("unknown kid")
    claims: dict[str, Any] = jwt.decode(
        token,
        issuer.key.public_key(),
        algorithms=["RS256"],
        issuer=configuration.issuer,
        options={"require": ["exp", "iss"], "verify_aud": False},
    )
    named = claims.get("aud", claims.get("client_id"))
    if not set(named if isinstance(named, list) else [named]) & set(configuration.audience):
        raise jwt.InvalidAudienceError("the token has an invalid audience")
    return claims


def described(error: jwt.PyJWTError) -> str:
    """A header value: no quotes, no line ends."""
    return "".join(letter for letter in str(error) if letter.isprintable() and letter != '"')


def as_text(claims: Mapping[str, Any]) -> dict[str, str]:
    """As API Gateway writes them: lists in brackets without commas, everything else plain."""
    return {name: text_of(value) for name, value in claims.items()}


def text_of(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return f"[{' '.join(text_of(item) for item in value)}]"
        case _:
            return str(value)
