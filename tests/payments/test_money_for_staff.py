"""The school sees what came in, and gives back what it wants to."""

from typing import Any

import pytest

from tests.bookings.life import Staff
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import book, page_of
from tests.payments.worker import Worker

KEY = {"Idempotency-Key": "goodwill"}


@pytest.fixture
def sold(api: Api, paid: PaidSchool, worker: Worker) -> dict[str, Any]:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    return made


def report(admin: Staff, query: str = "") -> Any:
    return admin.api.get(f"/v1/admin/payments{query}", claims={"email": admin.email})


def test_teachers_see_and_give_back_no_money(admin: Staff, sold: dict[str, Any]) -> None:
    teacher = admin.named("teacher1@aurora.test")
    assert report(teacher).code == "forbidden"
    assert teacher.post(f"/{sold['uid']}/refund").code == "forbidden"


@pytest.mark.parametrize("amount", [0, -1, 1.5, "500", 1 << 31, True])
def test_no_such_amount_is_given_back(admin: Staff, sold: dict[str, Any], amount: Any) -> None:
    assert admin.post(f"/{sold['uid']}/refund", {"amount": amount}).code == "invalid_request"


def test_what_was_not_paid_is_not_given_back(api: Api, paid: PaidSchool, admin: Staff) -> None:
    made = book(api, paid)
    assert admin.post(f"/{made['uid']}/refund").code == "nothing_to_refund"
    assert admin.post("/nobodys/refund").code == "booking_not_found"


def test_no_more_than_was_paid_is_given_back(
    paid: PaidSchool, worker: Worker, admin: Staff, sold: dict[str, Any]
) -> None:
    refused = admin.post(f"/{sold['uid']}/refund", {"amount": 1501})
    assert (refused.code, refused.json["left"]) == ("refund_too_large", 1500)
    assert admin.post(f"/{sold['uid']}/refund", {"amount": 1000}).status == 200
    assert admin.post(f"/{sold['uid']}/refund", {"amount": 501}).json["left"] == 500
    assert admin.post(f"/{sold['uid']}/refund").status == 200
    assert admin.post(f"/{sold['uid']}/refund").code == "nothing_to_refund"
    worker.look()
    assert (paid.money(), paid.payments()) == ((1500, 1500), [(1500, True, True)])


def test_a_part_is_given_back_once_for_a_key_and_the_booking_stays(
    paid: PaidSchool, worker: Worker, admin: Staff, sold: dict[str, Any]
) -> None:
    for _ in range(2):
        told = admin.post(f"/{sold['uid']}/refund", {"amount": 500}, headers=KEY)
        assert told.json["refunds"] == [{"amount": 500, "currency": "eur", "status": "PENDING"}]
    assert admin.post(f"/{sold['uid']}/refund", {"amount": 600}, headers=KEY).code == "idempotency_key_reused"
    worker.look()
    assert (paid.money(), paid.statuses()) == ((1500, 500), ["accepted"])
    assert broken_invariants(paid.school.database) == []


@pytest.mark.parametrize("query", ["?from=2026-13", "?from=26-01", "?from=2026-02&to=2026-01", "?format=xls"])
def test_a_report_of_no_months_is_refused(admin: Staff, query: str) -> None:
    assert report(admin, query).code == "invalid_request"


def test_the_report_has_the_sums_that_stripe_has(
    api: Api, paid: PaidSchool, worker: Worker, admin: Staff, sold: dict[str, Any]
) -> None:
    paid.stripe.page(page_of(book(api, paid, 10)), "pay")
    book(api, paid, 11)
    worker.look()
    admin.post(f"/{sold['uid']}/refund", {"amount": 500})
    worker.look()
    (month,) = report(admin).json["months"]
    told = {name: month[name] for name in ("mode", "currency", "payments", "refunds")}
    assert told == {"mode": "test", "currency": "eur", "payments": 2, "refunds": 1}
    assert (month["captured"], month["refunded"]) == paid.money() == (3000, 500)
    fees = paid.school.database.value('SELECT sum("feeAmount") FROM "Checkout"')
    assert month["fees"] == fees > 0
    sheet = report(admin, "?format=csv")
    assert sheet.headers["content-type"].startswith("text/csv")
    header, line = sheet.text.splitlines()
    assert header == "month,mode,currency,payments,captured,refunds,refunded,fees"
    assert line == f"{month['month']},test,eur,2,30.00,1,5.00,{fees / 100:.2f}"
    assert report(admin, "?from=2001-01&to=2001-12").json == {"months": []}
