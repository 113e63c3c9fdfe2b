"""Changes to keys and to money leave a trail, which holds no secret."""

from typing import Any

from tests.bookings.life import Staff
from tests.functions import Api
from tests.payments.paid_school import PaidSchool
from tests.payments.paying import book, page_of
from tests.payments.worker import Worker
from tests.schools import School

KEYS = {"secretKey": "sk_test_aurora", "webhookSecret": "whsec_first", "publishableKey": "pk_test_aurora"}


def noted(school: School) -> list[dict[str, Any]]:
    return school.database.rows(
        'SELECT action, "subjectId" AS id, "actorId" AS by, changes FROM "AuditEvent" ORDER BY id'
    )


def put(admin: Staff, **keys: Any) -> None:
    assert admin.api.put("/v1/admin/settings/stripe", keys, claims={"email": admin.email}).status == 200


def test_keys_are_noted_as_changed_and_not_told(admin: Staff, school: School) -> None:
    put(admin, **KEYS)
    put(admin, secretKey="sk_test_second")
    put(admin)
    first, second, *more = noted(school)
    assert (first["action"], first["by"], more) == ("stripeSettings.updated", school.admin_id, [])
    assert first["changes"]["publishableKey"] == {"before": None, "after": "pk_test_aurora"}
    assert (first["changes"]["secretKey"], first["changes"]["webhookSecret"]) == ("changed", "changed")
    assert second["changes"] == {"secretKey": "changed"}
    assert not any(secret in str(noted(school)) for secret in ("sk_test", "whsec"))


def test_a_refund_is_noted_once_for_a_key(api: Api, paid: PaidSchool, worker: Worker, admin: Staff) -> None:
    made = book(api, paid)
    paid.stripe.page(page_of(made), "pay")
    worker.look()
    for _ in range(2):
        admin.post(f"/{made['uid']}/refund", {"amount": 500}, headers={"Idempotency-Key": "goodwill"})
    (refund,) = noted(paid.school)
    assert refund == {
        "action": "booking.refunded",
        "id": made["uid"],
        "by": paid.school.admin_id,
        "changes": {"amount": {"before": None, "after": 500}},
    }
