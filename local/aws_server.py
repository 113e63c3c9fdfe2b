"""The AWS services of one run: moto's server in a process of its own.

Own process, because moto keeps its state in globals (two runs would see each other's queues) and so
that a busy queue does not slow down the gateway. Its argument is the descriptor of a listening socket;
it reads one JSON line {"keys": {id: base64}, "sender"} from stdin, writes «ready» to stdout, and ends
when stdin does: when whoever started it is gone.
"""

import base64
import itertools
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import moto.s3.notifications as s3_notifications
import moto.ses.models as ses_models
from moto.kms.models import kms_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.ses.models import RawMessage, ses_backends
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACCOUNT_ID = os.environ["AWS_ACCOUNT_ID"]
REGION = os.environ["AWS_REGION"]

# Strictly growing, as S3's are for the puts of one key.
SEQUENCE = itertools.count(time.time_ns())
MOTO_S3_EVENT = s3_notifications._get_s3_event


def stamped(*args: Any) -> RawMessage:
    """moto forgets when a mail was sent."""
    message = RawMessage(*args)
    vars(message)["sent_at"] = datetime.now(UTC).isoformat()
    return message


class Handler(MotoRequestHandler):
    # Head and body leave in two writes: with Nagle's algorithm the second waits for an ACK, 40 ms.
    disable_nagle_algorithm = True


def complete_s3_event(*args: Any) -> dict[str, Any]:
    """moto's event with what S3 also says; structure: «Event message structure», S3 User Guide."""
    event = MOTO_S3_EVENT(*args)
    for record in event["Records"]:
        identity = {"principalId": f"AWS:{ACCOUNT_ID}"}
        record["userIdentity"] = identity
        record["requestParameters"] = {"sourceIPAddress": "127.0.0.1"}
        record["responseElements"] = {"x-amz-request-id": "LOCAL", "x-amz-id-2": "LOCAL"}
        record["s3"]["bucket"]["ownerIdentity"] = identity
        record["s3"]["object"]["sequencer"] = f"{next(SEQUENCE):018X}"
    return event


def import_keys(keys: Mapping[str, str]) -> None:
    """KMS keys with the material of earlier runs: the database keeps what was sealed with them."""
    backend = kms_backends[ACCOUNT_ID][REGION]
    for key_id, material in keys.items():
        key = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
        del backend.keys[key.id]
        key.arn = key.arn.replace(key.id, key_id)
        key.id, key.key_material = key_id, base64.b64decode(material)
        backend.keys[key_id] = key


def sent_mails() -> list[dict[str, Any]]:
    messages = ses_backends[ACCOUNT_ID][REGION].sent_messages
    return [
        {
            "sentAt": vars(message)["sent_at"],
            "recipients": message.destinations,
            "raw": message.raw_data,
        }
        for message in messages
        if isinstance(message, RawMessage)
    ]


def with_additions(services: "WSGIApplication") -> "WSGIApplication":
    """`GET /_mails`, a call of ours and not one of AWS; and preflights, which moto takes for uploads."""

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "OPTIONS":
            start_response("204 No Content", preflight_headers(environ))
            return []
        if environ["PATH_INFO"] != "/_mails":
            return services(environ, start_response)
        body = json.dumps(sent_mails()).encode()
        start_response("200 OK", [("content-type", "application/json"), ("content-length", str(len(body)))])
        return [body]

    return application


def preflight_headers(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
    return [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "DELETE, GET, HEAD, POST, PUT"),
        ("access-control-allow-headers", environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "*")),
    ]


def main() -> None:
    wanted = json.loads(sys.stdin.readline())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    # Both are looked up in their modules at every call.
    vars(s3_notifications)["_get_s3_event"] = complete_s3_event
    vars(ses_models)["RawMessage"] = stamped
    import_keys(wanted["keys"])
    ses_backends[ACCOUNT_ID][REGION].verify_email_address(wanted["sender"])
    services = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1",
        0,
        with_additions(services),
        threaded=True,
        request_handler=Handler,
        fd=int(sys.argv[1]),
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    # Requests that wait for messages would hold up an orderly end.
    os._exit(0)


if __name__ == "__main__":
    main()
