"""The HTTP API on one machine: refusals, then what a function is told and what becomes of its answer."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.local.conftest import Sample


def token(sample: Sample, **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {sample.stack.foundation.issuer.token({'sub': 'ana', **claims})}"}


def say(sample: Sample, answer: Any) -> Any:
    return sample.http.post("/say", content=json.dumps(answer), headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nowhere"), ("GET", "/say"), ("GET", "/echo/a/b"), ("GET", "/echo/")]
)
def test_an_unknown_route_is_not_found(sample: Sample, method: str, path: str) -> None:
    response = sample.http.request(method, path)
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


def test_without_a_token_nobody_passes(sample: Sample) -> None:
    response = sample.http.get("/me")
    assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"})
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "claims",
    [{"exp": 1}, {"aud": "another-service"}, {"iss": "https://elsewhere.example"}, {"nbf": 4_000_000_000}],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_whose_claims_do_not_hold_is_refused(sample: Sample, claims: dict[str, Any]) -> None:
    response = sample.http.get("/me", headers=token(sample, **claims))
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def test_a_token_of_another_key_is_refused(sample: Sample) -> None:
    issuer = sample.stack.foundation.issuer
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    claims = {"sub": "ana", "iss": issuer.url, "aud": issuer.audience, "exp": int(time.time()) + 60}
    forged = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "local"})
    assert sample.http.get("/me", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_chooses_its_own_algorithm_is_refused(sample: Sample, algorithm: str) -> None:
    issuer = sample.stack.foundation.issuer
    claims = {"sub": "ana", "iss": issuer.url, "aud": issuer.audience, "exp": int(time.time()) + 60}
    secret = "" if algorithm == "none" else "a secret of thirty-two bytes, or so"
    forged = jwt.encode(claims, secret, algorithm=algorithm, headers={"kid": "local"})
    assert sample.http.get("/me", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_a_body_over_ten_megabytes_is_refused(sample: Sample) -> None:
    response = sample.http.post("/say", content=b" " * (10 * 1024 * 1024 + 1))
    assert response.status_code == 413


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "many"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": "§", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["content-type"]},
    ],
)
def test_an_answer_that_is_no_response_becomes_an_internal_error(sample: Sample, answer: Any) -> None:
    response = say(sample, answer)
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


def test_a_function_that_fails_becomes_an_internal_error(sample: Sample) -> None:
    response = sample.http.post("/say", content=b"{", headers={"content-type": "application/json"})
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


def test_a_function_slower_than_the_integration_is_unavailable(sample: Sample) -> None:
    response = sample.http.post("/slow")
    assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})


def test_the_event_is_the_payload_of_format_2(sample: Sample) -> None:
    response = sample.http.post(
        "/echo/a%20b%C3%BC?q=1&q=two&empty=&spaced=a%20b",
        json={"said": "ü"},
        headers=[("X-Twice", "1"), ("X-Twice", "2"), ("Cookie", "one=1; two=2"), ("User-Agent", "test")],
    )
    event = response.json()
    context = event.pop("requestContext")
    headers = event.pop("headers")
    host = sample.stack.api_url.removeprefix("http://")
    assert event == {
        "version": "2.0",
        "routeKey": "ANY /echo/{name}",
        "rawPath": "/echo/a bü",
        "rawQueryString": "q=1&q=two&empty=&spaced=a%20b",
        "cookies": ["one=1", "two=2"],
        "queryStringParameters": {"q": "1,two", "empty": "", "spaced": "a b"},
        "pathParameters": {"name": "a bü"},
        "body": '{"said":"ü"}',
        "isBase64Encoded": False,
    }
    assert context.pop("requestId") == response.headers["apigw-requestid"]
    assert set(context) >= {"time", "timeEpoch"}
    assert (context.pop("time")[-6:], context.pop("timeEpoch") > 1_700_000_000_000) == (" +0000", True)
    assert context == {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": "127.0.0.1",
        "domainPrefix": "127",
        "http": {
            "method": "POST",
            "path": "/echo/a bü",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test",
        },
        "routeKey": "ANY /echo/{name}",
        "stage": "$default",
    }
    assert headers["host"] == host
    assert headers["content-type"] == "application/json"
    assert [part.strip() for part in headers["x-twice"].split(",")] == ["1", "2"]
    assert "cookie" not in headers


def test_what_is_not_there_is_not_in_the_event(sample: Sample) -> None:
    event = sample.http.get("/echo/a").json()
    assert not {"body", "cookies", "queryStringParameters"} & set(event)
    assert "authorizer" not in event["requestContext"]


def test_the_school_of_a_subdomain_is_in_the_domain_name(sample: Sample) -> None:
    context = sample.http.get("/echo/a", headers={"Host": "aurora.localhost:8000"}).json()["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == ("aurora.localhost", "aurora")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/octet-stream", b"\x00\xff"),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("text/csv", b"\xff"),
    ],
)
def test_a_body_that_is_not_text_travels_as_base64(sample: Sample, kind: str, body: bytes) -> None:
    event = sample.http.post("/echo/a", content=body, headers={"content-type": kind}).json()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


def test_the_claims_of_a_good_token_reach_the_function_as_text(sample: Sample) -> None:
    headers = token(sample, email="ana@example.com", roles=["a", "b"], verified=True, level=3)
    found = sample.http.get("/me", headers=headers).json()["requestContext"]["authorizer"]["jwt"]
    assert found["scopes"] is None
    wanted = {"sub": "ana", "email": "ana@example.com", "roles": "[a b]", "verified": "true", "level": "3"}
    assert wanted.items() <= found["claims"].items()
    assert all(isinstance(value, str) for value in found["claims"].values())


def test_discovery_leads_to_the_key_that_signed(sample: Sample) -> None:
    issuer = sample.stack.foundation.issuer
    document = sample.http.get("/_local/issuer/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(sample.http.get(document["jwks_uri"]).json())
    claims = jwt.decode(
        issuer.token({"sub": "ana"}), keys.keys[0], audience=issuer.audience, issuer=document["issuer"]
    )
    assert claims["sub"] == "ana"


def test_status_headers_cookies_and_binary_bodies_come_through(sample: Sample) -> None:
    answer = {
        "statusCode": 201,
        "headers": {"Content-Type": "image/gif", "X-Flag": True},
        "cookies": ["a=1; HttpOnly", "b=2"],
        "body": base64.b64encode(b"GIF\x00").decode(),
        "isBase64Encoded": True,
    }
    response = say(sample, answer)
    assert (response.status_code, response.content) == (201, b"GIF\x00")
    assert response.headers["content-type"] == "image/gif"
    assert response.headers["x-flag"] == "true"
    assert response.headers.get_list("set-cookie") == ["a=1; HttpOnly", "b=2"]


@pytest.mark.parametrize("answer", [{"said": 1}, ["a"], None])
def test_an_answer_without_a_status_is_the_body_of_a_200(sample: Sample, answer: Any) -> None:
    response = say(sample, answer)
    assert (response.status_code, response.json()) == (200, answer)
    assert response.headers["content-type"] == "application/json"


def test_a_preflight_is_answered_by_the_gateway_itself(sample: Sample) -> None:
    ask = {"Origin": "https://school.example", "Access-Control-Request-Method": "POST"}
    response = sample.http.options("/nowhere", headers=ask)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "https://school.example"
    assert response.headers["access-control-allow-methods"] == "GET,POST"
    assert response.headers["access-control-max-age"] == "60"


def test_a_foreign_origin_gets_no_cors_headers_even_if_the_function_sends_some(sample: Sample) -> None:
    answer = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}, "body": ""}
    response = sample.http.post("/say", json=answer, headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in response.headers


def test_connections_are_kept_alive(sample: Sample) -> None:
    assert "close" not in json.dumps(dict(sample.http.get("/echo/a").headers)).lower()
