"""The mails of this run, as a reader would see them."""

from collections.abc import Mapping, Sequence
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any


def read_mails(sent: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Newest first: {from, to, subject, text, html, attachments (names), sentAt (RFC 3339)}."""
    return [read_mail(mail) for mail in reversed(sent)]


def read_mail(mail: Mapping[str, Any]) -> dict[str, Any]:
    message = message_from_string(mail["raw"], policy=default)
    return {
        "from": str(message["From"] or ""),
        "to": sorted(set(mail["recipients"])),
        "subject": str(message["Subject"] or ""),
        "text": part(message, "plain"),
        "html": part(message, "html"),
        "attachments": [one.get_filename() or one.get_content_type() for one in message.iter_attachments()],
        "sentAt": mail["sentAt"],
    }


def part(message: EmailMessage, kind: str) -> str | None:
    body = message.get_body((kind,))
    return None if body is None else str(body.get_content())
