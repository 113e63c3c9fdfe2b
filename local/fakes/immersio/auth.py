"""Whether a call to the fake Immersio is signed as the contract says.

Written from the contract and not with the client's own code, so that a mistake there is seen here.
"""

import hashlib
import hmac
import re
import uuid
from urllib.parse import quote, unquote

from werkzeug.wrappers import Request

from local.fakes.immersio.refusals import Refused
from local.fakes.immersio.schools import School
from local.fakes.immersio.world import World

LARGEST_SKEW_SECONDS = 300
NONCES_STAY_SECONDS = 600

_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})")


def caller(request: Request, world: World) -> School:
    """The school that signed the call. Raises Refused with 401."""
    school = world.schools.get(request.headers.get("X-Api-Key", ""))
    if school is None:
        raise Refused(401, "unknown_key")
    stamp, nonce = request.headers.get("X-Timestamp", ""), request.headers.get("X-Nonce", "")
    if not re.fullmatch(r"[0-9]{1,12}", stamp) or not is_uuid4(nonce):
        raise Refused(401, "malformed_signature")
    if not is_signed(request, school, stamp, nonce):
        raise Refused(401, "invalid_signature")
    if abs(world.seconds() - int(stamp)) > LARGEST_SKEW_SECONDS:
        raise Refused(401, "timestamp_skew")
    if not school.see(nonce, world.seconds(), NONCES_STAY_SECONDS):
        raise Refused(401, "replayed")
    return school


def is_signed(request: Request, school: School, stamp: str, nonce: str) -> bool:
    """Several signatures are allowed while a secret is replaced."""
    path, _, query = request.environ["REQUEST_URI"].partition("?")
    if query != sorted_query(query):
        return False
    body = hashlib.sha256(request.get_data()).hexdigest()
    canonical = "\n".join(("v1", request.method, path, query, stamp, nonce, body)).encode()
    given = [
        match[1]
        for part in request.headers.get("X-Signature", "").split(",")
        if (match := _SIGNATURE.fullmatch(part.strip()))
    ]
    expected = [hmac.new(secret.encode(), canonical, "sha256").hexdigest() for secret in school.secrets]
    return any(hmac.compare_digest(one, other) for one in given for other in expected)


def sorted_query(query: str) -> str:
    """The query with only what must be encoded encoded, its pairs sorted."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return "&".join(
        sorted(
            f"{quote(unquote(name), safe='')}={quote(unquote(value), safe='')}" for name, _, value in pairs
        )
    )


def is_uuid4(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4
    except ValueError:
        return False
