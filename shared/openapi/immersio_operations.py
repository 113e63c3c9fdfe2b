"""The operations of the sync with Immersio: for the admins of a school, for Immersio, for the platform."""

from shared.errors import Busy, Conflict, InvalidRequest, RequestTooLarge
from shared.immersio.errors import HintUnsigned, ImmersioNotSetUp, ImmersioRefused, ImmersioUnavailable
from shared.immersio.settings_schemas import (
    HintBody,
    ImmersioConnection,
    ImmersioSettingsView,
    NewImmersioSettings,
    NewSync,
    Redriven,
    SyncLogList,
    SyncLogQuery,
    SyncRequested,
)
from shared.immersio.sync_health import SyncHealth, SyncHealthQuery
from shared.openapi.operation import OF_STAFF, OF_SUPER_ADMINS, WITH_A_BODY, Operation
from shared.openapi.platform_operations import SUPER_ADMINS
from shared.payments.errors import EventUnreadable, WebhookEndpointNotFound
from shared.payments.schemas import WebhookReceived
from shared.tenants.errors import PlanLimitReached

HEALTH = {
    "tenantId": 2,
    "subdomain": "aurora",
    "paused": False,
    "streams": [{"stream": "courses", "lagSeconds": 240, "heldRemovals": 0}],
    "waitingPushes": 0,
    "parkedPushes": 1,
    "deadPushes": 0,
}
SETTINGS = {
    "apiUrl": "https://aurora.immersio.com",
    "hasApiKey": True,
    "hasApiSecret": True,
    "hasWebhookSecret": False,
    "enabled": True,
    "webhookUrl": "https://api.booking.example.com/v1/webhooks/immersio/9kq3c1Zb7Vd2xQe5",
    "health": HEALTH,
}
LOG = {
    "id": 7,
    "syncType": "COURSE",
    "direction": "PULL",
    "resourceId": "course-a2",
    "status": "SUCCESS",
    "retryCount": 0,
    "syncedAt": "2026-11-22T09:15:00Z",
    "action": "created",
}
TAG = "Immersio"

OF_IMMERSIO_FOR_STAFF = (
    Operation("GET", "/v1/admin/immersio/settings", "getImmersioSettings",
              "What the school has set of Immersio, and how the sync is doing", TAG, ImmersioSettingsView,
              security="StaffToken", problems=OF_STAFF, example=SETTINGS),
    Operation("PUT", "/v1/admin/immersio/settings", "putImmersioSettings",
              "Set address and keys, or turn the sync on and off", TAG, ImmersioSettingsView,
              body=NewImmersioSettings, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, PlanLimitReached, Conflict), example=SETTINGS),
    Operation("POST", "/v1/admin/immersio/test", "testImmersio",
              "Ask Immersio whether the address and the keys are good", TAG, ImmersioConnection,
              security="StaffToken",
              problems=(*OF_STAFF, PlanLimitReached, ImmersioNotSetUp, ImmersioRefused, ImmersioUnavailable),
              example={"connected": True}),
    Operation("POST", "/v1/admin/immersio/sync", "requestSync",
              "Synchronise now; also lets deletions pass that were held back", TAG, SyncRequested, status=202,
              body=NewSync, body_is_optional=True, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, PlanLimitReached, ImmersioNotSetUp),
              example={"streams": ["courses", "students", "bookings"]}),
    Operation("POST", "/v1/admin/immersio/redrive", "redrivePushes",
              "Try again what was given up", TAG, Redriven, security="StaffToken", problems=OF_STAFF,
              example={"bookings": 3}),
    Operation("GET", "/v1/admin/immersio/logs", "listSyncLogs",
              "What changed or failed, the newest first", TAG, SyncLogList, query=SyncLogQuery,
              security="StaffToken", problems=(*OF_STAFF, InvalidRequest), example={"logs": [LOG]}),
)  # fmt: skip
OF_IMMERSIO = (
    Operation("POST", "/v1/webhooks/immersio/{endpointId}", "receiveImmersioHint",
              "For Immersio: something has changed, signed over its raw bytes", "Webhooks", WebhookReceived,
              body=HintBody, security="ImmersioSignature",
              problems=(HintUnsigned, EventUnreadable, RequestTooLarge, WebhookEndpointNotFound, Busy),
              example={"received": True}),
)  # fmt: skip
OF_IMMERSIO_FOR_PLATFORM = (
    Operation("GET", "/v1/platform/immersio", "listSyncHealth",
              "How the sync of every school is doing: lag, failures, what was given up", "Platform",
              SyncHealth, query=SyncHealthQuery, security="StaffToken", roles=SUPER_ADMINS,
              problems=(*OF_SUPER_ADMINS, InvalidRequest), example={"schools": [HEALTH]}),
)  # fmt: skip
