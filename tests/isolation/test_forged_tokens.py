"""Tokens that were made with what everybody knows, and tokens that say more than their bearer is."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from local.authorizer import Unauthorized, authorized
from local.issuer import KEY_ID, Issuer
from local.template_models import JwtConfiguration
from shared.edge.staff_of import email_of
from shared.errors import Unauthorized as Unknown
from tests.conftest import Load
from tests.functions import API_HOST, STANDARD_CLAIMS, Api, LambdaContext, http_event
from tests.schools import School, make_school

CONFIGURATION = JwtConfiguration(issuer="https://issuer.test", audience=["booking"])
SPKI = PublicFormat.SubjectPublicKeyInfo


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    return Issuer(CONFIGURATION.issuer, CONFIGURATION.audience[0], key)


def claims(issuer: Issuer, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"sub": "ana", "iss": issuer.url, "aud": issuer.audience, "iat": now, "exp": now + 60, **more}


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def signed_by_hmac(issuer: Issuer, secret: bytes, **header: Any) -> str:
    """By hand: a library that is any good refuses to."""
    head = encoded({"alg": "HS256", "typ": "JWT", "kid": KEY_ID, **header})
    said = f"{head}.{encoded(claims(issuer))}"
    signature = base64.urlsafe_b64encode(hmac.digest(secret, said.encode(), "sha256")).rstrip(b"=")
    return f"{said}.{signature.decode()}"


def public_forms(issuer: Issuer) -> dict[str, bytes]:
    """The public key, in every form that somebody might have taken for a secret."""
    public = issuer.key.public_key()
    pem, pkcs1 = (
        public.public_bytes(Encoding.PEM, SPKI),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    )
    return {
        "pem": pem,
        "pem without its last line end": pem.rstrip(b"\n"),
        "pkcs1": pkcs1,
        "der": public.public_bytes(Encoding.DER, SPKI),
        "jwk": json.dumps(issuer.jwks()["keys"][0]).encode(),
        "modulus": issuer.jwks()["keys"][0]["n"].encode(),
        "nothing": b"",
    }


def is_let_in(token: str, issuer: Issuer) -> bool:
    try:
        authorized(f"Bearer {token}", CONFIGURATION, [], issuer)
    except Unauthorized:
        return False
    return True


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"])
def test_the_public_key_is_no_secret_to_sign_with(issuer: Issuer, algorithm: str) -> None:
    forged = {
        name: signed_by_hmac(issuer, form, alg=algorithm) for name, form in public_forms(issuer).items()
    }
    assert [name for name, token in forged.items() if is_let_in(token, issuer)] == []


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
def test_a_token_without_a_signature_is_none(issuer: Issuer, algorithm: str) -> None:
    said = f"{encoded({'alg': algorithm, 'kid': KEY_ID})}.{encoded(claims(issuer))}"
    genuine = issuer.token(claims(issuer)).rpartition(".")[2]
    assert [end for end in ("", genuine) if is_let_in(f"{said}.{end}", issuer)] == []


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c"])
def test_a_token_does_not_bring_the_key_that_checks_it(issuer: Issuer, header: str) -> None:
    own = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    jwk = json.loads(RSAAlgorithm.to_jwk(own.public_key()))
    brought = {"jwk": jwk, "x5c": [jwk["n"]]}.get(header, "https://elsewhere.test/jwks.json")
    forged = jwt.encode(claims(issuer), own, "RS256", headers={"kid": KEY_ID, header: brought})
    assert not is_let_in(forged, issuer)


@pytest.mark.parametrize(
    "said",
    [
        {"aud": None},
        {"aud": []},
        {"aud": ["another"]},
        {"aud": "booking-staging"},
        {"aud": "another", "client_id": "booking"},
        {"iss": "https://issuer.test/"},
        {"iss": "https://issuer.test.elsewhere.test"},
        {"iss": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)
def test_a_signed_token_of_another_place_or_time_is_refused(issuer: Issuer, said: dict[str, Any]) -> None:
    payload = {name: value for name, value in claims(issuer, **said).items() if value is not None}
    token = jwt.PyJWS().encode(json.dumps(payload).encode(), issuer.key, "RS256", headers={"kid": KEY_ID})
    assert not is_let_in(token, issuer)


def test_a_token_whose_claims_were_changed_is_refused(issuer: Issuer) -> None:
    header, _, signature = issuer.token(claims(issuer)).split(".")
    assert not is_let_in(
        f"{header}.{encoded(claims(issuer, email='root@platform.test'))}.{signature}", issuer
    )


@pytest.mark.parametrize("kid", [None, "", "another", "../local", "local\x00", "local' OR '1'='1"])
def test_a_token_names_the_key_that_signed_it(issuer: Issuer, kid: str | None) -> None:
    headers = {} if kid is None else {"kid": kid}
    assert not is_let_in(jwt.encode(claims(issuer), issuer.key, "RS256", headers=headers), issuer)


def test_a_token_of_another_key_under_the_issuers_name_for_its_own_is_refused(issuer: Issuer) -> None:
    own = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    assert not is_let_in(jwt.encode(claims(issuer), own, "RS256", headers={"kid": KEY_ID}), issuer)


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "..", "a.b.c.d.e", "\xff", "Bearer a.b.c", "x" * 100_000]
)
def test_what_is_no_token_is_refused(issuer: Issuer, token: str) -> None:
    assert not is_let_in(token, issuer)


def test_the_issuers_own_token_is_let_in(issuer: Issuer) -> None:
    assert is_let_in(issuer.token({"sub": "ana"}), issuer)


@pytest.fixture
def admin_api(load: Load) -> Iterator[Api]:
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Api(function)
    function.close()


@pytest.mark.parametrize(
    "said",
    [
        {"iss": None},
        {"iss": ""},
        {"iss": "https://issuer.test/"},
        {"iss": "https://issuer.test.elsewhere.test"},
        {"aud": None},
        {"aud": ""},
        {"aud": "another"},
        {"aud": "booking-staging"},
        {"aud": "[another booking-staging]"},
        {"aud": "another", "client_id": "booking"},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": "nan"},
        {"exp": "1"},
        {"nbf": "4000000000"},
        {"nbf": "soon"},
        {"iat": "4000000000"},
    ],
    ids=str,
)
def test_an_event_whose_token_is_of_another_place_or_time_tells_nobodys_name(
    admin_api: Api, school: School, said: dict[str, str | None]
) -> None:
    """Whatever stood before the function, or did not."""
    told = admin_api.get("/v1/admin/me", claims={"email": school.admin_email, **said})
    assert (told.status, told.code) == (401, "unauthorized")


@pytest.mark.parametrize("put", ["authorizer", "jwt", "lambda", "iam"])
def test_claims_that_another_kind_of_authorizer_would_make_are_none(
    school: School, load: Load, put: str
) -> None:
    claims = {**STANDARD_CLAIMS, "email": school.admin_email}
    contexts = {
        "authorizer": {"claims": claims},
        "jwt": {"jwt": claims},
        "lambda": {"lambda": {"claims": claims}},
        "iam": {"iam": {"claims": claims}},
    }
    event = http_event("GET", "/v1/admin/me", body=None, headers={"x-tenant": "aurora"}, host=API_HOST)
    event["requestContext"]["authorizer"] = contexts[put]
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    assert function(event)["statusCode"] == 401
    function.close()


@pytest.mark.parametrize(
    "said",
    [
        {"aud": "[another booking]"},
        {"aud": None, "client_id": "booking"},
        {"exp": "4.1E9"},
        {"iat": "1", "nbf": "1"},
    ],
    ids=str,
)
def test_a_token_is_believed_in_every_form_that_the_gateway_gives_it(
    admin_api: Api, school: School, said: dict[str, str | None]
) -> None:
    assert admin_api.get("/v1/admin/me", claims={"email": school.admin_email, **said}).status == 200


def test_a_function_without_a_rule_for_tokens_knows_nobody(school: School, load: Load) -> None:
    function = load("booking_api")
    event = http_event(
        "GET", "/v1/admin/me", body=None, headers={}, host=API_HOST, claims={"email": school.admin_email}
    )
    app = function.module.app
    app.resolve(event, LambdaContext())
    with pytest.raises(Unknown):
        email_of(app)
    function.close()


CLAIMED = {
    "role": "SUPER_ADMIN",
    "roles": "[SUPER_ADMIN TENANT_ADMIN]",
    "tenantRole": "TENANT_ADMIN",
    "tenant_role": "TENANT_ADMIN",
    "custom:role": "TENANT_ADMIN",
    "cognito:groups": "[admins]",
    "scope": "admin platform",
    "tenantId": "1",
    "tenant": "aurora",
}


@pytest.mark.parametrize("claim", CLAIMED)
def test_a_teacher_is_no_admin_whatever_the_token_claims(admin_api: Api, school: School, claim: str) -> None:
    asked = {"eventTypeId": school.lesson_id, "mode": "merge"}
    told = admin_api.post(
        "/v1/admin/whitelist-imports",
        asked,
        claims={"email": "teacher1@aurora.test", claim: CLAIMED[claim]},
    )
    assert (told.status, told.code) == (403, "forbidden")
    assert school.database.value('SELECT count(*) FROM "WhitelistImport"') == 0


@pytest.mark.parametrize("claim", CLAIMED)
def test_another_schools_admin_is_nobody_here_whatever_the_token_claims(
    admin_api: Api, school: School, claim: str
) -> None:
    lotus = make_school(school.database, "lotus")
    told = admin_api.get("/v1/admin/me", claims={"email": lotus.admin_email, claim: CLAIMED[claim]})
    assert (told.status, told.code) == (403, "forbidden")


@pytest.mark.parametrize(
    "email",
    [
        "[admin@aurora.test]",
        "[nobody@aurora.test admin@aurora.test]",
        "admin@aurora.test,nobody@aurora.test",
        "admin@aurora.test\x00",
        "admin@aurora.test%",
        "%@aurora.test",
        "_dmin@aurora.test",
        "adm\u0131n@aurora.test",
        "ADM\u0130N@aurora.test",
        "\uff41dmin@aurora.test",
        "<admin@aurora.test>",
        "' OR 1=1 --",
    ],
)
def test_an_address_that_only_looks_like_an_admins_is_nobodys(
    admin_api: Api, school: School, email: str
) -> None:
    told = admin_api.get("/v1/admin/me", claims={"email": email})
    assert (told.status, told.code) in ((401, "unauthorized"), (403, "forbidden"))


@pytest.mark.parametrize("member", ["tenantId", "tenant", "role", "tenantRole", "createdBy"])
def test_a_body_names_neither_a_school_nor_a_role(admin_api: Api, school: School, member: str) -> None:
    asked = {"eventTypeId": school.lesson_id, "mode": "merge", member: "SUPER_ADMIN"}
    told = admin_api.post("/v1/admin/whitelist-imports", asked, claims={"email": school.admin_email})
    assert (told.status, told.code) == (422, "invalid_request")
