"""What the admins of a school do with whitelists."""

from shared.errors import IdempotencyKeyReused, InvalidRequest, NotFound
from shared.event_types.errors import EventTypeNotFound
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
from shared.tenants.errors import PlanLimitReached, TenantSuspended
from shared.whitelists.entry_schemas import (
    Download,
    NewWhitelistEntry,
    WhitelistEntriesQuery,
    WhitelistEntryList,
    WhitelistEntryView,
    WhitelistQuery,
)
from shared.whitelists.errors import WhitelistEntryNotFound, WhitelistImportNotFound
from shared.whitelists.schemas import (
    NewWhitelistImport,
    RejectedLinesQuery,
    WhitelistImportCreated,
    WhitelistImportList,
    WhitelistImportsQuery,
    WhitelistImportView,
)

ID = "5d1c3a52-6b0e-5c64-9f2a-0c7f3d1f2b11"
STATE = {
    "id": ID,
    "eventTypeId": 1,
    "mode": "merge",
    "headerMapping": {"email": "Liên hệ"},
    "status": "COMPLETED",
    "percentDone": 100,
    "rowsRead": 3,
    "rowsAdded": 2,
    "rowsAlreadyThere": 0,
    "rowsRemoved": 0,
    "rowsRejected": 1,
    "createdAt": "2026-11-22T09:15:00Z",
    "startedAt": "2026-11-22T09:16:00Z",
    "finishedAt": "2026-11-22T09:16:00Z",
}
FORM = {
    "url": "https://uploads.example.com/",
    "method": "POST",
    "fields": {
        "Content-Type": "text/csv",
        "key": f"whitelist-imports/{ID}.csv",
        "policy": "eyJleHBpcmF0aW9uIjoi",
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": "AKIAEXAMPLE/20261122/eu-central-1/s3/aws4_request",
        "x-amz-date": "20261122T091500Z",
        "x-amz-signature": "0f",
    },
    "expiresAt": "2026-11-22T09:30:00Z",
    "maxBytes": 52428800,
}
ENTRY = {
    "id": 7,
    "eventTypeId": 1,
    "email": "mai@example.com",
    "addedAt": "2026-11-22T09:16:00Z",
    "addedBy": 3,
}
LINK = {
    "url": "https://uploads.example.com/whitelist-exports/5d1c3a52.csv?X-Amz-Signature=0f",
    "lines": 2,
    "expiresAt": "2026-11-22T09:30:00Z",
}

OF_WHITELISTS = (
    Operation("POST", "/v1/admin/whitelist-imports", "createWhitelistImport",
              "Ask for a place to put a CSV of addresses", "Whitelists", WhitelistImportCreated,
              status=201, body=NewWhitelistImport, idempotent=True, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, TenantSuspended, PlanLimitReached, EventTypeNotFound,
                        IdempotencyKeyReused),
              example={"id": ID, "status": "AWAITING_UPLOAD", "upload": FORM}),
    Operation("GET", "/v1/admin/whitelist-imports", "listWhitelistImports", "Imports, the newest first",
              "Whitelists", WhitelistImportList, query=WhitelistImportsQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest),
              example={"whitelistImports": [STATE], "nextCursor": f"1795338900000-{ID}"}),
    Operation("GET", "/v1/admin/whitelist-imports/{importId}", "getWhitelistImport",
              "How far an import is or what came of it, with its rejected lines", "Whitelists",
              WhitelistImportView, query=RejectedLinesQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest, WhitelistImportNotFound),
              example={**STATE, "rejectedLines": [{"line": 2, "value": "mai(at)example.com",
                                                   "reason": "not_an_address"}]}),
    Operation("GET", "/v1/admin/whitelist-imports/{importId}/rejected-lines", "exportRejectedLines",
              "All rejected lines as a CSV for a spreadsheet", "Whitelists", Download,
              security="StaffToken", problems=(*OF_STAFF, WhitelistImportNotFound), example=LINK),
    Operation("GET", "/v1/admin/whitelist-entries", "listWhitelistEntries",
              "Who is on the list of an event type, by address", "Whitelists", WhitelistEntryList,
              query=WhitelistEntriesQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest, EventTypeNotFound),
              example={"whitelistEntries": [ENTRY], "nextCursor": "bWFpQGV4YW1wbGUuY29t"}),
    Operation("POST", "/v1/admin/whitelist-entries", "addWhitelistEntry",
              "Put one address on a list; 200 instead of 201 when it is there already", "Whitelists",
              WhitelistEntryView, status=201, other_statuses=(200,), body=NewWhitelistEntry,
              security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, TenantSuspended, PlanLimitReached, EventTypeNotFound),
              example=ENTRY),
    Operation("DELETE", "/v1/admin/whitelist-entries/{id}", "removeWhitelistEntry",
              "Take one address off a list; what it has booked stays", "Whitelists", WhitelistEntryView,
              security="StaffToken", problems=(*OF_STAFF, NotFound, WhitelistEntryNotFound), example=ENTRY),
    Operation("GET", "/v1/admin/whitelist-entries/export", "exportWhitelist",
              "The whole list of an event type as a CSV for a spreadsheet", "Whitelists", Download,
              query=WhitelistQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest, EventTypeNotFound), example=LINK),
)  # fmt: skip
