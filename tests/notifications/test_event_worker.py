"""The function that runs every minute, from a booking to the mail."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from pydantic import ValidationError

from shared.clients.mail import MailClient, MailNotSent
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api, LoadedFunction
from tests.notifications.mails import (
    SENDER,
    add_booking,
    add_child,
    add_waiting,
    ended,
    header_of,
    made,
    read,
    set_status,
    text_of,
)
from tests.outbox.outbox import only
from tests.schools import School

FROM = "bookings@example.com"


class Mailbox:
    """SES in this process, with the sender verified."""

    def __init__(self) -> None:
        boto3.client("ses", region_name="us-east-1").verify_email_identity(EmailAddress=FROM)

    @property
    def sent(self) -> list[bytes]:
        told = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
        return [str(message.raw_data).encode() for message in told]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Mailbox()


@pytest.fixture
def worker(load: Load, database: TestDatabase) -> Iterator[LoadedFunction]:
    function = load("event_worker", OPS_DATABASE_URL=database.ops_url, MAIL_FROM=FROM, PUBLIC_PORT="443")
    yield function
    function.close()


def leave(school: School, payload: dict[str, Any], topic: str = "booking.created") -> None:
    school.database.rows(
        """INSERT INTO "OutboxMessage" ("tenantId", topic, payload, "availableAt")
           VALUES (:t, :topic, CAST(:payload AS jsonb), '2026-01-01')""",
        t=school.id,
        topic=topic,
        payload=json.dumps(payload),
    )


@pytest.mark.parametrize("address", ["", "nobody", "a@b.test\nBcc: c@d.test"])
def test_without_an_address_to_write_from_it_does_not_start(
    load: Load, database: TestDatabase, address: str
) -> None:
    with pytest.raises(ValidationError):
        load("event_worker", OPS_DATABASE_URL=database.ops_url, MAIL_FROM=address, PUBLIC_PORT="443")


def test_an_address_that_is_not_verified_sends_nothing(
    database: TestDatabase, school: School, mailbox: Mailbox
) -> None:
    message = made(database, school, add_booking(school))
    assert message is not None
    with pytest.raises(MailNotSent, match="MessageRejected"):
        MailClient("stranger@example.com").send(message)
    assert mailbox.sent == []


def test_an_endpoint_that_does_not_answer_is_told_without_its_words(
    database: TestDatabase, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = made(database, school, add_booking(school))
    assert message is not None
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(MailNotSent, match=r"^EndpointConnectionError$"):
        MailClient(SENDER.address).send(message)


def test_a_booking_of_another_school_is_never_mailed(
    database: TestDatabase, school: School, mailbox: Mailbox, worker: LoadedFunction
) -> None:
    leave(school, {"bookingId": 4711})
    assert worker({}) == {"handled": 0, "failed": 0, "parked": 1}
    assert only(database)["code"] == "booking_not_found"
    assert mailbox.sent == []


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        ("booking.created", {"bookingId": 1, "to": "everybody"}, "news_not_understood"),
        ("booking.created", {"bookingId": "1"}, "news_not_understood"),
        ("booking.created", {"bookingIds": []}, "news_not_understood"),
        ("booking.cancelled", {}, "news_not_understood"),
        ("booking.cancelled", {"bookingId": 1, "by": "NOBODY"}, "news_not_understood"),
        ("seat.offered", {"bookingId": 1, "to": "teacher"}, "letter_not_known"),
        ("booking.praised", {"bookingId": 1}, "topic_not_known"),
    ],
)
def test_what_is_not_understood_waits_for_a_person(
    database: TestDatabase,
    school: School,
    mailbox: Mailbox,
    worker: LoadedFunction,
    topic: str,
    payload: dict[str, Any],
    code: str,
) -> None:
    leave(school, payload, topic)
    assert worker({}) == {"handled": 0, "failed": 0, "parked": 1}
    assert (only(database)["code"], mailbox.sent) == (code, [])


def test_what_is_not_true_any_more_is_handled_without_a_mail(
    school: School, mailbox: Mailbox, worker: LoadedFunction
) -> None:
    booking = add_booking(school)
    ended(school, booking, "CANCELLED", "STAFF")
    leave(school, {"bookingId": booking}, "booking.confirmed")
    assert worker({}) == {"handled": 1, "failed": 0, "parked": 0}
    assert mailbox.sent == []


@pytest.mark.parametrize(
    ("topic", "status", "to", "subject"),
    [
        ("booking.confirmed", "accepted", "attendee", "Confirmed: "),
        ("booking.rejected", "rejected", "attendee", "Declined: "),
        ("booking.cancelled", "cancelled", "attendee", "Cancelled: "),
        ("booking.expired", "cancelled", "attendee", "Request not confirmed: "),
        ("booking.rescheduled", "accepted", "attendee", "Moved: "),
        ("seat.offered", "pending", "attendee", "A seat is free: "),
        ("booking.created", "accepted", "teacher", "New booking: "),
        ("booking.confirmed", "accepted", "teacher", "Confirmed: "),
        ("booking.rejected", "rejected", "teacher", "Declined: "),
        ("booking.cancelled", "cancelled", "teacher", "Cancelled: "),
        ("booking.expired", "cancelled", "teacher", "Request not confirmed: "),
        ("booking.rescheduled", "accepted", "teacher", "Moved: "),
    ],
)
def test_every_news_is_mailed_to_whom_it_concerns(
    school: School,
    mailbox: Mailbox,
    worker: LoadedFunction,
    topic: str,
    status: str,
    to: str,
    subject: str,
) -> None:
    first = told = add_booking(school)
    payload: dict[str, Any] = {"by": "STAFF", "to": to}
    if topic == "booking.rescheduled":
        told, payload = add_child(school, first), {**payload, "previousId": first}
    set_status(school, told, status)
    leave(school, {"bookingId": told, **payload}, topic)
    assert worker({}) == {"handled": 1, "failed": 0, "parked": 0}
    (mail,) = map(read, mailbox.sent)
    assert header_of(mail, "Subject").startswith(subject)
    assert str(mail["To"]) == {"attendee": "mai@example.com", "teacher": "teacher1@aurora.test"}[to]


def test_who_waited_for_a_session_that_is_off_is_mailed(
    school: School, mailbox: Mailbox, worker: LoadedFunction
) -> None:
    leave(school, {"waitlistEntryId": add_waiting(school, cancelledAt="2026-12-01")}, "waitlist.closed")
    assert worker({}) == {"handled": 1, "failed": 0, "parked": 0}
    (mail,) = map(read, mailbox.sent)
    assert header_of(mail, "Subject").startswith("Session cancelled: ")


def test_what_is_given_up_is_counted(
    school: School, mailbox: Mailbox, worker: LoadedFunction, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(school, {}, topic="nobody.knows")
    assert worker({})["parked"] == 1
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["OutboxParked"] for line in counted] == [[1.0]]


def test_a_mail_that_was_refused_is_sent_when_it_is_taken(
    database: TestDatabase,
    school: School,
    mailbox: Mailbox,
    worker: LoadedFunction,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # By chance it might be due again within the same run.
    monkeypatch.setattr("shared.outbox.drain_outbox.retry_delay", lambda _: timedelta(days=1))
    leave(school, {"bookingId": add_booking(school)})
    ses = boto3.client("ses", region_name="us-east-1")
    ses.delete_identity(Identity=FROM)
    assert worker({}) == {"handled": 0, "failed": 1, "parked": 0}
    assert (only(database)["code"], mailbox.sent) == ("mail_not_sent", [])
    ses.verify_email_identity(EmailAddress=FROM)
    database.rows('UPDATE "OutboxMessage" SET "availableAt" = \'2026-01-01\'')
    assert worker({}) == {"handled": 1, "failed": 0, "parked": 0}
    assert len(mailbox.sent) == 1


def test_with_nothing_to_do_it_says_so(school: School, mailbox: Mailbox, worker: LoadedFunction) -> None:
    assert worker({}) == {"handled": 0, "failed": 0, "parked": 0}


def test_a_student_who_books_gets_one_mail_and_the_teacher_another(
    school: School, api: Api, mailbox: Mailbox, worker: LoadedFunction
) -> None:
    booked = api.post("/v1/bookings", _booking(school)).json
    assert worker({})["handled"] == 2
    assert worker({})["handled"] == 0
    mails = {str(mail["To"]): mail for mail in map(read, mailbox.sent)}
    assert sorted(mails) == ["mai@example.com", "teacher1@aurora.test"]
    mail = mails["mai@example.com"]
    assert header_of(mail, "Subject").startswith("Đã đặt lịch: Conversation, ")
    assert f"/bookings/{booked['uid']}#manageToken={booked['manageToken']}" in text_of(mail)


def _booking(school: School) -> dict[str, object]:
    """Next Monday at 15:00 UTC, when the teacher in New York works, summer and winter."""
    now = datetime.now(UTC)
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=15, minute=0, second=0, microsecond=0)
    attendee = {"name": "Mai", "email": "Mai@Example.com", "timeZone": "Asia/Ho_Chi_Minh", "locale": "vi"}
    return {"eventTypeId": school.lesson_id, "start": monday.isoformat(), "attendee": attendee}
