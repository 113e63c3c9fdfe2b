"""How a connection to Postgres is made: verified TLS, IAM tokens. Nothing here needs SQLAlchemy."""

import os
import ssl
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from shared.one_flush import OneFlushConnection

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_AND_READ_SECONDS = 30


def open_connection(database_url: str, *, patience: int = CONNECT_AND_READ_SECONDS) -> OneFlushConnection:
    """A connection to `postgresql://user[:password]@host:port/name[?sslrootcert=file]`.

    `patience` is for how many seconds the server may say nothing.
    """
    return OneFlushConnection(**{**connection_arguments(database_url), "timeout": patience})


def connection_arguments(database_url: str) -> dict[str, Any]:
    """pg8000's arguments; TLS is verified everywhere but on loopback.

    Without a password PGPASSWORD is taken, as libpq does, and on a host that is not loopback an IAM token.
    """
    url = urlsplit(database_url)
    host, port, user = url.hostname or "127.0.0.1", url.port or 5432, unquote(url.username or "")
    remote = host not in LOOPBACK
    password = unquote(url.password or "") or os.environ.get("PGPASSWORD")
    roots = parse_qs(url.query).get("sslrootcert", [""])[-1]
    return {
        "user": user,
        "password": password or (iam_token(user, host, port) if remote else None),
        "host": host,
        "port": port,
        "database": unquote(url.path.removeprefix("/")) or None,
        "ssl_context": verified_tls(roots) if remote else False,
        "timeout": CONNECT_AND_READ_SECONDS,
    }


def verified_tls(roots: str = "") -> ssl.SSLContext:
    """TLS that checks the server's name and chain, by the file `roots` or else the system's own."""
    return ssl.create_default_context(cafile=roots or None)


def iam_token(user: str, host: str, port: int) -> str:
    """A password of 15 minutes for RDS, signed with the function's own credentials.

    What boto3's `generate_db_auth_token` gives, without loading boto3: a booking should not wait for it.
    """
    from botocore.auth import SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.session import get_session

    found = get_session().get_credentials()
    if found is None:
        raise PermissionError("no AWS credentials to sign a database token with")
    request = AWSRequest("GET", f"https://{host}:{port}/", params={"Action": "connect", "DBUser": user})
    SigV4QueryAuth(found.get_frozen_credentials(), "rds-db", os.environ["AWS_REGION"], expires=900).add_auth(
        request
    )
    return str(request.url).removeprefix("https://")
