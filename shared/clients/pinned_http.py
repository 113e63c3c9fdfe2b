"""One bounded call to an address that was checked: no redirects, no proxies, no endless answers."""

import io
import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

from shared.clients.public_hosts import Destination

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
WHOLE_CALL_SECONDS = 20.0
LARGEST_BODY = 5 * 1024 * 1024
CHUNK = 64 * 1024

GZIP = zlib.MAX_WBITS | 16


class CallFailed(Exception):
    """No whole answer came. `code` is `timeout`, `unreachable`, `broken_answer` or `answer_too_large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """`body` is decompressed; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Question:
    """`target` is path and query; `body` is sent as it is."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


def get(
    destination: Destination,
    addresses: Sequence[str],
    target: str,
    headers: Mapping[str, str],
    *,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """GET `target` (path and query). As `call`."""
    return call(destination, addresses, Question("GET", target, headers), tls=tls)


def call(
    destination: Destination,
    addresses: Sequence[str],
    question: Question,
    *,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Ask `destination` at the first of `addresses` that lets us in.

    3 s to connect, 10 s for a read, 20 s for all of it, 5 MiB of body. Raises CallFailed.
    """
    deadline = Deadline(WHOLE_CALL_SECONDS)
    with _failures():
        raw = _connected(destination, addresses, tls or system_tls(), deadline)
        with closing(raw):
            connection = _PinnedConnection(destination, raw, deadline)
            asked = {**question.headers, "Host": destination.authority, "Accept-Encoding": "gzip"}
            connection.request(question.method, question.target, question.body or None, asked)
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, _body(response))


@cache
def system_tls() -> ssl.SSLContext:
    """TLS that checks chain and name; made once, because reading the roots takes a while."""
    return ssl.create_default_context()


class Deadline:
    """A moment after which waiting ends."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def within(self, seconds: float) -> float:
        """How long to wait at most, when `seconds` are allowed at a time. Raises TimeoutError."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, seconds)


class _TimedReader(io.RawIOBase):
    """Reads that end at the deadline, also when the other side sends one byte at a time."""

    def __init__(self, raw: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._raw.settimeout(self._deadline.within(READ_SECONDS))
        return self._raw.recv_into(buffer)


class _TimedSocket:
    """What http.client asks of a socket."""

    def __init__(self, raw: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._raw.settimeout(self._deadline.within(READ_SECONDS))
        self._raw.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._raw, self._deadline))

    def close(self) -> None:
        """http.client lets go of a connection before its last answer is read; the caller closes it."""


class _PinnedConnection(HTTPConnection):
    """A conversation over a socket that is already where it should be."""

    auto_open = 0

    def __init__(self, destination: Destination, raw: socket.socket, deadline: Deadline) -> None:
        super().__init__(destination.host, destination.port)
        self.sock = cast(socket.socket, _TimedSocket(raw, deadline))


def _connected(
    destination: Destination, addresses: Sequence[str], tls: ssl.SSLContext, deadline: Deadline
) -> socket.socket:
    failure: OSError = OSError("no address")
    for address in addresses:
        try:
            wait = deadline.within(CONNECT_SECONDS)
            raw = socket.create_connection((address, destination.port), timeout=wait)
            return _secured(raw, destination.host, tls) if destination.secure else raw
        except OSError as error:
            failure = error
    raise failure


def _secured(raw: socket.socket, host: str, tls: ssl.SSLContext) -> socket.socket:
    try:
        return tls.wrap_socket(raw, server_hostname=host)
    except BaseException:
        raw.close()
        raise


def _body(response: HTTPResponse) -> bytes:
    unpack = _unpacker(response.headers.get("Content-Encoding", "identity"))
    body = bytearray()
    while chunk := response.read1(CHUNK):
        body += unpack.decompress(chunk, LARGEST_BODY + 1 - len(body)) if unpack else chunk
        if len(body) > LARGEST_BODY:
            raise CallFailed("answer_too_large")
    cut_short = bool(response.length) or (unpack is not None and not unpack.eof)
    if cut_short:
        raise CallFailed("broken_answer")
    return bytes(body)


def _unpacker(encoding: str) -> "zlib._Decompress | None":
    if encoding == "identity":
        return None
    if encoding != "gzip":
        raise CallFailed("broken_answer")
    return zlib.decompressobj(GZIP)


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise CallFailed("timeout") from error
    except OSError as error:
        raise CallFailed("unreachable") from error
    except (HTTPException, zlib.error) as error:
        raise CallFailed("broken_answer") from error
