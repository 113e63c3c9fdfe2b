"""Immersio as we ask it, behind one small protocol: the day its API changes, one adapter does."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, NoReturn, Protocol

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from shared.clients.immersio_errors import ImmersioFailed, failure_of
from shared.clients.immersio_signing import query_text, signed_headers
from shared.clients.pinned_http import Answer, CallFailed, get
from shared.clients.public_hosts import (
    AddressRefused,
    HostRule,
    NameUnknown,
    destination_of,
    public_addresses,
)

LARGEST_PAGE = 200


def encodable(text: str) -> str:
    """The text. ValueError for half a character, which JSON can spell and no database and no socket takes."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not hold half characters")
    return text


Cursor = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(encodable)]


class CoursePage(BaseModel):
    """A page of courses as they came, in the order of their change; the last has no `next_cursor`.

    `as_of` is Immersio's clock.
    """

    model_config = ConfigDict(frozen=True)

    data: list[Any]
    next_cursor: Cursor | None
    as_of: AwareDatetime


class Immersio(Protocol):
    """What a school's Immersio can be asked. Every call raises ImmersioFailed."""

    def ping(self) -> None:
        """Whether address and keys are good."""

    def courses(self, *, updated_since: datetime | None, cursor: str | None) -> CoursePage:
        """Courses changed since then (inclusive; all when None), the deleted ones among them."""


class HttpImmersio:
    """Immersio of one school over signed HTTP. Nothing is retried here: that is the queue's part."""

    def __init__(
        self,
        url: str,
        api_key: str,
        api_secret: str,
        rule: HostRule,
        *,
        page_size: int = LARGEST_PAGE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._api_key = api_key
        self._api_secret = api_secret
        self._rule = rule
        self._page_size = page_size
        self._clock = clock

    def ping(self) -> None:
        self._get("/v1/ping", {})

    def courses(self, *, updated_since: datetime | None, cursor: str | None) -> CoursePage:
        asked = {"include_deleted": "true", "limit": str(self._page_size)}
        if updated_since is not None:
            asked["updated_since"] = rfc3339(updated_since)
        if cursor is not None:
            asked["cursor"] = cursor
        return _page(self._get("/v1/courses", asked))

    def _get(self, path: str, parameters: dict[str, str]) -> Any:
        query = query_text(parameters)
        headers = signed_headers(self._api_key, self._api_secret, "GET", path, query, now=self._clock())
        answer = self._answer(f"{path}?{query}" if query else path, headers)
        if answer.status != 200:
            raise failure_of(answer.status, answer.body)
        return _document(answer)

    def _answer(self, target: str, headers: dict[str, str]) -> Answer:
        try:
            destination = destination_of(self._url, self._rule)
            return get(destination, public_addresses(destination, self._rule), target, headers)
        except AddressRefused as error:
            raise ImmersioFailed("address_refused", retryable=False) from error
        except NameUnknown as error:
            raise ImmersioFailed("unreachable", retryable=True) from error
        except CallFailed as error:
            raise ImmersioFailed(error.code, retryable=error.code != "answer_too_large") from error
        except ValueError:
            # http.client will not put such keys into a header, and its message repeats them.
            raise ImmersioFailed("keys_unusable", retryable=False) from None


def rfc3339(instant: datetime) -> str:
    """`2026-11-22T10:00:00.000Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(document: Any) -> CoursePage:
    try:
        return CoursePage.model_validate(document)
    except ValidationError as error:
        raise ImmersioFailed("unexpected_answer", retryable=True) from error


def _document(answer: Answer) -> Any:
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ImmersioFailed("not_json", retryable=True)
    try:
        return json.loads(answer.body, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise ImmersioFailed("not_json", retryable=True) from error


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(name)
