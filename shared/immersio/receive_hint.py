"""Immersio says that something has changed: a hint to look there, and never the truth itself."""

import hmac
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from shared.clients.sealing import Sealer
from shared.immersio.errors import HintUnsigned
from shared.immersio.immersio_settings import WEBHOOK
from shared.immersio.position import touch_streams
from shared.payments.errors import EventUnreadable, WebhookEndpointNotFound
from shared.tenant_scope import CURRENT_TENANT

TOLERANCE_SECONDS = 300

_HINT_ID = re.compile(r"[!-~]{1,128}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_DIGEST = re.compile(r"v1=([0-9a-f]{64})", re.ASCII)
# What is told of, and where to look then; a new course has students too.
_STREAMS = {
    "course.created": ["courses", "students"],
    "course.updated": ["courses"],
    "course.deleted": ["courses"],
    "student.enrolled": ["students"],
    "student.unenrolled": ["students"],
    "student.updated": ["students"],
}

_SCHOOL = text(f"""
    SELECT t.id, t."immersioWebhookSecret" AS sealed FROM "Tenant" t WHERE t.id = {CURRENT_TENANT}
""")  # noqa: S608  # only the constant above is put in
# It is handled by being kept: what follows is that the streams are due.
_KEEP = text("""
    INSERT INTO "WebhookEvent" ("tenantId", provider, "eventId", type, payload, "receivedAt", "handledAt")
    VALUES (:tenant, 'IMMERSIO', :id, :type, '{}', CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
            CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
    ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class Hint:
    """One request of Immersio's: the body as it came, the headers X-Webhook-Id, -Timestamp, -Signature."""

    body: bytes
    id: str
    timestamp: str
    signature: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HintReceipt:
    """What may be logged of a hint; `is_new` is false when it had come before."""

    tenant_id: int
    type: str
    is_new: bool


def receive_hint(connection: Connection, sealer: Sealer, hint: Hint) -> HintReceipt:
    """Make the streams due that the hint is about, once; ten thousand hints are one look.

    Raises WebhookEndpointNotFound, HintUnsigned, EventUnreadable, SealBroken, Busy.
    """
    school = connection.execute(_SCHOOL).one_or_none()
    if school is None:
        raise WebhookEndpointNotFound
    if school.sealed is None:
        raise HintUnsigned
    check_hint(hint, sealer.open(school.id, WEBHOOK, school.sealed))
    kind = _kind(hint.body)
    told = {"tenant": school.id, "id": hint.id, "type": kind, "now": hint.at}
    is_new = connection.execute(_KEEP, told).rowcount == 1
    if is_new:
        touch_streams(connection, school.id, _STREAMS.get(kind, []), hint.at)
    return HintReceipt(school.id, kind, is_new)


def check_hint(hint: Hint, secret: str) -> None:
    """Return when the secret signed `id.timestamp.body` lately. Raises HintUnsigned."""
    if not _HINT_ID.fullmatch(hint.id) or not _TIMESTAMP.fullmatch(hint.timestamp):
        raise HintUnsigned
    if abs(hint.at.timestamp() - int(hint.timestamp)) > TOLERANCE_SECONDS:
        raise HintUnsigned
    signed = f"{hint.id}.{hint.timestamp}.".encode() + hint.body
    expected = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    given = [match[1] for part in hint.signature.split(",") if (match := _DIGEST.fullmatch(part.strip()))]
    if not any(hmac.compare_digest(expected, digest) for digest in given):
        raise HintUnsigned


def _kind(body: bytes) -> str:
    """The type, when we know it; what is new there is kept as such and means nothing to us."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise EventUnreadable from None
    kind = told.get("type") if isinstance(told, dict) else None
    if not isinstance(kind, str):
        raise EventUnreadable
    return kind if kind in _STREAMS else "unknown"
