"""Somebody is invited to the staff by mail, and accepts with the address that the mail was sent to."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection

from shared.database import connect_database, in_tenant
from shared.notifications.write_notice import write_notice
from shared.tenant_scope import of_tenant
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.notifications.mails import SENDER, text_of
from tests.schools import School, make_school

PATH = "/v1/admin/invitations"
TIM = {"role": "TEACHER", "name": "Tim", "email": "Tim@aurora.test", "timeZone": "Europe/Paris"}


@dataclass
class Office:
    """The admin of aurora, and whoever is invited there."""

    api: Api
    school: School

    def of(self, email: str, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        claims = {"email": email}
        if method == "GET":
            return self.api.get(path, claims=claims, **options)
        return self.api.post(path, body, claims=claims, **options)

    def invite(self, **changed: Any) -> Answer:
        return self.of(self.school.admin_email, "POST", PATH, {**TIM, **changed})

    def change(self, answer: Answer, change: str) -> Answer:
        return self.of(self.school.admin_email, "POST", f"{PATH}/{answer.json['id']}/{change}", {})

    def see(self, answer: Answer) -> Any:
        return self.of(self.school.admin_email, "GET", f"{PATH}/{answer.json['id']}").json

    def accept(self, email: str, token: str) -> Answer:
        return self.of(email, "POST", "/v1/invitations/accept", {"token": token})


@pytest.fixture
def office(school: School, load: Load) -> Iterator[Office]:
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    yield Office(Api(function), school)
    function.close()


def mails_of(school: School) -> list[EmailMessage]:
    """What the outbox has for the staff, written as the worker does, oldest first."""
    engine = connect_database(school.database.app_url)
    messages = school.database.rows(
        """UPDATE "OutboxMessage" SET "handledAt" = now() WHERE topic = 'staff.invited'
           AND "handledAt" IS NULL RETURNING id, payload"""
    )
    written = []
    for message in sorted(messages, key=lambda message: int(message["id"])):
        asked = (school.id, message["id"], "staff.invited", message["payload"], SENDER)
        written.append(in_tenant(engine, of_tenant(school.id), partial(_written, asked=asked)))
    engine.dispose()
    return [mail for mail in written if mail is not None]


def _written(connection: Connection, asked: Any) -> EmailMessage | None:
    return write_notice(connection, *asked)


def token_of(mail: EmailMessage) -> str:
    (link,) = [word for word in text_of(mail).split() if word.startswith("https://")]
    return urlsplit(link).fragment.removeprefix("invitation=")


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


@pytest.mark.parametrize("role", ["SUPER_ADMIN", "STUDENT", "tenant_admin", None])
def test_nobody_is_invited_as_what_a_school_does_not_have(office: Office, role: str | None) -> None:
    assert refused(office.invite(role=role)) == (422, "invalid_request")
    assert office.school.database.value("""SELECT count(*) FROM users WHERE name = 'Tim'""") == 0


def test_a_teacher_invites_nobody(office: Office) -> None:
    told = office.of("teacher1@aurora.test", "POST", PATH, TIM)
    assert refused(told) == (403, "forbidden")


def test_an_address_that_anybody_of_any_staff_has_is_refused(office: Office) -> None:
    lotus = make_school(office.school.database, "lotus")
    for email in (office.school.admin_email, lotus.admin_email):
        assert refused(office.invite(email=email)) == (409, "email_taken")


def test_a_teacher_beyond_the_plan_is_not_invited_but_an_admin_is(office: Office) -> None:
    office.school.change("Tenant", office.school.id, maxTeachers=1)
    assert refused(office.invite()) == (403, "plan_limit_reached")
    assert office.invite(role="TENANT_ADMIN").status == 201


def test_whoever_is_invited_is_written_to_and_accepts(office: Office) -> None:
    invited = office.invite(locale="vi")
    assert (invited.status, invited.json["status"]) == (201, "PENDING")
    assert "sentAt" not in invited.json
    (mail,) = mails_of(office.school)
    assert mail["To"] == "tim@aurora.test"
    assert "Aurora" in text_of(mail)
    assert "Chấp nhận lời mời" in text_of(mail)
    told = office.accept("tim@aurora.test", token_of(mail))
    assert (told.status, told.json["status"]) == (200, "ACCEPTED")
    assert office.see(invited)["status"] == "ACCEPTED"
    user = invited.json["userId"]
    assert office.school.database.value('SELECT "emailVerified" IS NOT NULL FROM users WHERE id = :u', u=user)
    hours = 'SELECT count(*) FROM "Availability" a JOIN users u ON u."defaultScheduleId" = a."scheduleId"'
    assert office.school.database.value(f"{hours} WHERE u.id = :u", u=user) == 1
    again = office.accept("tim@aurora.test", token_of(mail))
    assert (again.status, again.json) == (200, told.json)


def test_the_token_is_kept_nowhere_but_in_the_mail(office: Office) -> None:
    office.invite()
    (mail,) = mails_of(office.school)
    database = office.school.database
    for table in ("Invitation", "OutboxMessage", "AuditEvent", "users"):
        held = " ".join(str(row) for row in database.rows(f'SELECT t::text FROM "{table}" t'))
        assert token_of(mail) not in held


def test_a_token_is_nobody_elses(office: Office) -> None:
    office.invite()
    (mail,) = mails_of(office.school)
    for email in (office.school.admin_email, "teacher1@aurora.test"):
        assert refused(office.accept(email, token_of(mail))) == (404, "invitation_not_found")
    lotus = make_school(office.school.database, "lotus")
    office.api.tenant = "lotus"
    assert refused(office.accept(lotus.admin_email, token_of(mail))) == (404, "invitation_not_found")
    assert refused(office.accept("tim@aurora.test", token_of(mail))) == (403, "forbidden")


@pytest.mark.parametrize("token", ["x", "\x00", "' OR true --"])
def test_a_token_that_is_none_accepts_nothing(office: Office, token: str) -> None:
    office.invite()
    mails_of(office.school)
    assert refused(office.accept("tim@aurora.test", token)) == (404, "invitation_not_found")


def test_a_link_of_last_week_has_expired(office: Office) -> None:
    invited = office.invite()
    (mail,) = mails_of(office.school)
    office.school.database.rows("""UPDATE "Invitation" SET "expiresAt" = '2020-01-01'""")
    assert office.see(invited)["status"] == "EXPIRED"
    assert refused(office.accept("tim@aurora.test", token_of(mail))) == (409, "invitation_expired")


def test_a_mail_that_is_sent_again_voids_the_link_of_the_first(office: Office) -> None:
    invited = office.invite()
    (first,) = mails_of(office.school)
    assert office.change(invited, "resend").json["status"] == "PENDING"
    assert refused(office.accept("tim@aurora.test", token_of(first))) == (404, "invitation_not_found")
    (second,) = mails_of(office.school)
    assert office.accept("tim@aurora.test", token_of(second)).status == 200
    for change in ("resend", "revoke"):
        assert refused(office.change(invited, change)) == (409, "invitation_accepted")


def test_nobody_is_written_to_again_and_again(office: Office) -> None:
    invited = office.invite()
    assert [office.change(invited, "resend").status for _ in range(4)] == [200, 200, 200, 429]


def test_a_teacher_who_is_unlocked_is_invited_anew(office: Office) -> None:
    invited = office.invite()
    office.change(invited, "revoke")
    office.school.change("users", invited.json["userId"], locked=False)
    (mail,) = mails_of(office.school)
    assert office.accept("tim@aurora.test", token_of(mail)).status == 200


def test_whose_invitation_is_taken_back_is_let_in_no_more_until_invited_again(office: Office) -> None:
    invited = office.invite()
    (mail,) = mails_of(office.school)
    assert office.change(invited, "revoke").json["status"] == "REVOKED"
    assert office.change(invited, "revoke").json["status"] == "REVOKED"
    assert refused(office.accept("tim@aurora.test", token_of(mail))) == (403, "forbidden")
    office.school.change("Tenant", office.school.id, maxTeachers=1)
    assert refused(office.change(invited, "resend")) == (403, "plan_limit_reached")
    office.school.change("Tenant", office.school.id, maxTeachers=2)
    assert office.change(invited, "resend").json["status"] == "PENDING"
    (again,) = mails_of(office.school)
    assert office.accept("tim@aurora.test", token_of(again)).status == 200


def test_nobody_is_written_to_whose_invitation_was_taken_back_meanwhile(office: Office) -> None:
    office.change(office.invite(), "revoke")
    assert mails_of(office.school) == []


def test_whoever_joined_without_an_invitation_has_one_from_the_first_mail_on(
    office: Office, database: TestDatabase
) -> None:
    database.rows(
        """INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
           VALUES (:t, 'staff.invited', jsonb_build_object('userId', CAST(:u AS int)))""",
        t=office.school.id,
        u=office.school.teacher_id,
    )
    (mail,) = mails_of(office.school)
    assert office.accept("teacher1@aurora.test", token_of(mail)).json["userId"] == office.school.teacher_id


def test_invitations_are_listed_the_newest_first(office: Office) -> None:
    made = [office.invite(email=f"tim{n}@aurora.test").json["id"] for n in range(3)]
    first = office.of(office.school.admin_email, "GET", f"{PATH}?limit=2").json
    rest = office.of(office.school.admin_email, "GET", f"{PATH}?limit=2&cursor={first['nextCursor']}").json
    listed = [each["id"] for page in (first, rest) for each in page["invitations"]]
    assert (listed, "nextCursor" in rest) == (made[::-1], False)
    assert office.of(office.school.admin_email, "GET", f"{PATH}?status=ACCEPTED").json["invitations"] == []


def test_the_same_key_invites_once(office: Office) -> None:
    key = {"idempotency-key": "one"}
    told = [office.of(office.school.admin_email, "POST", PATH, TIM, headers=key) for _ in range(2)]
    assert [each.status for each in told] == [201, 201]
    assert told[0].json == told[1].json
    assert len(mails_of(office.school)) == 1


def test_whoever_is_signed_in_does_not_take_their_own_invitation_back(office: Office) -> None:
    ben = office.invite(role="TENANT_ADMIN", email="ben@aurora.test")
    told = office.of("ben@aurora.test", "POST", f"{PATH}/{ben.json['id']}/revoke", {})
    assert refused(told) == (409, "invitation_accepted")
    assert office.of("ben@aurora.test", "GET", "/v1/admin/me").status == 200


def test_a_teacher_with_another_address_proves_it_anew(office: Office, load: Load) -> None:
    invited = office.invite()
    (mail,) = mails_of(office.school)
    office.accept("tim@aurora.test", token_of(mail))
    function = load("school_api")
    changed = Api(function).patch(
        f"/v1/admin/teachers/{invited.json['userId']}",
        {"email": "tom@aurora.test"},
        claims={"email": office.school.admin_email},
    )
    function.close()
    assert changed.status == 200
    assert office.see(invited)["status"] == "PENDING"
    (again,) = mails_of(office.school)
    assert again["To"] == "tom@aurora.test"
    assert refused(office.accept("tom@aurora.test", token_of(mail))) == (404, "invitation_not_found")
    assert office.accept("tom@aurora.test", token_of(again)).json["status"] == "ACCEPTED"


def test_whoever_was_forgotten_is_not_invited_again(office: Office) -> None:
    invited = office.invite()
    office.change(invited, "revoke")
    user = invited.json["userId"]
    assert office.of(office.school.admin_email, "POST", f"/v1/admin/people/{user}/erase", {}).status == 200
    assert refused(office.change(invited, "resend")) == (404, "invitation_not_found")
    assert office.school.database.value("SELECT locked FROM users WHERE id = :u", u=user)
