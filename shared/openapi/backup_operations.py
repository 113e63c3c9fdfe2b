"""The operations of backups and restores."""

from typing import Any

from shared.backups.errors import (
    BackupLimitReached,
    BackupNotFound,
    BackupNotRestorable,
    RestoreNotFound,
    RestoreUnderWay,
)
from shared.backups.schemas import BackupList, BackupsQuery, BackupView, NewRestore, RestoreView
from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused, InvalidRequest, MalformedRequest
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
from shared.openapi.platform_operations import OF_ONE, SUPER_ADMINS
from shared.tenants.errors import SubdomainTaken

ASKED: dict[str, Any] = {
    "id": "5d1c3a52-6b0e-4c64-9f2a-0c7f3d1f2b11",
    "status": "PENDING",
    "cause": "STAFF",
    "createdAt": "2026-11-22T09:15:00Z",
}
MADE = ASKED | {
    "status": "COMPLETED",
    "rows": 48213,
    "bytes": 5120334,
    "revision": "20261122_18",
    "startedAt": "2026-11-22T09:15:30Z",
    "finishedAt": "2026-11-22T09:15:36Z",
}
RESTORE: dict[str, Any] = {
    "id": "0b9a4d6e-3a55-4d0e-9a57-7a1c1b7d8e90",
    "backupId": ASKED["id"],
    "status": "PENDING",
    "inPlace": False,
    "as": {"name": "Aurora as of Sunday", "subdomain": "aurora-sunday"},
    "createdAt": "2026-11-22T10:00:00Z",
}
RESTORED = RESTORE | {
    "status": "COMPLETED",
    "tenantId": 7,
    "rows": 48190,
    "startedAt": "2026-11-22T10:00:20Z",
    "finishedAt": "2026-11-22T10:00:41Z",
}

OF_BACKUPS = (
    Operation("POST", "/v1/admin/backups", "createBackup",
              "Ask for a backup of all that the school has; there is one a day anyway", "Backups", BackupView,
              status=202, security="StaffToken", idempotent=True, example=ASKED,
              problems=(*OF_STAFF, MalformedRequest, BackupLimitReached, IdempotencyKeyInUse,
                        IdempotencyKeyReused)),
    Operation("GET", "/v1/admin/backups", "listBackups", "The school's backups, the newest first", "Backups",
              BackupList, query=BackupsQuery, security="StaffToken", problems=(*OF_STAFF, InvalidRequest),
              example={"backups": [MADE]}),
    Operation("GET", "/v1/admin/backups/{id}", "getBackup", "One backup, and what came of it", "Backups",
              BackupView, security="StaffToken", problems=(*OF_STAFF, BackupNotFound), example=MADE),
)  # fmt: skip

OF_RESTORES = (
    Operation("POST", "/v1/platform/tenants/{id}/restore", "restoreTenant",
              "Ask for a backup to be restored, in place or as a new school", "Platform", RestoreView,
              status=202, body=NewRestore, security="StaffToken", roles=SUPER_ADMINS, idempotent=True,
              problems=(*OF_ONE, *WITH_A_BODY, BackupNotFound, BackupNotRestorable, RestoreUnderWay,
                        SubdomainTaken, IdempotencyKeyInUse, IdempotencyKeyReused),
              example=RESTORE),
    Operation("GET", "/v1/platform/tenants/{id}/restores/{restoreId}", "getRestore", "What came of a restore",
              "Platform", RestoreView, security="StaffToken", roles=SUPER_ADMINS,
              problems=(*OF_ONE, RestoreNotFound), example=RESTORED),
)  # fmt: skip
