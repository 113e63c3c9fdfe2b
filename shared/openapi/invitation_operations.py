"""The operations of invitations to the staff."""

from typing import Any

from shared.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    InvalidRequest,
    NotFound,
    Problem,
    TooManyRequests,
)
from shared.invitations.errors import InvitationAccepted, InvitationExpired, InvitationNotFound
from shared.invitations.schemas import (
    Acceptance,
    InvitationList,
    InvitationsQuery,
    InvitationView,
    NewInvitation,
)
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
from shared.staff.errors import EmailTaken
from shared.staff.schemas import STAFF
from shared.tenants.errors import PlanLimitReached

INVITED: dict[str, Any] = {
    "id": 7,
    "userId": 12,
    "role": "TEACHER",
    "name": "Tess Teacher",
    "email": "tess@example.com",
    "status": "PENDING",
    "createdAt": "2026-11-22T09:15:00Z",
}
SENT = INVITED | {"sentAt": "2026-11-22T09:16:00Z", "expiresAt": "2026-11-29T09:16:00Z"}
ACCEPTED = SENT | {"status": "ACCEPTED", "acceptedAt": "2026-11-23T08:00:00Z"}
OF_ONE: tuple[type[Problem], ...] = (*OF_STAFF, NotFound, InvitationNotFound)

OF_INVITATIONS = (
    Operation("GET", "/v1/admin/invitations", "listInvitations", "Who was invited to the staff", "Staff",
              InvitationList, query=InvitationsQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest), example={"invitations": [SENT]}),
    Operation("POST", "/v1/admin/invitations", "createInvitation",
              "Invite a teacher or an admin; they are written to", "Staff", InvitationView, status=201,
              body=NewInvitation, idempotent=True, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, EmailTaken, PlanLimitReached, IdempotencyKeyInUse,
                        IdempotencyKeyReused), example=INVITED),
    Operation("GET", "/v1/admin/invitations/{id}", "getInvitation", "One invitation", "Staff",
              InvitationView, security="StaffToken", problems=OF_ONE, example=SENT),
    Operation("POST", "/v1/admin/invitations/{id}/resend", "resendInvitation",
              "Send the mail again; earlier links are void", "Staff", InvitationView, security="StaffToken",
              problems=(*OF_ONE, InvitationAccepted, PlanLimitReached, TooManyRequests),
              example=INVITED),
    Operation("POST", "/v1/admin/invitations/{id}/revoke", "revokeInvitation",
              "Take it back, and lock the account", "Staff", InvitationView, security="StaffToken",
              problems=(*OF_ONE, InvitationAccepted), example=INVITED | {"status": "REVOKED"}),
    Operation("POST", "/v1/invitations/accept", "acceptInvitation",
              "Accept, signed in with the address that was invited", "Staff", InvitationView, body=Acceptance,
              security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, *WITH_A_BODY, InvitationNotFound, InvitationExpired), example=ACCEPTED),
)  # fmt: skip
