"""The connection to Postgres: verified TLS, IAM tokens, and one tenant a transaction."""

import os
import random
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from pg8000.exceptions import Error as DriverError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from shared.errors import TryAgain
from shared.one_flush import OneFlushConnection, Statement

Result = TypeVar("Result")

# The tenant of the transaction as the policies read it, for statements that name it too.
CURRENT_TENANT = "NULLIF(current_setting('app.current_tenant_id', true), '')::int"

LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_AND_READ_SECONDS = 30
# A connection that rested longer may have been cut by the network or by a frozen function.
TRUSTED_IDLE_SECONDS = 30.0
ATTEMPTS = 4

SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
LOCK_NOT_AVAILABLE, QUERY_CANCELED, TOO_MANY_CONNECTIONS = "55P03", "57014", "53300"
UNIQUE_VIOLATION, EXCLUSION_VIOLATION, FOREIGN_KEY_VIOLATION = "23505", "23P01", "23503"


def connect_database(database_url: str, *, patience: int = CONNECT_AND_READ_SECONDS) -> Engine:
    """An engine for one Lambda execution environment: a single connection, made at its first use.

    `database_url` is `postgresql://user[:password]@host:port/name[?sslrootcert=file]`; without a password
    PGPASSWORD is taken, as libpq does, and on a host that is not loopback an IAM token. `patience` is how
    many seconds the server may say nothing.
    """
    url = make_url(database_url)
    engine = create_engine(
        driver_url(database_url),
        creator=lambda: OneFlushConnection(**{**connection_arguments(url), "timeout": patience}),
        pool_size=1,
        max_overflow=0,
        pool_timeout=5,
    )
    event.listen(engine, "handle_error", _forget_unless_the_server_spoke)
    event.listen(engine, "checkin", _remember_when)
    event.listen(engine, "checkout", _ping_when_rested)
    return engine


def driver_url(database_url: str) -> URL:
    """The same address for SQLAlchemy's pg8000 dialect; what the query says is for `connection_arguments`."""
    return make_url(database_url).set(drivername="postgresql+pg8000", query={})


def connection_arguments(url: URL) -> dict[str, Any]:
    """pg8000's arguments for `url`; TLS is verified everywhere but on loopback."""
    host, port, user = url.host or "127.0.0.1", url.port or 5432, url.username or ""
    remote = host not in LOOPBACK
    password = url.password or os.environ.get("PGPASSWORD")
    return {
        "user": user,
        "password": password or (iam_token(user, host, port) if remote else None),
        "host": host,
        "port": port,
        "database": url.database,
        "ssl_context": verified_tls(str(url.query.get("sslrootcert") or "")) if remote else False,
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


def opening(tenant: str, *values: Any) -> Statement:
    """Opens a transaction that sees the tenant whose id the SQL `tenant` gives, and nobody for NULL."""
    return f"SELECT set_config('app.current_tenant_id', coalesce({tenant}::text, ''), true)", values


def of_tenant(tenant_id: int) -> Statement:
    """Opens a transaction that sees one tenant's rows."""
    return opening("$1", str(tenant_id))


def in_tenant(engine: Engine, opening: Statement, work: Callable[[Connection], Result]) -> Result:
    """Run `work` in one transaction, which begins with `opening` and is committed when it returns.

    A deadlock, and a `TryAgain` of the work itself, roll it back and run it anew; nothing that `work`
    does may therefore leave the database.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(engine, opening, work)
        except (DBAPIError, TryAgain) as error:
            if attempt == ATTEMPTS or not _is_transient(error):
                raise
            time.sleep(random.uniform(0.005, 0.02) * attempt)  # noqa: S311  # jitter is no secret
    raise AssertionError("the last attempt returns or raises")


def in_platform(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run `work` in one transaction that sees every tenant; the engine's role must be allowed to."""
    return in_tenant(engine, ("SELECT 1", ()), work)


def call(connection: Connection, statement: str, *values: Any, last: bool = False) -> list[list[Any]]:
    """Run one statement ($1, $2 …) without what SQLAlchemy does around it, and return its rows.

    For the hot paths only. The `last` one of a transaction takes the commit along: the work may do nothing
    more in the database after it. Errors are those of `Connection.execute`.
    """
    raw = _raw(connection)
    try:
        rows: list[list[Any]] | None = raw.run(statement, values, last=last).rows
    except BaseException as error:
        if raw.is_closed:
            connection.invalidate(error)
        if isinstance(error, DriverError):
            raise DBAPIError(None, None, error, connection_invalidated=raw.is_closed) from error
        raise
    return rows or []


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE the server gave, or None when the error is not the server's."""
    told = getattr(error, "orig", error)
    fields = told.args[0] if told is not None and told.args else None
    return fields.get("C") if isinstance(fields, dict) else None


def constraint_of(error: BaseException) -> str:
    """The name of the constraint that the server says was violated, or empty."""
    told = getattr(error, "orig", error)
    fields = told.args[0] if told is not None and told.args else None
    return str(fields.get("n", "")) if isinstance(fields, dict) else ""


def round_trips(connection: Connection) -> int:
    """How often this connection has waited for the server since it was made."""
    return _raw(connection).round_trips


def _attempt(engine: Engine, opening: Statement, work: Callable[[Connection], Result]) -> Result:
    with engine.connect() as connection:
        _raw(connection).open_with(*opening)
        with connection.begin():
            return work(connection)


def _is_transient(error: Exception) -> bool:
    return isinstance(error, TryAgain) or sqlstate(error) in (SERIALIZATION_FAILURE, DEADLOCK)


def _raw(connection: Connection) -> OneFlushConnection:
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, OneFlushConnection):
        raise TypeError("the engine was not made by connect_database")
    return raw


def _forget_unless_the_server_spoke(context: ExceptionContext) -> None:
    """Whatever broke without a SQLSTATE may have broken the conversation: the connection is given up."""
    if sqlstate(context.original_exception) is None:
        context.is_disconnect = True


def _remember_when(_: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["rests_since"] = time.time()


def _ping_when_rested(raw: DBAPIConnection, entry: ConnectionPoolEntry, _: object) -> None:
    if time.time() - entry.info.get("rests_since", time.time()) < TRUSTED_IDLE_SECONDS:
        return
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT 1")
        raw.rollback()
    except Exception as error:
        raise DisconnectionError from error
