"""What the admins of a school are written about money that needs a person."""

from email.message import EmailMessage
from typing import Any

import pytest

from shared.database import connect_database, in_tenant
from shared.notifications.news import NewsNotUnderstood
from shared.notifications.notices import NOTICES
from shared.notifications.tell_staff import tell_admins
from shared.notifications.write_notice import write_notice
from shared.tenant_scope import of_tenant
from tests.databases import TestDatabase
from tests.notifications.mails import SENDER, add_booking, add_row, header_of, read, told_of
from tests.schools import School, make_school

LANGUAGES = pytest.mark.parametrize("locale", ["en", "vi"])
CHECKOUT = """
    INSERT INTO "Checkout" ("tenantId", amount, currency, livemode, "holdUntil", "expiresAt", status, flag)
    VALUES (:t, 1500, 'eur', false, now(), now(), 'FAILED', 'amount_mismatch') RETURNING id::text
"""
REFUND = """
    INSERT INTO "Refund" ("tenantId", "bookingId", "paymentId", amount, currency, reason, status,
                          "failureCode")
    VALUES (:t, :b, :p, 1500, 'eur', 'SCHOOL', :status, 'lost_or_stolen_card') RETURNING id::text
"""


def paid_booking(school: School) -> tuple[int, int, str]:
    """A booking with its payment and the checkout's id."""
    booking = add_booking(school)
    checkout = str(school.database.value(CHECKOUT, t=school.id))
    payment = add_row(
        school,
        "Payment",
        bookingId=booking,
        uid="pay_1",
        externalId="pay_1",
        amount=1500,
        fee=0,
        currency="eur",
        success=True,
        refunded=False,
        data={},
        checkoutId=checkout,
    )
    return booking, payment, checkout


def refund(school: School, status: str = "FAILED") -> dict[str, Any]:
    booking, payment, _ = paid_booking(school)
    made = school.database.value(REFUND, t=school.id, b=booking, p=payment, status=status)
    return {"refundId": made}


def told(school: School, topic: str, facts: dict[str, Any]) -> EmailMessage | None:
    """The mail to the school's admin, by way of the outbox, under the role of the worker."""
    engine = connect_database(school.database.app_url)
    try:
        in_tenant(engine, of_tenant(school.id), lambda c: tell_admins(c, school.id, topic, facts))
        (row,) = school.database.rows('SELECT id, payload FROM "OutboxMessage" WHERE topic = :t', t=topic)
        return in_tenant(
            engine,
            of_tenant(school.id),
            lambda c: write_notice(c, school.id, row["id"], topic, row["payload"], SENDER),
        )
    finally:
        engine.dispose()


def seen(message: EmailMessage | None) -> EmailMessage:
    assert message is not None
    return read(message.as_bytes())


def test_a_message_that_names_no_reader_is_not_understood(school: School, database: TestDatabase) -> None:
    engine = connect_database(database.app_url)
    with pytest.raises(NewsNotUnderstood):
        in_tenant(
            engine,
            of_tenant(school.id),
            lambda c: write_notice(c, school.id, 1, "refund.failed", {"userId": "1"}, SENDER),
        )
    engine.dispose()


def test_who_has_left_is_not_written_to(school: School, database: TestDatabase) -> None:
    facts = refund(school)
    school.change("users", school.admin_id, locked=True)
    school.database.rows(
        """INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
           VALUES (:t, 'refund.failed', jsonb_build_object('userId', CAST(:u AS int)))""",
        t=school.id,
        u=school.admin_id,
    )
    engine = connect_database(database.app_url)
    payload = {"userId": school.admin_id, **facts}
    assert (
        in_tenant(
            engine,
            of_tenant(school.id),
            lambda c: write_notice(c, school.id, 1, "refund.failed", payload, SENDER),
        )
        is None
    )
    engine.dispose()


def test_what_has_been_given_back_after_all_is_not_told(school: School) -> None:
    assert told(school, "refund.failed", refund(school, "SUCCEEDED")) is None


def test_nobody_but_the_schools_own_admins_is_told(school: School, database: TestDatabase) -> None:
    other = make_school(database, "lotus")
    assert told(school, "refund.failed", refund(school)) is not None
    readers = database.rows("""SELECT payload->>'userId' AS id FROM "OutboxMessage\"""")
    assert [int(each["id"]) for each in readers] == [school.admin_id]
    assert other.admin_id != school.admin_id


def test_what_another_school_has_is_not_told(school: School, database: TestDatabase) -> None:
    other = make_school(database, "lotus")
    for topic, facts in (
        ("refund.failed", refund(other)),
        ("payment.flagged", {"checkoutId": _first(other)}),
    ):
        assert told(school, topic, facts) is None


@LANGUAGES
@pytest.mark.parametrize("topic", ["refund.failed", "payment.flagged", "payment.disputed"])
def test_an_admin_is_told_the_amount_and_the_booking(school: School, topic: str, locale: str) -> None:
    school.change("users", school.admin_id, locale=locale)
    facts = refund(school) | {"checkoutId": _first(school)}
    message = seen(told(school, topic, facts))
    amount = {"en": "15.00 EUR", "vi": "15,00 EUR"}[locale]
    assert message["To"] == school.admin_email
    assert amount in told_of(message)
    assert f"uid-of-{school.subdomain}" in told_of(message)
    assert "{{" not in told_of(message)
    assert header_of(message, "Subject")


def test_every_notice_is_written_in_both_languages() -> None:
    from shared.notifications.render_letter import _TEMPLATES, LANGUAGES

    for notice in NOTICES.values():
        for language in LANGUAGES:
            assert (_TEMPLATES / f"{notice.template}.{language}.j2").is_file()


def _first(school: School) -> str:
    found = school.database.value('SELECT id::text FROM "Checkout" WHERE "tenantId" = :t', t=school.id)
    return str(found or school.database.value(CHECKOUT, t=school.id))
