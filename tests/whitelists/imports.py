"""Imports as an admin asks for them, and what the owner of the database sees of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID, uuid4

from sqlalchemy import Engine

from shared.database import in_tenant
from shared.whitelists.import_whitelist import Outcome, import_whitelist, of_import
from tests.schools import School

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

COUNTS = '"rowsRead", "rowsAdded", "rowsAlreadyThere", "rowsRemoved", "rowsRejected"'


@dataclass
class Imports:
    """The imports of a school's lesson."""

    school: School
    engine: Engine

    def ask(self, mode: str = "merge") -> UUID:
        """An import that waits for its file."""
        made = uuid4()
        self.school.database.rows(
            """INSERT INTO "WhitelistImport" (id, "tenantId", "eventTypeId", mode, "createdBy")
               VALUES (CAST(:id AS uuid), :t, :e, :mode, :admin)""",
            id=str(made),
            t=self.school.id,
            e=self.school.lesson_id,
            mode=mode,
            admin=self.school.admin_id,
        )
        return made

    def carry_out(self, import_id: UUID, chunks: Iterator[bytes]) -> Outcome:
        return in_tenant(
            self.engine, of_import(import_id), lambda c: import_whitelist(c, import_id, chunks, NOW)
        )

    def run(self, content: bytes, mode: str = "merge") -> Outcome:
        """A new import of this file."""
        return self.carry_out(self.ask(mode), iter([content]))

    def listed(self) -> list[str]:
        """Who is on the list, as everybody else sees it now."""
        rows = self.school.database.rows(
            'SELECT email FROM "WhitelistEntry" WHERE "eventTypeId" = :e ORDER BY email',
            e=self.school.lesson_id,
        )
        return [row["email"] for row in rows]

    def state(self, import_id: UUID) -> tuple[str, str | None]:
        """Status and failure code."""
        (row,) = self.school.database.rows(
            'SELECT status, "failureCode" FROM "WhitelistImport" WHERE id = CAST(:id AS uuid)',
            id=str(import_id),
        )
        return row["status"], row["failureCode"]

    def counts(self, import_id: UUID) -> list[int]:
        """Rows read, added, already there, removed, rejected."""
        (row,) = self.school.database.rows(
            f'SELECT {COUNTS} FROM "WhitelistImport" WHERE id = CAST(:id AS uuid)',
            id=str(import_id),
        )
        return list(row.values())

    def rejections(self, import_id: UUID) -> list[tuple[int, str, str]]:
        rows = self.school.database.rows(
            """SELECT "lineNumber", value, reason FROM "WhitelistRejection"
               WHERE "importId" = CAST(:id AS uuid) ORDER BY "lineNumber" """,
            id=str(import_id),
        )
        return [(row["lineNumber"], row["value"], row["reason"]) for row in rows]


def notification(*keys: str) -> str:
    """What S3 tells the queue when objects are created."""
    return json.dumps({"Records": [_created(key) for key in keys]})


def first_notification(bucket: str) -> str:
    """What S3 tells a queue that it is first connected to."""
    return json.dumps(
        {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": "2026-11-22T12:00:00.000Z",
            "Bucket": bucket,
            "RequestId": "C3D13FE58DE4C810",
            "HostId": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
        }
    )


def _created(key: str) -> dict[str, Any]:
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-22T12:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": {"name": "uploads", "arn": "arn:aws:s3:::uploads"},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": 1024,
                "eTag": "0",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }
