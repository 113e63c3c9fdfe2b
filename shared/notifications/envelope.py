"""The envelope of every mail: who writes to whom, and what mail programs fold together."""

import re
import unicodedata
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from hashlib import sha256
from typing import Any

from shared.fields import EMAIL

# What would let a school's name pose as an address, or as two.
_SPECIAL = re.compile(r'[<>@,;:"()\[\]\\]')
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)
_LONGEST_NAME = 80
_LONGEST_LINE = 998
_BREAKS = ("Cc", "Zl", "Zp")
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Sender:
    """The verified address that all schools write from, and the domain and port that they live under.

    Answers go to `reply_to`, where a school has said one.
    Any port but 443 is a machine of one's own, which has no certificate.
    """

    address: str
    base_domain: str
    public_port: int = 443
    reply_to: str | None = None

    def url_of(self, host: str) -> str:
        """Where a school's host is reached."""
        return f"https://{host}" if self.public_port == 443 else f"http://{host}:{self.public_port}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of text; `parameters` go into its content type."""

    content: bytes
    subtype: str
    filename: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said: plain and as HTML."""

    subject: str
    text: str
    html: str


def one_line(text: str) -> str:
    """`text` without line breaks, control characters and what turns the direction of reading."""
    kept = (" " if unicodedata.category(c) in _BREAKS else c for c in text if c not in _TURNS)
    return " ".join("".join(kept).split())


class _AsEncoded(EmailPolicy):
    """Writes a header as `Header` encodes it.

    The folding of `EmailPolicy` itself loses and adds spaces in long texts that are not ASCII (Vietnamese
    most of all), and encodes long ids and addresses, which nobody decodes (Python 3.11 to 3.13).
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if isinstance(value, Header):
            return name, value.encode()
        return super().header_store_parse(name, value)


# Mail servers on the way may know nothing but ASCII.
_POLICY = _AsEncoded(cte_type="7bit", linesep="\r\n", refold_source="none")


def compose(
    sender: Sender,
    school: str,
    to: str,
    letter: Letter,
    attachment: Attachment | None,
    *,
    subject_id: str,
    thread_id: str,
) -> EmailMessage:
    """The mail of `school` to `to`; `subject_id` names what it tells, `thread_id` what all of it is about.

    Sent twice it is the same but for the boundaries of its parts. The Message-ID lets mail programs fold
    the two where it arrives; SES puts its own in place of it, so there the References, which SES leaves
    alone, keep them in one conversation, and the attached event has the same UID in both.
    """
    domain = sender.base_domain.partition(":")[0]
    message = EmailMessage(policy=_POLICY)
    message["From"] = _from(sender.address, school)
    message["To"] = _ascii(_only(to))
    if sender.reply_to and EMAIL.fullmatch(sender.reply_to):
        message["Reply-To"] = _ascii(_only(sender.reply_to))
    message["Subject"] = Header(one_line(letter.subject), "utf-8", header_name="Subject")
    message["Message-ID"] = _ascii(f"<booking-{_id(subject_id)}@{domain}>")
    message["References"] = _ascii(f"<booking-{_id(thread_id)}@{domain}>")
    message["Auto-Submitted"] = _ascii("auto-generated")
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if attachment is not None:
        message.add_attachment(
            attachment.content,
            maintype="text",
            subtype=attachment.subtype,
            filename=attachment.filename,
            params=attachment.parameters,
        )
    return message


def _from(address: str, name: str) -> Header:
    header = Header(one_line(_SPECIAL.sub(" ", name))[:_LONGEST_NAME].strip(), "utf-8", header_name="From")
    header.append(_only(address), "us-ascii")
    return header


def _only(address: str) -> str:
    """Raises ValueError for what is not one address, as bookings take them."""
    if not EMAIL.fullmatch(address):
        raise ValueError("not an e-mail address")
    return f"<{address}>"


def _id(name: str) -> str:
    """`name`, or a digest of one that Cal.com or a calendar wrote in other letters."""
    return name if _PLAIN_ID.fullmatch(name) else sha256(name.encode()).hexdigest()


def _ascii(text: str) -> Header:
    return Header(text, "us-ascii", maxlinelen=_LONGEST_LINE)
