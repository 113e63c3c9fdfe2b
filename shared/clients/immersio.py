"""Immersio as we ask it, behind one small protocol: the day its API changes, one adapter does."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NoReturn, Protocol, TypeVar
from urllib.parse import quote

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from shared.clients.immersio_errors import ImmersioFailed, failure_of
from shared.clients.immersio_signing import query_text, signed_headers
from shared.clients.pinned_http import Answer, CallFailed, Question, call
from shared.clients.public_hosts import (
    AddressRefused,
    HostRule,
    NameUnknown,
    destination_of,
    public_addresses,
)

LARGEST_PAGE = 200
JSON = "application/json"

Model = TypeVar("Model", bound=BaseModel)
Document = dict[str, Any]


def encodable(text: str) -> str:
    """The text. ValueError for half a character, which JSON can spell and no database and no socket takes."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not hold half characters")
    return text


ExternalId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(encodable)]


class Page(BaseModel):
    """A page of rows as they came, in the order of their change; the last has no `next_cursor`.

    `as_of` is Immersio's clock.
    """

    model_config = ConfigDict(frozen=True)

    data: list[Any]
    next_cursor: Cursor | None
    as_of: AwareDatetime


class Written(BaseModel):
    """What is there now; an answer that does not say so confirms nothing."""

    version: int


class Tombstone(BaseModel):
    """What is there no more."""

    status: Literal["tobedeleted"]


class Enrolled(BaseModel):
    """An enrolment's id there, and who is enrolled."""

    model_config = ConfigDict(frozen=True)

    id: ExternalId
    student_id: ExternalId


class Immersio(Protocol):
    """What a school's Immersio can be asked. Every call raises ImmersioFailed.

    Lists tell what has changed since then (inclusive; all when None), what was deleted among it.
    """

    def ping(self) -> None:
        """Whether address and keys are good."""

    def courses(self, *, updated_since: datetime | None, cursor: str | None) -> Page:
        """Courses."""

    def students(self, course_id: str, *, updated_since: datetime | None, cursor: str | None) -> Page:
        """Who is enrolled in a course."""

    def put_booking(self, uid: str, document: Document) -> None:
        """Write a lesson; an older version than the one there fails with `stale_version`."""

    def delete_booking(self, uid: str) -> None:
        """Take it away, also when it is gone."""

    def put_enrollment(self, uid: str, document: Document) -> Enrolled:
        """Write an enrolment; as `put_booking`."""

    def delete_enrollment(self, uid: str) -> None:
        """Take it away, also when it is gone."""


class HttpImmersio:
    """Immersio of one school over signed HTTP. Nothing is retried here: that is for whoever asks."""

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
        self._ask("GET", "/v1/ping")

    def courses(self, *, updated_since: datetime | None, cursor: str | None) -> Page:
        return self._list("/v1/courses", updated_since, cursor)

    def students(self, course_id: str, *, updated_since: datetime | None, cursor: str | None) -> Page:
        return self._list(f"/v1/courses/{_in_path(course_id)}/students", updated_since, cursor)

    def put_booking(self, uid: str, document: Document) -> None:
        _read(Written, self._ask("PUT", f"/v1/bookings/{_in_path(uid)}", document=document))

    def delete_booking(self, uid: str) -> None:
        _read(Tombstone, self._ask("DELETE", f"/v1/bookings/{_in_path(uid)}"))

    def put_enrollment(self, uid: str, document: Document) -> Enrolled:
        told = self._ask("PUT", f"/v1/enrollments/{_in_path(uid)}", document=document)
        return _read(Enrolled, told)

    def delete_enrollment(self, uid: str) -> None:
        _read(Tombstone, self._ask("DELETE", f"/v1/enrollments/{_in_path(uid)}"))

    def _list(self, path: str, updated_since: datetime | None, cursor: str | None) -> Page:
        asked = {"include_deleted": "true", "limit": str(self._page_size)}
        if updated_since is not None:
            asked["updated_since"] = rfc3339(updated_since)
        if cursor is not None:
            asked["cursor"] = cursor
        return _read(Page, self._ask("GET", path, asked))

    def _ask(
        self,
        method: str,
        path: str,
        parameters: dict[str, str] | None = None,
        document: Document | None = None,
    ) -> Any:
        query = query_text(parameters or {})
        body = b"" if document is None else json.dumps(document).encode()
        headers = signed_headers(
            self._api_key, self._api_secret, method, path, query, now=self._clock(), body=body
        )
        if body:
            headers["Content-Type"] = JSON
        target = f"{path}?{query}" if query else path
        answer = self._answer(Question(method, target, headers, body))
        if answer.status != 200:
            raise failure_of(answer.status, answer.body, answer.headers)
        return _document(answer)

    def _answer(self, question: Question) -> Answer:
        try:
            destination = destination_of(self._url, self._rule)
            return call(destination, public_addresses(destination, self._rule), question)
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


def _read(model: type[Model], document: Any) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise ImmersioFailed("unexpected_answer", retryable=True) from error


def _in_path(name: str) -> str:
    return quote(name, safe="")


def _document(answer: Answer) -> Any:
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise ImmersioFailed("not_json", retryable=True)
    try:
        return json.loads(answer.body, parse_constant=_no_such_number)
    except (ValueError, RecursionError) as error:
        raise ImmersioFailed("not_json", retryable=True) from error


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(name)
