"""No answer at all: the connection is closed, as when a network breaks."""

import socket
from contextlib import suppress

from werkzeug.wrappers import Request, Response

HUNG_UP = 499


def hang_up(request: Request) -> Response:
    """What is returned goes nowhere: the socket is shut before it.

    WSGI has no word for this. The server hands in a bound method of the connection, which leads to it.
    """
    connection = request.environ["waitress.client_disconnected"].__self__
    connection.socket.shutdown(socket.SHUT_RDWR)
    return Response(status=HUNG_UP)


def reset(request: Request) -> None:
    """The same in the middle of an answer: what was written so far may have arrived."""
    connection = request.environ["waitress.client_disconnected"].__self__
    with suppress(OSError):
        connection.socket.shutdown(socket.SHUT_RDWR)
