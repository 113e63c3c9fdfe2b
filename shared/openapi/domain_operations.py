"""The operations of a school's own domain."""

from typing import Any

from shared.clients.dns_txt import DnsUnavailable
from shared.domains.errors import (
    DomainInUse,
    DomainNotAllowed,
    DomainNotFound,
    DomainNotProven,
    DomainTaken,
)
from shared.domains.schemas import DomainReleased, DomainView, NewDomain
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
from shared.tenants.errors import PlanLimitReached

CLAIMED: dict[str, Any] = {
    "domain": "lessons.aurora.example",
    "status": "PENDING",
    "record": {
        "name": "_booking-challenge.lessons.aurora.example",
        "type": "TXT",
        "value": "0f7c3d1f2b115d1c3a526b0e5c649f2a0c7f3d1f",
    },
    "createdAt": "2026-11-22T09:15:00Z",
}
PROVEN = CLAIMED | {"status": "ACTIVE", "verifiedAt": "2026-11-22T10:00:00Z"}

OF_DOMAINS = (
    Operation("GET", "/v1/admin/settings/domain", "getDomain", "The school's own domain", "Settings",
              DomainView, security="StaffToken", problems=(*OF_STAFF, DomainNotFound), example=PROVEN),
    Operation("PUT", "/v1/admin/settings/domain", "putDomain",
              "Say which domain is the school's; DNS has to prove it", "Settings", DomainView, body=NewDomain,
              security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, PlanLimitReached, DomainNotAllowed, DomainInUse),
              example=CLAIMED),
    Operation("POST", "/v1/admin/settings/domain/verify", "verifyDomain",
              "Look for the record in DNS; when it is there, the domain leads to the school", "Settings",
              DomainView, security="StaffToken",
              problems=(*OF_STAFF, PlanLimitReached, DomainNotFound, DomainNotProven, DomainTaken,
                        DnsUnavailable), example=PROVEN),
    Operation("DELETE", "/v1/admin/settings/domain", "deleteDomain",
              "Let the domain go; for thirty days no other school gets it", "Settings", DomainReleased,
              security="StaffToken", problems=OF_STAFF, example={"domain": "lessons.aurora.example"}),
)  # fmt: skip
