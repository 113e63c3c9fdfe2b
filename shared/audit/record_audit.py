"""Noting who changed what, in the transaction of the change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.staff.find_staff import StaffMember

# Of people and of keys it is told that they changed, and not what they are or were; nor why the platform has
# suspended a school, which is for its own people.
UNTOLD = frozenset(
    {
        "name",
        "email",
        "bio",
        "notes",
        "replyTo",
        "teacherBio",
        "statusReason",
        "secretKey",
        "webhookSecret",
        "apiKey",
        "apiSecret",
    }
)
# What the row itself says already.
_DATES = frozenset({"updatedAt", "statusChangedAt"})
Changes = Mapping[str, Any]

_RECORD = text("""
    INSERT INTO "AuditEvent"
        ("tenantId", actor, "actorId", action, "subjectType", "subjectId", changes, "createdAt")
    VALUES (:tenant, :actor, :actor_id, :action, :subject_type, :subject_id, CAST(:changes AS jsonb),
            CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
""")


@dataclass(frozen=True, slots=True)
class Subject:
    """What was changed: its type as the API names it (`eventType`), and its id."""

    type: str
    id: int | str | UUID


def record_audit(
    connection: Connection,
    tenant_id: int,
    by: StaffMember | None,
    action: str,
    subject: Subject,
    now: datetime,
    changes: Changes | None = None,
) -> None:
    """Note that `by` (None: the service itself) did `action`, as `eventType.updated`, to the subject.

    `changes` is `{field: {"before": …, "after": …}}`, as `changes_between` makes it.
    """
    connection.execute(_RECORD, {
        "tenant": tenant_id,
        "actor": _actor(by),
        "actor_id": by and by.id,
        "action": action,
        "subject_type": subject.type,
        "subject_id": str(subject.id),
        "changes": json.dumps(changes, ensure_ascii=False) if changes else None,
        "now": now,
    })  # fmt: skip


def changes_between(before: BaseModel | None, after: BaseModel | None) -> dict[str, Any]:
    """The fields that differ, by their names outside; UNTOLD ones only as such. None is nothing there."""
    old, new = (model.model_dump(mode="json", by_alias=True) if model else {} for model in (before, after))
    return {
        name: "changed" if name in UNTOLD else {"before": _told(old.get(name)), "after": _told(new.get(name))}
        for name in sorted((old | new).keys() - _DATES)
        if old.get(name) != new.get(name)
    }


def _told(value: Any) -> Any:
    """Of a person inside a document, as the teacher of a schedule, the id is enough."""
    if isinstance(value, dict):
        return {name: _told(part) for name, part in value.items() if name not in UNTOLD}
    return [_told(part) for part in value] if isinstance(value, list) else value


def _actor(by: StaffMember | None) -> str:
    if by is None:
        return "SYSTEM"
    return "SUPER_ADMIN" if by.role == "SUPER_ADMIN" else "STAFF"
