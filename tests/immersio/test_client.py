"""The client against a server that is as strict as the contract."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.clients.immersio import HttpImmersio, Page, rfc3339
from shared.clients.immersio_errors import ImmersioFailed, failure_of
from shared.clients.immersio_signing import query_text, signature, signed_headers
from shared.clients.public_hosts import HostRule
from tests.immersio.fake_school import FakeSchool


def refused(client: HttpImmersio) -> ImmersioFailed:
    with pytest.raises(ImmersioFailed) as failure:
        client.courses(updated_since=None, cursor=None)
    return failure.value


def all_courses(client: HttpImmersio, **query: Any) -> Page:
    return client.courses(**{"updated_since": None, "cursor": None, **query})


# ── Signatures ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"api_key": "key-nobody"}, "unknown_key"),
        ({"api_secret": "secret-of-another"}, "invalid_signature"),
        ({"clock": lambda: time.time() - 301}, "timestamp_skew"),
        ({"clock": lambda: time.time() + 310}, "timestamp_skew"),
    ],
)
def test_who_signs_wrongly_is_refused_for_good(there: FakeSchool, options: Any, code: str) -> None:
    failure = refused(there.client(**options))
    assert (failure.code, failure.retryable, failure.refused_credentials) == (code, False, True)


def test_a_call_cannot_be_replayed_and_a_retry_signs_anew(there: FakeSchool) -> None:
    headers = signed_headers(there.api_key, there.api_secret, "GET", "/v1/ping", "", now=time.time())
    codes = [httpx.get(f"{there.url}/v1/ping", headers=headers, trust_env=False) for _ in range(2)]
    assert [answer.status_code for answer in codes] == [200, 401]
    assert codes[1].json()["code"] == "replayed"
    client = there.client()
    client.ping()
    client.ping()


@pytest.mark.parametrize("changed", ["path", "query"])
def test_what_is_asked_cannot_be_changed_under_its_signature(there: FakeSchool, changed: str) -> None:
    headers = signed_headers(
        there.api_key, there.api_secret, "GET", "/v1/courses", "limit=1", now=time.time()
    )
    target = {"path": "/v1/ping?limit=1", "query": "/v1/courses?limit=2"}[changed]
    answer = httpx.get(f"{there.url}{target}", headers=headers, trust_env=False)
    assert answer.json()["code"] == "invalid_signature"


def test_the_previous_secret_is_good_while_it_is_replaced(there: FakeSchool) -> None:
    old = there.client()
    there.api_secret = "secret-new"
    there.register(previous_secret="secret-aurora")
    old.ping()
    there.client().ping()


def test_the_signature_covers_the_canonical_text_of_the_contract() -> None:
    """Computed with openssl from the canonical text."""
    query = query_text({"updated_since": "2026-11-22T10:00:00.000Z", "cursor": "a+b/ü", "limit": "200"})
    assert query == "cursor=a%2Bb%2F%C3%BC&limit=200&updated_since=2026-11-22T10%3A00%3A00.000Z"
    nonce = "6f1f8d4e-8f5b-4c8e-9f55-0d2f1c9a7b10"
    assert signature("s3cret", "GET", "/v1/courses", query, "1795341600", nonce) == (
        "7401ecf1cdcb2660b44a4168d4aed77b5fa31d9aa5b29506d7f4834dfefffea7"
    )


@pytest.mark.parametrize("key", ["key\r\nX-Injected: yes", "kéy\u2028", ""])
def test_keys_that_are_no_header_are_refused_and_not_repeated(there: FakeSchool, key: str) -> None:
    failure = refused(there.client(api_key=key))
    assert failure.code in {"keys_unusable", "unknown_key"}
    assert not failure.retryable
    assert failure.__cause__ is None


# ── Faults ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_that_passes_may_be_tried_again(there: FakeSchool, status: int) -> None:
    there.fault("status", status=status, code="slow_down")
    failure = refused(there.client())
    assert (failure.code, failure.status, failure.retryable) == ("slow_down", status, True)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 418, 422, 501])
def test_any_other_status_may_not(there: FakeSchool, status: int) -> None:
    there.fault("status", status=status)
    assert not refused(there.client()).retryable


@pytest.mark.parametrize(
    ("kind", "code", "retryable"),
    [
        ("html", "not_json", True),
        ("truncated_gzip", "broken_answer", True),
        ("cut_off", "broken_answer", True),
        ("wrong_json", "unexpected_answer", True),
        ("too_large", "answer_too_large", False),
        ("redirect", "http_302", False),
    ],
)
def test_an_answer_that_is_no_page_is_none(there: FakeSchool, kind: str, code: str, retryable: bool) -> None:
    there.put_numbered(1)
    there.fault(kind, location=f"{there.url}/v1/courses")
    failure = refused(there.client())
    assert (failure.code, failure.retryable) == (code, retryable)
    assert len(all_courses(there.client()).data) == 1


def test_a_redirect_is_not_followed(there: FakeSchool) -> None:
    there.fault("redirect", location=f"{there.url}/v1/ping")
    refused(there.client())
    assert there.requests == []


def test_nobody_listening_may_be_tried_again() -> None:
    # Port 9 (discard) has no server here.
    failure = refused(HttpImmersio("http://127.0.0.1:9", "k", "s", HostRule((), allow_loopback=True)))
    assert (failure.code, failure.retryable) == ("unreachable", True)


def test_an_unknown_name_may_be_tried_again() -> None:
    rule = HostRule((".immersio.com",), resolve=lambda host, port: [])
    failure = refused(HttpImmersio("https://school.immersio.com", "k", "s", rule))
    assert (failure.code, failure.retryable) == ("unreachable", True)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"code": 7}',
        b'{"code": "Line\\nbreak"}',
        b'{"code": "' + b"x" * 65 + b'"}',
        b"[" * 100_000,
    ],
)
def test_a_code_that_is_none_does_not_reach_the_logs(body: bytes) -> None:
    assert failure_of(403, body).code == "http_403"


# ── Pages ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "invalid_limit"),
        ("limit=201", "invalid_limit"),
        ("since=2026", "unknown_parameter"),
        ("updated_since=yesterday", "invalid_updated_since"),
        ("cursor=garbage", "invalid_cursor"),
    ],
)
def test_the_server_refuses_what_the_contract_does_not_know(there: FakeSchool, query: str, code: str) -> None:
    headers = signed_headers(there.api_key, there.api_secret, "GET", "/v1/courses", query, now=time.time())
    answer = httpx.get(f"{there.url}/v1/courses?{query}", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_what_has_not_changed_is_answered_without_a_body(there: FakeSchool) -> None:
    there.put_numbered(1)

    def asked(**more: str) -> httpx.Response:
        headers = signed_headers(there.api_key, there.api_secret, "GET", "/v1/courses", "", now=time.time())
        return httpx.get(f"{there.url}/v1/courses", headers={**headers, **more}, trust_env=False)

    first = asked()
    assert asked(**{"If-None-Match": first.headers["etag"]}).status_code == 304
    there.put({"id": "c1", "title": "Changed"})
    assert asked(**{"If-None-Match": first.headers["etag"]}).status_code == 200


def test_what_is_older_than_the_tombstones_has_expired(there: FakeSchool) -> None:
    with pytest.raises(ImmersioFailed) as failure:
        all_courses(there.client(), updated_since=datetime.now(UTC) - timedelta(days=31))
    assert failure.value.forgot_our_place
    assert failure.value.code == "cursor_expired"


def test_pages_hold_every_course_once_in_the_order_of_change(there: FakeSchool) -> None:
    there.put_numbered(5)
    there.put({"id": "c1", "title": "Changed last"})
    client, cursor, seen = there.client(page_size=2), None, []
    for _ in range(3):
        page = all_courses(client, cursor=cursor)
        seen += [course["id"] for course in page.data]
        cursor = page.next_cursor
    assert (seen, cursor) == (["c2", "c3", "c4", "c5", "c1"], None)


def test_courses_changed_since_then_come_with_the_deleted_ones(there: FakeSchool) -> None:
    there.put_numbered(3)
    before = datetime.fromisoformat(all_courses(there.client()).data[1]["updated_at"])
    there.delete("c3")
    page = all_courses(there.client(), updated_since=before)
    assert [(course["id"], course["status"]) for course in page.data] == [
        ("c2", "active"),
        ("c3", "tobedeleted"),
    ]
    assert there.requests[-1]["query"] == {
        "include_deleted": "true",
        "limit": "200",
        "updated_since": rfc3339(before),
    }


def test_each_key_has_a_world_of_its_own(there: FakeSchool, immersio_url: str) -> None:
    other = FakeSchool(immersio_url, "key-lotus", "secret-lotus")
    other.register()
    there.put_numbered(1)
    assert all_courses(other.client()).data == []
    assert refused(other.client(api_key=there.api_key)).code == "invalid_signature"
