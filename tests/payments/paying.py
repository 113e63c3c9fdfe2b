"""What students, Stripe and the outbox do around a payment."""

import json
from typing import Any

from tests.bookings.requests import lesson, next_monday
from tests.functions import Api
from tests.payments.paid_school import PaidSchool
from tests.payments.webhooks import Webhooks, signed


def book(api: Api, paid: PaidSchool, hour: int = 9, **more: Any) -> dict[str, Any]:
    answer = api.post("/v1/bookings", lesson(paid.school, next_monday(hour), **more))
    assert answer.status == 201, answer
    made: dict[str, Any] = answer.json
    return made


def page_of(made: dict[str, Any]) -> str:
    return str(made["payment"]["checkoutUrl"])


def tell(webhooks: Webhooks, paid: PaidSchool, events: list[dict[str, Any]]) -> None:
    for each in events:
        body = json.dumps(each).encode()
        assert webhooks.post(paid.endpoint, body, signed(body)).status == 200


def letters(paid: PaidSchool) -> list[tuple[str, Any]]:
    rows = paid.school.database.rows(
        """SELECT topic, payload FROM "OutboxMessage" WHERE "handledAt" IS NULL ORDER BY id"""
    )
    return [(row["topic"], row["payload"].get("to")) for row in rows]
