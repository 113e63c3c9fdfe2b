"""No answer at all: the connection is closed, as when a network breaks."""

import socket

from werkzeug.wrappers import Request, Response

HUNG_UP = 499


def hang_up(request: Request) -> Response:
    """What is returned goes nowhere: the socket is shut before it.

    WSGI has no word for this. The server hands in a bound method of the connection, which leads to it.
    """
    connection = request.environ["waitress.client_disconnected"].__self__
    connection.socket.shutdown(socket.SHUT_RDWR)
    return Response(status=HUNG_UP)
