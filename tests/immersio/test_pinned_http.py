"""The connection goes where it was checked to lead, and ends when it takes too long."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.clients import pinned_http
from shared.clients.pinned_http import CallFailed, get
from shared.clients.public_hosts import Destination

NAME = "school.immersio.com"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"

Conversation = Callable[[socket.socket], None]


@contextmanager
def listening(conversation: Conversation) -> Iterator[int]:
    """A server for one connection on loopback; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with listener.accept()[0] as connection:
                conversation(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join()


def answering(answer: bytes, asked: list[bytes]) -> Conversation:
    def conversation(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(answer)

    return conversation


def plain(port: int) -> Destination:
    return Destination("127.0.0.1", port, secure=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of NAME by itself, with its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def over_tls(certificate: Path, names: list[str | None], conversation: Conversation) -> Conversation:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: names.append(name)

    def secured(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as inner:
                conversation(inner)
        except ssl.SSLError:
            # The client does not trust us, as it should.
            return

    return secured


@pytest.mark.parametrize("host", ["other.immersio.com", "127.0.0.1"])
def test_a_server_that_cannot_prove_its_name_is_not_talked_to(certificate: Path, host: str) -> None:
    asked: list[bytes] = []
    trusting = ssl.create_default_context(cafile=str(certificate))
    with (
        listening(over_tls(certificate, [], answering(OK, asked))) as port,
        pytest.raises(CallFailed, match="unreachable"),
    ):
        get(Destination(host, port), ["127.0.0.1"], "/", {}, tls=trusting)
    assert asked == []


def test_a_chain_that_nobody_vouches_for_is_not_talked_to(certificate: Path) -> None:
    asked: list[bytes] = []
    with (
        listening(over_tls(certificate, [], answering(OK, asked))) as port,
        pytest.raises(CallFailed, match="unreachable"),
    ):
        get(Destination(NAME, port), ["127.0.0.1"], "/", {})
    assert asked == []


def test_a_server_that_sends_byte_by_byte_is_left_when_the_call_has_taken_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pinned_http, "WHOLE_CALL_SECONDS", 0.3)

    def dripping(connection: socket.socket) -> None:
        connection.recv(65536)
        pause = threading.Event()
        try:
            for _ in range(1_000):
                connection.sendall(b"H")
                pause.wait(0.01)
        except OSError:
            # It has left, as it should.
            return
        pytest.fail("the client stayed to the end")

    with listening(dripping) as port, pytest.raises(CallFailed, match="timeout"):
        get(plain(port), ["127.0.0.1"], "/", {})


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned_http, "READ_SECONDS", 0.1)

    def silent(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with listening(silent) as port, pytest.raises(CallFailed, match="timeout"):
        get(plain(port), ["127.0.0.1"], "/", {})


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000,
        OK + b"Content-Length: 10\r\n\r\nshort",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\nno length\r\n",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        OK + b"Content-Encoding: br\r\nContent-Length: 4\r\n\r\nabcd",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_whole_is_no_answer(answer: bytes) -> None:
    with (
        listening(answering(answer, [])) as port,
        pytest.raises(CallFailed, match=r"broken_answer|unreachable"),
    ):
        get(plain(port), ["127.0.0.1"], "/", {})


def test_an_answer_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned_http, "LARGEST_BODY", 1_000)
    with (
        listening(answering(OK + b"\r\n" + b"x" * 1_001, [])) as port,
        pytest.raises(CallFailed, match="answer_too_large"),
    ):
        get(plain(port), ["127.0.0.1"], "/", {})


def test_the_name_is_what_is_asked_for_and_the_address_is_where(certificate: Path) -> None:
    """The name resolves to nothing here: only the given address can have been called."""
    asked: list[bytes] = []
    names: list[str | None] = []
    trusting = ssl.create_default_context(cafile=str(certificate))
    whole = OK + b"Content-Length: 5\r\n\r\nwhole"
    with listening(over_tls(certificate, names, answering(whole, asked))) as port:
        answer = get(Destination(NAME, port), ["127.0.0.1"], "/v1/ping?a=b", {"X-Api-Key": "k"}, tls=trusting)
    assert (answer.status, answer.body) == (200, b"whole")
    assert names == [NAME]
    assert asked[0].startswith(b"GET /v1/ping?a=b HTTP/1.1\r\n")
    assert b"\r\nHost: school.immersio.com\r\n" in asked[0]


def test_the_next_address_is_tried_when_one_does_not_let_us_in() -> None:
    with listening(answering(OK + b"\r\nhere", [])) as port:
        # Nothing listens on 127.0.0.2 at a port that was just given out on 127.0.0.1.
        assert get(plain(port), ["127.0.0.2", "127.0.0.1"], "/", {}).body == b"here"
