"""What a school holds of a person is told to it, and forgotten: in every table, and in this school only."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from shared.people.erasing import ERASE
from tests.conftest import Load
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.isolation.catalogue import TENANT_TABLES, tenant_column
from tests.notifications.mails import add_booking, add_row, add_waiting
from tests.schools import School, make_school

MAI, NAME = "mai.unique@example.com", "Mai Uniquename"
WORDS = ("mai.unique", "uniquename")

# Where nobody is named; whoever adds a table says why, or erases people from it.
OF_NOBODY = {
    "AuditEvent": "tells that names and addresses changed, and never what they are",
    "Availability": "times of a schedule",
    "CustomDomain": "names of hosts",
    "EventType": "what the school offers",
    "Host": "who teaches, by id",
    "ImmersioGate": "counts of calls",
    "ImmersioSighting": "ids of a stream that are being looked over",
    "ImmersioSyncState": "positions in a stream",
    "OccupancyConflict": "ids",
    "Refund": "amounts and ids",
    "RequestCount": "digests",
    "TeacherCourseAssignment": "who teaches, by id",
    "TeacherOccupancy": "times and ids",
    "Tenant": "the school",
    "TenantBackup": "where a file lies, and counts",
    "TenantRestore": "the name of a school, and counts",
    "TenantLandingSettings": "the school's own page, which it edits",
    "TenantUsage": "counts",
    "WebhookEndpoint": "ids",
    "WhitelistImport": "counts",
    "WorkshopSession": "times, and who teaches by id",
}


def test_every_table_is_erased_from_or_listed_with_its_reason() -> None:
    assert set(ERASE) | set(OF_NOBODY) == set(TENANT_TABLES)
    assert not set(ERASE) & set(OF_NOBODY)


@dataclass
class Office:
    api: Api
    school: School

    def ask(self, method: str, path: str, body: Any = None, email: str = "") -> Answer:
        claims = {"email": email or self.school.admin_email}
        text = None if body is None else json.dumps(body)
        return self.api.request(method, f"/v1/admin/people/{path}", body=text, claims=claims)

    def export(self, person: str | int = MAI) -> Answer:
        return self.ask("GET", f"{person}/export")

    def erase(self, person: str | int = MAI, **asked: Any) -> Answer:
        return self.ask("POST", f"{person}/erase", asked or None)

    def held(self, school: School) -> list[str]:
        """The columns of a school that name her, read from the catalogue."""
        database, found = school.database, []
        for table in TENANT_TABLES:
            rows = database.rows(
                f"""SELECT DISTINCT each.name FROM "{table}" t, jsonb_each_text(to_jsonb(t)) each
                    (name, held), unnest(CAST(:words AS text[])) word
                    WHERE {tenant_column(table)} = :t AND strpos(lower(each.held), word) > 0""",
                t=school.id,
                words=list(WORDS),
            )
            found += [f"{table}.{row['name']}" for row in rows]
        return sorted(found)


@pytest.fixture
def office(school: School, load: Load) -> Iterator[Office]:
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Office(Api(function), school)
    function.close()


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def leave_traces(school: School, *, starts: str = "2020-12-07 15:00", ends: str = "2020-12-07 15:30") -> int:
    """Mai has an account and a booking, and stands wherever somebody's name can stand; the booking's id."""
    mark = f"{NAME} {MAI.upper()}"
    document = json.dumps({"customer_details": {"email": MAI, "name": NAME}})
    account = add_row(
        school, "users", email=MAI, name=NAME, username=f"{MAI}-{school.id}", bio=mark, uuid=_uuid(school.id)
    )
    booking = add_booking(
        school,
        booking={
            "title": f"Conversation between Tess and {NAME}",
            "description": mark,
            "location": mark,
            "smsReminderNumber": mark,
            "cancellationReason": mark,
            "rejectionReason": mark,
            "ratingFeedback": mark,
            "cancelledBy": MAI,
            "rescheduledBy": MAI.upper(),
            "startTime": starts,
            "endTime": ends,
        },
        name=NAME,
        email=MAI.capitalize(),
        phoneNumber=mark,
    )
    _set_json(school, "Booking", booking, responses=document, metadata=document, customInputs=document)
    _write(school, "BookingEvent", bookingId=booking, type="CANCELLED", actor="ATTENDEE", details=_told(mark))
    _write(school, "Payment", uid=f"pay{school.id}", bookingId=booking, amount=1500, fee=0, currency="eur",
           success=True, refunded=False, data=document, externalId=f"pi_{school.id}")  # fmt: skip
    _write(school, "WebhookEvent", provider="STRIPE", eventId="evt_1", type="x",
           payload=json.dumps({"id": "evt_1", "data": {"object": json.loads(document)}}))  # fmt: skip
    _write(school, "IdempotencyKey", key="k", requestHash="h", bookingId=booking, answer=document)
    _write(school, "IdempotencyKey", key="createInvitation\nk", requestHash="h", answer=document)
    _write(school, "ImmersioSyncLog", syncType="STUDENT", direction="PULL", resourceId="1", status="FAILED",
           resourceType="student", errorMessage=mark, metadata=document)  # fmt: skip
    _write(school, "WhitelistEntry", eventTypeId=school.lesson_id, email=MAI)
    _write(school, "WhitelistImport", id=_uuid(school.id), eventTypeId=school.lesson_id, mode="merge")
    _write(
        school,
        "WhitelistRejection",
        importId=_uuid(school.id),
        lineNumber=1,
        value=f"{MAI}x",
        reason="missing",
    )
    _write(school, "OutOfOfficeEntry", uuid=_uuid(account), userId=account, notes=mark,
           start="2020-01-01", end="2020-01-02", updatedAt="2020-01-01", createdAt="2020-01-01")  # fmt: skip
    _write(school, "Schedule", userId=account, name=NAME)
    entry = add_waiting(school, startTime="2020-12-08 15:00", endTime="2020-12-08 16:00")
    school.database.rows(
        'UPDATE "WaitlistEntry" SET name = :n, email = :m WHERE id = :e', n=NAME, m=MAI, e=entry
    )
    for payload in (
        {"bookingId": booking},
        {"bookingIds": [booking]},
        {"bookingId": booking, "to": "teacher"},
    ):
        _write(school, "OutboxMessage", topic="booking.created", payload=json.dumps(payload))
    _write(school, "OutboxMessage", topic="staff.invited", payload=json.dumps({"userId": account}))
    return booking


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def _told(reason: str) -> str:
    return json.dumps({"reason": reason, "to": "2030-01-01"})


def _write(school: School, table: str, **values: Any) -> None:
    """A row from JSON, so that every type may be written as text."""
    names = ", ".join(f'"{name}"' for name in ("tenantId", *values))
    documents = {name: json.loads(value) if _is_json(value) else value for name, value in values.items()}
    school.database.rows(
        f"""INSERT INTO "{table}" ({names})
            SELECT {names} FROM jsonb_populate_record(NULL::"{table}", CAST(:row AS jsonb))""",
        row=json.dumps({"tenantId": school.id, **documents}),
    )


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{")


def _set_json(school: School, table: str, row: int, **documents: str) -> None:
    columns = ", ".join(f'"{name}" = CAST(:{name} AS jsonb)' for name in documents)
    school.database.rows(f'UPDATE "{table}" SET {columns} WHERE id = :id', id=row, **documents)


@pytest.mark.parametrize("person", ["nobody@example.com", "999999", "99999999999", "0", "x", "%00", "a b"])
def test_whom_the_school_does_not_know_is_not_found(office: Office, person: str) -> None:
    assert refused(office.export(person)) == (404, "person_not_found")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_teacher_neither_sees_nor_erases_anybody(office: Office, method: str) -> None:
    path = f"{MAI}/{'export' if method == 'GET' else 'erase'}"
    assert refused(office.ask(method, path, email="teacher1@aurora.test")) == (403, "forbidden")


def test_another_schools_person_is_nobody_here(office: Office) -> None:
    lotus = make_school(office.school.database, "lotus")
    leave_traces(lotus)
    account = lotus.database.value("SELECT id FROM users WHERE email = :m", m=MAI)
    for person in (MAI, account):
        assert refused(office.export(person)) == (404, "person_not_found")
    before = office.held(lotus)
    assert office.erase().json["account"] is False
    assert refused(office.erase(account)) == (404, "person_not_found")
    assert office.held(lotus) == before


def test_who_works_for_the_school_is_not_erased(office: Office) -> None:
    for person in (office.school.admin_email, office.school.teacher_id):
        assert refused(office.erase(person)) == (409, "person_is_staff")


def test_everything_is_exported_but_what_opens_something(office: Office) -> None:
    booking = leave_traces(office.school)
    told = office.export()
    assert told.status == 200
    assert [row["id"] for row in told.json["bookings"]] == [booking]
    assert {name: len(rows) for name, rows in told.json.items() if name != "email"} == {
        "account": 1, "bookings": 1, "attendances": 1, "history": 1, "payments": 1, "refunds": 0,
        "waitlist": 1, "whitelist": 1, "mails": 3, "audit": 0,
    }  # fmt: skip
    assert "a token+" not in told.text
    assert "a waiting token" not in told.text
    account = told.json["account"][0]["id"]
    assert office.export(account).json["bookings"] == told.json["bookings"]
    assert office.export(MAI.replace("@", "%40")).json["bookings"] == told.json["bookings"]


def test_what_names_her_is_nowhere_after_that_and_the_money_stays(office: Office) -> None:
    lotus = make_school(office.school.database, "lotus")
    booking = leave_traces(office.school)
    leave_traces(lotus)
    before, money = office.held(lotus), money_of(office.school)
    broken = broken_invariants(office.school.database)
    assert len(office.held(office.school)) > 20
    told = office.erase()
    assert told.json == {"account": True, "bookings": 1, "bookingsCancelled": 0, "waitlistEntries": 1,
                         "whitelistEntries": 1, "mails": 3}  # fmt: skip
    assert office.held(office.school) == []
    assert (office.held(lotus), money_of(office.school)) == (before, money)
    kept = office.school.database.rows('SELECT * FROM "Booking" WHERE id = :b', b=booking)[0]
    assert (kept["title"], kept["manageToken"] == "a token+") == ("Conversation", False)
    assert broken_invariants(office.school.database) == broken


def money_of(school: School) -> list[Any]:
    return school.database.rows(
        """SELECT p.id, p.uid, p.amount, p.currency, p.success, p."externalId", b.uid, b."startTime"
           FROM "Payment" p JOIN "Booking" b ON b.id = p."bookingId" WHERE p."tenantId" = :t""",
        t=school.id,
    )


def test_whoever_is_erased_is_nobody_the_second_time(office: Office) -> None:
    leave_traces(office.school)
    account = office.school.database.value("SELECT id FROM users WHERE email = :m", m=MAI)
    office.erase()
    nothing = {"account": False, "bookings": 0, "bookingsCancelled": 0, "waitlistEntries": 0,
               "whitelistEntries": 0, "mails": 0}  # fmt: skip
    assert (office.erase().json, office.erase(account).json) == (nothing, nothing)
    told = office.school.database.rows('SELECT action, "subjectId", changes FROM "AuditEvent"')
    assert told == [{"action": "person.erased", "subjectId": str(account), "changes": None}]


def test_letters_to_her_are_not_sent_and_those_to_teachers_are(office: Office) -> None:
    leave_traces(office.school)
    office.erase()
    waiting = office.school.database.rows(
        """SELECT topic, payload->>'to' AS reader FROM "OutboxMessage" WHERE "handledAt" IS NULL"""
    )
    assert waiting == [{"topic": "booking.created", "reader": "teacher"}]


def test_bookings_to_come_are_cancelled_first(office: Office) -> None:
    leave_traces(office.school, starts="2097-12-09 15:00", ends="2097-12-09 15:30")
    broken = broken_invariants(office.school.database)
    told = office.erase()
    assert refused(told) == (409, "future_bookings")
    assert told.json["bookings"] == ["uid-of-aurora"]
    assert len(office.held(office.school)) > 20
    assert office.erase(cancelFutureBookings=True).json["bookingsCancelled"] == 1
    assert office.held(office.school) == []
    assert office.school.database.value('SELECT status::text FROM "Booking"') == "cancelled"
    assert broken_invariants(office.school.database) == broken


def test_a_teacher_who_has_left_is_forgotten_in_the_bookings_they_gave(office: Office) -> None:
    school = office.school
    school.change("users", school.teacher_id, name=NAME, email=MAI, locked=True)
    booking = add_booking(school, booking={"title": f"Conversation between {NAME} and Lan",
                                           "startTime": "2020-12-07 15:00", "endTime": "2020-12-07 15:30",
                                           "userPrimaryEmail": MAI}, email="lan@example.com")  # fmt: skip
    assert office.erase(school.teacher_id).json["account"] is True
    assert office.held(school) == []
    kept = school.database.rows('SELECT title, "userId" FROM "Booking" WHERE id = :b', b=booking)
    assert kept == [{"title": "Conversation", "userId": school.teacher_id}]
    assert school.database.value('SELECT email FROM "Attendee"') == "lan@example.com"


def test_a_teacher_who_was_forgotten_is_nobody_any_more(office: Office, load: Load) -> None:
    school, function = office.school, load("school_api")
    school.change("users", school.teacher_id, locked=True)
    assert office.erase(school.teacher_id).status == 200
    claims = {"email": school.admin_email}
    for path, body in (("", {"name": "Somebody"}), ("/unlock", {}), ("/lock", {})):
        at = f"/v1/admin/teachers/{school.teacher_id}{path}"
        method = "POST" if path else "PATCH"
        answer = Api(function).request(method, at, body=json.dumps(body), claims=claims)
        assert (answer.status, answer.code) == (404, "teacher_not_found")
    function.close()


def test_what_a_teacher_gave_is_not_told_as_theirs(office: Office) -> None:
    school = office.school
    add_booking(school, email="lan@example.com")
    told = office.export(school.teacher_id)
    assert (told.status, told.json["bookings"]) == (200, [])
    assert "lan@example.com" not in told.text


@pytest.mark.parametrize("body", [{"cancelFutureBookings": "yes"}, {"tenantId": 1}, []])
def test_a_body_that_says_something_else_erases_nothing(office: Office, body: Any) -> None:
    leave_traces(office.school)
    assert office.ask("POST", f"{MAI}/erase", body).status in (400, 422)
    assert len(office.held(office.school)) > 20
