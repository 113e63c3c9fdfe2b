"""One execution environment of a function: started as a script, one event at a time, as Lambda does.

Arguments: the descriptor of a socket, the folder of the function's code, the folder above shared/, and
the handler as `module.attribute`. Messages are JSON with their length before them (4 bytes, big endian):
{} says that the handler is ready, then {event, requestId, deadline, traceId, arn} comes in and
{payload} or {error} goes out. Standard library only: what a function imports is its own affair.
"""

import importlib
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Handler = Callable[[Any, "Context"], Any]

# Lambda's limit on an answer, in bytes.
LARGEST_PAYLOAD = 6_291_556


@dataclass(frozen=True)
class Context:
    """What Lambda hands to a handler beside the event; `deadline` in seconds since the epoch."""

    aws_request_id: str
    invoked_function_arn: str
    deadline: float
    function_name: str = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    function_version: str = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
    memory_limit_in_mb: str = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    log_group_name: str = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
    log_stream_name: str = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.time()) * 1000))


def main() -> None:
    descriptor, code, root, handler = sys.argv[1:]
    sys.path[:0] = [code, root]
    os.chdir(code)
    with socket.socket(fileno=int(descriptor)) as channel:
        # Programs that a handler starts must not hold the channel open.
        channel.set_inheritable(False)
        try:
            function = load(handler)
        except Exception as error:  # noqa: BLE001  (Lambda tells the caller whatever it was)
            send(channel, json.dumps({"error": init_error(handler, error)}))
            return
        send(channel, "{}")
        serve(channel, function)


def load(handler: str) -> Handler:
    module, attribute = handler.split(".")
    function: Handler = getattr(importlib.import_module(module), attribute)
    return function


def serve(channel: socket.socket, function: Handler) -> None:
    while (message := receive(channel)) is not None:
        os.environ["_X_AMZN_TRACE_ID"] = message["traceId"]
        context = Context(message["requestId"], message["arn"], message["deadline"])
        send(channel, answer(function, message["event"], context))
        sys.stdout.flush()


def answer(function: Handler, event: Any, context: Context) -> str:
    try:
        result = function(event, context)
    except Exception as error:  # noqa: BLE001  (as above)
        return json.dumps({"error": described(error)})
    try:
        payload = json.dumps(result)
    except (TypeError, ValueError) as error:
        return refusal("Runtime.MarshalError", f"Unable to marshal response: {error}")
    if len(payload) > LARGEST_PAYLOAD:
        return refusal(
            "Function.ResponseSizeTooLarge",
            f"Response payload size exceeded maximum allowed payload size ({LARGEST_PAYLOAD} bytes).",
        )
    return f'{{"payload": {payload}}}'


def refusal(kind: str, message: str) -> str:
    return json.dumps({"error": {"errorMessage": message, "errorType": kind, "stackTrace": []}})


def described(error: Exception) -> dict[str, Any]:
    traceback.print_exception(error)
    frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": frames}


def init_error(handler: str, error: Exception) -> dict[str, Any]:
    found = described(error)
    if not isinstance(error, (ImportError, SyntaxError)):
        return found
    module = handler.split(".", maxsplit=1)[0]
    kind = "ImportModuleError" if isinstance(error, ImportError) else "UserCodeSyntaxError"
    message = f"Unable to import module '{module}': {error}"
    return {**found, "errorMessage": message, "errorType": f"Runtime.{kind}"}


def send(channel: socket.socket, text: str) -> None:
    data = text.encode()
    channel.sendall(len(data).to_bytes(4, "big") + data)


def receive(channel: socket.socket) -> dict[str, Any] | None:
    """None when the other side is gone."""
    header = read(channel, 4)
    if header is None:
        return None
    data = read(channel, int.from_bytes(header, "big"))
    if data is None:
        return None
    message: dict[str, Any] = json.loads(data)
    return message


def read(channel: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        part = channel.recv(size - len(data))
        if not part:
            return None
        data += part
    return bytes(data)


if __name__ == "__main__":
    main()
