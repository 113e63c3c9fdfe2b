"""How each operation is called, told by what the caller names: the school's own, another's, or nobody's."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from local.fakes.stripe.delivery import signature_header
from tests.bookings.requests import MAI
from tests.functions import API_HOST
from tests.payments.webhooks import body_of, event

# The functions' clock stands here: a Monday, with a week before the lessons.
NOW = datetime(2030, 6, 3, 8, 0, tzinfo=UTC)
ROOT = "root@platform.test"
LESSON = datetime(2030, 6, 10, 9, 0, tzinfo=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Names:
    """What a request can name of a school. `number` tells requests apart that are not the same one again."""

    host: str
    domain: str
    admin: str
    event_type: int
    teacher: int
    uid: str
    token: str
    import_id: str
    endpoint: str
    secret: str
    workshop: int
    offer: str
    entry: int
    invitation: int
    thing: int
    listed: int
    tenant: int
    backup: str
    number: int = 0

    @property
    def start(self) -> str:
        return self.another_start(days=0)

    def another_start(self, days: int) -> str:
        return (LESSON + timedelta(days=days, hours=self.number)).isoformat()

    def booking(self, change: str) -> str:
        """The uid of a booking that is there for one change, by the request that `number` tells."""
        return f"{self.uid}-{change}-{self.number}"

    def one_of(self, kind: int) -> int:
        """The id of something that is there to be changed (kind 0) or to go (1), by `number`."""
        return self.thing + 10 * kind + self.number

    @property
    def key(self) -> str:
        return f"key {self.number}"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    host: str = API_HOST
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] | None = None


def get(names: Names, path: str, **query: Any) -> Call:
    return Call("GET", f"{path}?{urlencode(query)}" if query else path, names.host)


def of_staff(names: Names, method: str, path: str, **more: Any) -> Call:
    return Call(method, path, names.host, claims={"email": names.admin, "email_verified": "true"}, **more)


def of_super_admin(names: Names, method: str, path: str = "", **more: Any) -> Call:
    """No school is named by where it is asked."""
    claims = {"email": ROOT, "email_verified": "true"}
    return Call(method, f"/v1/platform/tenants{path}", claims=claims, **more)


def of_holder(names: Names, path: str) -> Call:
    return Call("GET", path, names.host, headers={"x-manage-token": names.token})


def slots(names: Names) -> Call:
    day = LESSON.date().isoformat()
    asked = {"start": day, "end": day, "timeZone": "Europe/Paris", "teacherId": names.teacher}
    return get(names, f"/v1/event-types/{names.event_type}/slots", **asked)


def create_booking(names: Names) -> Call:
    asked = {
        "eventTypeId": names.event_type,
        "teacherId": names.teacher,
        "start": names.start,
        "attendee": MAI,
    }
    key = {"idempotency-key": names.key}
    return Call("POST", "/v1/bookings", names.host, json.dumps(asked), key)


def create_import(names: Names) -> Call:
    asked = json.dumps({"eventTypeId": names.event_type, "mode": "merge"})
    key = {"idempotency-key": names.key}
    return of_staff(names, "POST", "/v1/admin/whitelist-imports", body=asked, headers=key)


def add_entry(names: Names) -> Call:
    asked = {"eventTypeId": names.event_type, "email": f"student{names.number}@example.com"}
    return of_staff(names, "POST", "/v1/admin/whitelist-entries", body=json.dumps(asked))


def stripe_event(names: Names) -> Call:
    body = body_of(event(id=f"evt_{names.number}"))
    signature = {"stripe-signature": signature_header([names.secret], body, int(NOW.timestamp()))}
    return Call("POST", f"/v1/webhooks/stripe/{names.endpoint}", API_HOST, body.decode(), signature)


# The sessions of the worlds' workshops: one that is full, one whose seat is offered, one to be cancelled.
FULL, OFFERED, DOOMED = 1, 2, 3


def sessions(names: Names) -> str:
    return f"/event-types/{names.workshop}/sessions"


def join_waitlist(names: Names) -> Call:
    asked = json.dumps({"attendee": {**MAI, "email": f"student{names.number}@example.com"}})
    return Call("POST", f"/v1{sessions(names)}/{FULL}/waitlist", names.host, asked)


def put_recurrence(names: Names) -> Call:
    rule = {"frequency": "WEEKLY", "count": 2, "start": "2030-08-03T10:00", "teacherId": names.teacher}
    path = f"/v1/admin/event-types/{names.workshop}/recurrence"
    return of_staff(names, "PUT", path, body=json.dumps(rule))


def post_of_holder(names: Names, path: str) -> Call:
    return Call("POST", path, names.host, headers={"x-manage-token": names.token})


def change(names: Names, path: str, **asked: Any) -> Call:
    """Of a booking, by the staff."""
    return of_staff(names, "POST", f"/v1/admin/bookings/{path}", body=json.dumps(asked))


def reschedule(names: Names) -> Call:
    asked = {"start": names.another_start(days=1), "teacherId": names.teacher}
    headers = {"x-manage-token": names.token, "idempotency-key": f"{names.key} moves"}
    path = f"/v1/bookings/{names.booking('move')}/reschedule"
    return Call("POST", path, names.host, json.dumps(asked), headers)


def reschedule_by_staff(names: Names) -> Call:
    asked = {"start": names.another_start(days=2), "teacherId": names.teacher}
    key = {"idempotency-key": f"{names.key} moves for staff"}
    path = f"/v1/admin/bookings/{names.booking('staff-move')}/reschedule"
    return of_staff(names, "POST", path, body=json.dumps(asked), headers=key)


def refund_booking(names: Names) -> Call:
    key = {"idempotency-key": f"{names.key} refunds"}
    path = f"/v1/admin/bookings/{names.booking('no-show')}/refund"
    return of_staff(names, "POST", path, body='{"amount": 500}', headers=key)


def made_by_staff(names: Names, path: str, **asked: Any) -> Call:
    key = {"idempotency-key": f"{names.key} makes {path}"}
    return of_staff(names, "POST", f"/v1/admin/{path}", body=json.dumps(asked), headers=key)


def changed_by_staff(names: Names, path: str, **asked: Any) -> Call:
    return of_staff(names, "PATCH", f"/v1/admin/{path}", body=json.dumps(asked))


def create_tenant(names: Names) -> Call:
    asked = {
        "name": "Third school",
        "subdomain": f"third{names.number}",
        "admin": {"name": "Tom", "email": f"tom{names.number}@third.test"},
    }
    return of_super_admin(names, "POST", body=json.dumps(asked), headers={"idempotency-key": names.key})


def create_invitation(names: Names) -> Call:
    label = names.host.partition(".")[0]
    asked = {"role": "TEACHER", "name": "Tim", "email": f"tim{names.number}@{label}.test"}
    key = {"idempotency-key": f"{names.key} invites"}
    return of_staff(names, "POST", "/v1/admin/invitations", body=json.dumps(asked), headers=key)


def invitation(names: Names, number: int, change: str = "") -> Call:
    path = f"/v1/admin/invitations/{names.invitation + number}"
    return of_staff(names, "POST", f"{path}/{change}") if change else of_staff(names, "GET", path)


def immersio_hint(names: Names) -> Call:
    body, hint, stamp = (
        '{"type": "course.updated", "id": "c1"}',
        f"hint_{names.number}",
        str(int(NOW.timestamp())),
    )
    digest = hmac.new(names.secret.encode(), f"{hint}.{stamp}.{body}".encode(), "sha256").hexdigest()
    headers = {
        "x-webhook-id": hint,
        "x-webhook-timestamp": stamp,
        "x-webhook-signature": f"v1={digest}",
    }
    return Call("POST", f"/v1/webhooks/immersio/{names.endpoint}-hints", API_HOST, body, headers)


def immersio(names: Names, method: str, path: str, body: str | None = None) -> Call:
    return of_staff(names, method, f"/v1/admin/immersio/{path}", body=body)


def book_for_student(names: Names) -> Call:
    asked = {"eventTypeId": names.event_type, "teacherId": names.teacher, "attendee": MAI}
    start = {"start": names.another_start(days=14)}
    return made_by_staff(names, "bookings", **asked, **start)


def create_backup(names: Names) -> Call:
    key = {"idempotency-key": f"{names.key} backs up"}
    return of_staff(names, "POST", "/v1/admin/backups", headers=key)


def list_backups(names: Names) -> Call:
    """Those of the days before: others ask for one meanwhile."""
    before = int((NOW - timedelta(hours=1)).timestamp()) * 1000
    return of_staff(names, "GET", f"/v1/admin/backups?cursor={before}_{'f' * 8}{'-ffff' * 3}-{'f' * 12}")


def restore_tenant(names: Names) -> Call:
    asked = {"backupId": names.backup, "as": {"name": "Copy", "subdomain": f"copy{names.number}"}}
    key = {"idempotency-key": f"{names.key} restores"}
    return of_super_admin(names, "POST", f"/{names.tenant}/restore", body=json.dumps(asked), headers=key)


RECIPES: dict[str, Callable[[Names], Call]] = {
    "health": lambda names: get(names, "/health"),
    "openapi": lambda names: get(names, "/openapi.json"),
    "listEventTypes": lambda names: get(names, "/v1/event-types"),
    "getEventType": lambda names: get(names, f"/v1/event-types/{names.event_type}"),
    "listSlots": slots,
    "createBooking": create_booking,
    "getBooking": lambda names: of_holder(names, f"/v1/bookings/{names.uid}"),
    "getCalendar": lambda names: of_holder(names, f"/v1/bookings/{names.uid}/calendar.ics"),
    "cancelBooking": lambda names: post_of_holder(names, f"/v1/bookings/{names.booking('cancel')}/cancel"),
    "rescheduleBooking": reschedule,
    "listBookings": lambda names: of_staff(
        names, "GET", f"/v1/admin/bookings?teacherId={names.teacher}&eventTypeId={names.event_type}"
    ),
    "getStaffBooking": lambda names: of_staff(names, "GET", f"/v1/admin/bookings/{names.uid}"),
    "confirmBooking": lambda names: change(names, f"{names.booking('confirm')}/confirm"),
    "rejectBooking": lambda names: change(names, f"{names.booking('reject')}/reject", reason="Full"),
    "cancelStaffBooking": lambda names: change(names, f"{names.booking('staff-cancel')}/cancel"),
    "rescheduleStaffBooking": reschedule_by_staff,
    "markNoShow": lambda names: change(names, f"{names.booking('no-show')}/no-show", attendee=True),
    "getMe": lambda names: of_staff(names, "GET", "/v1/admin/me"),
    "createWhitelistImport": create_import,
    "getWhitelistImport": lambda names: of_staff(
        names, "GET", f"/v1/admin/whitelist-imports/{names.import_id}"
    ),
    "listWhitelistImports": lambda names: of_staff(
        names, "GET", f"/v1/admin/whitelist-imports?eventTypeId={names.event_type}"
    ),
    "exportRejectedLines": lambda names: of_staff(
        names, "GET", f"/v1/admin/whitelist-imports/{names.import_id}/rejected-lines"
    ),
    "listWhitelistEntries": lambda names: of_staff(
        names, "GET", f"/v1/admin/whitelist-entries?eventTypeId={names.event_type}"
    ),
    "addWhitelistEntry": add_entry,
    "removeWhitelistEntry": lambda names: of_staff(
        names, "DELETE", f"/v1/admin/whitelist-entries/{names.listed + names.number}"
    ),
    "exportWhitelist": lambda names: of_staff(
        names, "GET", f"/v1/admin/whitelist-entries/export?eventTypeId={names.event_type}"
    ),
    "receiveStripeEvent": stripe_event,
    "listSessions": lambda names: get(names, f"/v1{sessions(names)}"),
    "joinWaitlist": join_waitlist,
    "getWaitlistEntry": lambda names: of_holder(names, f"/v1/waitlist-entries/{names.entry}"),
    "leaveWaitlist": lambda names: post_of_holder(names, f"/v1/waitlist-entries/{names.entry}/leave"),
    "acceptSeat": lambda names: post_of_holder(names, f"/v1/bookings/{names.offer}/accept"),
    "putRecurrence": put_recurrence,
    "listStaffSessions": lambda names: of_staff(names, "GET", f"/v1/admin{sessions(names)}"),
    "getStripeSettings": lambda names: of_staff(names, "GET", "/v1/admin/settings/stripe"),
    "putStripeSettings": lambda names: of_staff(
        names, "PUT", "/v1/admin/settings/stripe", body='{"publishableKey": "pk_test_1"}'
    ),
    "listPayments": lambda names: of_staff(names, "GET", "/v1/admin/payments"),
    "refundBooking": refund_booking,
    "testStripeSettings": lambda names: of_staff(names, "POST", "/v1/admin/settings/stripe/test"),
    "getImmersioSettings": lambda names: immersio(names, "GET", "settings"),
    "putImmersioSettings": lambda names: immersio(names, "PUT", "settings", '{"enabled": true}'),
    "testImmersio": lambda names: immersio(names, "POST", "test"),
    "requestSync": lambda names: immersio(names, "POST", "sync", '{"streams": ["courses"]}'),
    "redrivePushes": lambda names: immersio(names, "POST", "redrive"),
    "listSyncLogs": lambda names: immersio(names, "GET", "logs?limit=10"),
    "receiveImmersioHint": immersio_hint,
    "listSyncHealth": lambda names: replace(of_super_admin(names, "GET"), path="/v1/platform/immersio"),
    "getUsage": lambda names: of_staff(names, "GET", "/v1/admin/usage"),
    "getTenantUsage": lambda names: of_super_admin(names, "GET", f"/{names.tenant}/usage"),
    "createBackup": create_backup,
    "listBackups": list_backups,
    "getBackup": lambda names: of_staff(names, "GET", f"/v1/admin/backups/{names.backup}"),
    "restoreTenant": restore_tenant,
    "getRestore": lambda names: of_super_admin(names, "GET", f"/{names.tenant}/restores/{names.backup}"),
    "createTenant": create_tenant,
    "getTenant": lambda names: of_super_admin(names, "GET", f"/{names.tenant}"),
    "changeTenant": lambda names: of_super_admin(
        names, "PATCH", f"/{names.tenant}", body='{"plan": "GROWTH", "limits": {"maxTeachers": null}}'
    ),
    "suspendTenant": lambda names: of_super_admin(
        names, "POST", f"/{names.tenant}/suspend", body='{"reason": "Unpaid"}'
    ),
    "resumeTenant": lambda names: of_super_admin(names, "POST", f"/{names.tenant}/resume"),
    "cancelTenant": lambda names: of_super_admin(names, "POST", f"/{names.tenant}/cancel"),
    "listTenants": lambda names: of_super_admin(names, "GET"),
    "getDomain": lambda names: of_staff(names, "GET", "/v1/admin/settings/domain"),
    "putDomain": lambda names: of_staff(
        names, "PUT", "/v1/admin/settings/domain", body=json.dumps({"domain": f"lessons.{names.domain}"})
    ),
    "verifyDomain": lambda names: of_staff(names, "POST", "/v1/admin/settings/domain/verify"),
    "deleteDomain": lambda names: of_staff(names, "DELETE", "/v1/admin/settings/domain"),
    "exportPerson": lambda names: of_staff(names, "GET", "/v1/admin/people/kim9@example.com/export"),
    "erasePerson": lambda names: of_staff(
        names, "POST", f"/v1/admin/people/kim{names.number}@example.com/erase"
    ),
    "listInvitations": lambda names: of_staff(names, "GET", "/v1/admin/invitations?status=PENDING"),
    "createInvitation": create_invitation,
    "getInvitation": lambda names: invitation(names, 0),
    "resendInvitation": lambda names: invitation(names, 3 + names.number, "resend"),
    "revokeInvitation": lambda names: invitation(names, 2, "revoke"),
    "acceptInvitation": lambda names: of_staff(
        names, "POST", "/v1/invitations/accept", body=json.dumps({"token": names.token})
    ),
    "cancelSession": lambda names: of_staff(names, "POST", f"/v1/admin{sessions(names)}/{DOOMED}/cancel"),
    "listStaffEventTypes": lambda names: of_staff(names, "GET", "/v1/admin/event-types?limit=2"),
    "createEventType": lambda names: made_by_staff(names, "event-types", title="Talk", length=30),
    "getStaffEventType": lambda names: of_staff(names, "GET", f"/v1/admin/event-types/{names.event_type}"),
    "changeEventType": lambda names: changed_by_staff(
        names, f"event-types/{names.one_of(0)}", title="Talk", isPublished=True
    ),
    "deleteEventType": lambda names: of_staff(names, "DELETE", f"/v1/admin/event-types/{names.one_of(1)}"),
    "listTeachers": lambda names: of_staff(names, "GET", "/v1/admin/teachers?locked=false"),
    "createTeacher": lambda names: made_by_staff(
        names, "teachers", name="Tess", email=f"tess{names.number}@{names.host}", timeZone="Europe/Paris"
    ),
    "getTeacher": lambda names: of_staff(names, "GET", f"/v1/admin/teachers/{names.teacher}"),
    "changeTeacher": lambda names: changed_by_staff(names, f"teachers/{names.one_of(0)}", name="Tess"),
    "inviteTeacher": lambda names: of_staff(names, "POST", f"/v1/admin/teachers/{names.one_of(0)}/invite"),
    "lockTeacher": lambda names: of_staff(names, "POST", f"/v1/admin/teachers/{names.one_of(1)}/lock"),
    "unlockTeacher": lambda names: of_staff(names, "POST", f"/v1/admin/teachers/{names.one_of(1)}/unlock"),
    "listSchedules": lambda names: of_staff(names, "GET", f"/v1/admin/schedules?teacherId={names.teacher}"),
    "createSchedule": lambda names: made_by_staff(
        names,
        "schedules",
        teacherId=names.teacher,
        timeZone="Europe/Paris",
        weekly=[{"days": [1], "start": "09:00", "end": "12:00"}],
    ),
    "getSchedule": lambda names: of_staff(names, "GET", f"/v1/admin/schedules/{names.one_of(0)}"),
    "changeSchedule": lambda names: changed_by_staff(names, f"schedules/{names.one_of(0)}", name="Term"),
    "deleteSchedule": lambda names: of_staff(names, "DELETE", f"/v1/admin/schedules/{names.one_of(1)}"),
    "listAbsences": lambda names: of_staff(
        names, "GET", f"/v1/admin/out-of-office?teacherId={names.teacher}"
    ),
    "createAbsence": lambda names: made_by_staff(
        names, "out-of-office", teacherId=names.teacher, start="2031-01-01", end="2031-01-02"
    ),
    "getAbsence": lambda names: of_staff(names, "GET", f"/v1/admin/out-of-office/{names.one_of(0)}"),
    "changeAbsence": lambda names: changed_by_staff(
        names, f"out-of-office/{names.one_of(0)}", end="2031-03-04"
    ),
    "deleteAbsence": lambda names: of_staff(names, "DELETE", f"/v1/admin/out-of-office/{names.one_of(1)}"),
    "listAssignments": lambda names: of_staff(
        names, "GET", f"/v1/admin/assignments?teacherId={names.teacher}&eventTypeId={names.event_type}"
    ),
    "createAssignment": lambda names: made_by_staff(
        names, "assignments", teacherId=names.teacher, eventTypeId=names.one_of(2)
    ),
    "getAssignment": lambda names: of_staff(names, "GET", f"/v1/admin/assignments/{names.one_of(0)}"),
    "changeAssignment": lambda names: changed_by_staff(
        names, f"assignments/{names.one_of(0)}", recurrenceRule={"freq": "WEEKLY", "interval": 2}
    ),
    "deleteAssignment": lambda names: of_staff(names, "DELETE", f"/v1/admin/assignments/{names.one_of(1)}"),
    "getLanding": lambda names: of_staff(names, "GET", "/v1/admin/landing"),
    "putLanding": lambda names: of_staff(names, "PUT", "/v1/admin/landing", body='{"templateId": 2}'),
    "listLandingTemplates": lambda names: of_staff(names, "GET", "/v1/admin/landing/templates"),
    "getSettings": lambda names: of_staff(names, "GET", "/v1/admin/settings"),
    "changeSettings": lambda names: changed_by_staff(names, "settings", timeZone="Europe/Paris"),
    "listStudents": lambda names: of_staff(names, "GET", "/v1/admin/students?email=mai@example.com"),
    "getStudent": lambda names: of_staff(names, "GET", f"/v1/admin/students/{names.thing + 30}"),
    "listAuditEvents": lambda names: of_staff(names, "GET", "/v1/admin/audit?limit=3"),
    "bookForStudent": book_for_student,
}
