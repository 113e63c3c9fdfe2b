"""An HTTP server in the background of a run, on loopback."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

from local.errors import LocalRunError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# It warns of every request that waits a moment for a thread, on the terminal of whoever runs this.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)

LARGEST_REQUEST = 64 * 1024 * 1024


def listen(port: int = 0) -> socket.socket:
    """On loopback; 0 takes a free port. Callers queue up until somebody serves."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=1024)
    except OSError as error:
        raise LocalRunError(f"port {port} is taken; choose another with PORT=…") from error


def url_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def serving(
    application: "WSGIApplication", listener: socket.socket | None = None, threads: int = 64
) -> Iterator[str]:
    """Yields the server's URL; without a listener it takes a free port. Connections are kept alive."""
    listener = listener or listen()
    connections: dict[int, Any] = {}
    server: Any = create_server(
        application,
        map=connections,
        sockets=[listener],
        threads=threads,
        # Whoever is behind the server says what is too large, in its own words.
        max_request_body_size=LARGEST_REQUEST,
    )
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield url_of(listener)
    finally:
        close_in_its_own_thread(server, connections)
        thread.join(timeout=5)
        server.task_dispatcher.shutdown()


def close_in_its_own_thread(server: Any, connections: dict[int, Any]) -> None:
    """The loop must not find its sockets closed under it, nor its pipe before it has been woken."""
    with server.trigger.lock:
        server.trigger.thunks.append(lambda: wasyncore.close_all(connections, ignore_all=True))
        server.trigger._physical_pull()
