"""The OpenID issuer of the staff tokens, for one run: a key, its public half, tokens signed with it."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from local.private_files import read_private, write_private

TOKEN_SECONDS = 12 * 60 * 60
KEY_ID = "local"


@dataclass(frozen=True)
class Issuer:
    """`url` is the token's `iss`, under which discovery answers."""

    url: str
    audience: str
    key: rsa.RSAPrivateKey

    def token(self, claims: Mapping[str, Any]) -> str:
        """A signed token of 12 hours; `claims` win over what the issuer says itself."""
        now = int(time.time())
        standard = {"iss": self.url, "aud": self.audience, "iat": now, "exp": now + TOKEN_SECONDS}
        return jwt.encode({**standard, **claims}, self.key, algorithm="RS256", headers={"kid": KEY_ID})

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks.json",
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
        }

    def jwks(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


def load_issuer(url: str, audience: str, key_file: Path) -> Issuer:
    """The key is made once, so that tokens outlive a restart."""
    pem = read_private(key_file)
    if pem is None:
        made = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        write_private(key_file, pem)
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{key_file} does not hold an RSA key")
    return Issuer(url, audience, key)
