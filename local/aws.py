"""S3, SQS, SES, KMS and their kin for one run, from moto.

Buckets, queues and mails live as long as the run. Only key material is kept, because the database
keeps what was sealed with it.
"""

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import boto3
from botocore.config import Config

from local.errors import LocalRunError
from local.names import ACCOUNT_ID, REGION
from local.private_files import read_private, write_private
from local.web import url_of

SERVER = Path(__file__).with_name("aws_server.py")

# Accepted by moto, worth nothing anywhere else. The files of a person's own AWS account stay unread.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class AwsServices:
    endpoint_url: str

    def client(self, service: str) -> Any:
        """A boto3 client that waits longer than SQS's longest poll."""
        session: Any = boto3.session.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        config = Config(read_timeout=60, proxies={}, signature_version="s3v4" if service == "s3" else None)
        return session.client(service, endpoint_url=self.endpoint_url, config=config)

    def mails(self) -> list[dict[str, Any]]:
        """Oldest first: {sentAt, recipients, raw}."""
        with urlopen(f"{self.endpoint_url}/_mails") as response:  # noqa: S310
            mails: list[dict[str, Any]] = json.load(response)
            return mails


@contextmanager
def aws_services(
    listener: socket.socket, key_ids: Iterable[str], key_file: Path, sender: str, log: Path
) -> Iterator[AwsServices]:
    """A server with these KMS keys, their material from `key_file`, and a verified SES sender."""
    endpoint_url = url_of(listener)
    process = start_server(listener, log)
    try:
        prepare({"keys": key_material(key_ids, key_file), "sender": sender}, process, log)
        yield AwsServices(endpoint_url)
    finally:
        process.kill()
        process.communicate()


def start_server(listener: socket.socket, log: Path) -> "subprocess.Popen[str]":
    with listener, log.open("ab") as stderr:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(SERVER), str(listener.fileno())],
            env={**CREDENTIALS, "PATH": os.defpath, "AWS_ACCOUNT_ID": ACCOUNT_ID, "AWS_REGION": REGION},
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )


def prepare(wanted: Mapping[str, Any], process: "subprocess.Popen[str]", log: Path) -> None:
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()
    if process.stdout.readline() != "ready\n":
        raise LocalRunError(f"the AWS services do not start, see {log}")


def key_material(key_ids: Iterable[str], key_file: Path) -> dict[str, str]:
    """base64 by key id; keys that the file does not know are made and remembered."""
    known: dict[str, str] = json.loads(read_private(key_file) or "{}")
    material = {key_id: known.get(key_id) or new_material() for key_id in key_ids}
    write_private(key_file, json.dumps({**known, **material}))
    return material


def new_material() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
