"""What students and staff do to a booking that is there, and what the database says of it then."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.bookings.requests import lesson
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.schools import School

Made = dict[str, Any]


@dataclass(frozen=True)
class Staff:
    """Somebody of the staff, by their address."""

    api: Api
    email: str

    def get(self, path: str) -> Answer:
        return self.api.get(f"/v1/admin/bookings{path}", claims={"email": self.email})

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.api.post(
            f"/v1/admin/bookings{path}", {} if body is None else body, claims={"email": self.email}, **options
        )

    def named(self, email: str) -> "Staff":
        """Somebody else at the same desk."""
        return replace(self, email=email)


def book(api: Api, school: School, start: datetime, **more: Any) -> Made:
    """A booking of the school's lesson, as it was answered."""
    answer = api.post("/v1/bookings", lesson(school, start, **more))
    assert answer.status == 201, answer
    made: Made = answer.json
    return made


def key_of(made: Made) -> dict[str, str]:
    return {"X-Manage-Token": made["manageToken"]}


def cancel(api: Api, made: Made, reason: str | None = None) -> Answer:
    body = {"reason": reason} if reason else {}
    return api.post(f"/v1/bookings/{made['uid']}/cancel", body, headers=key_of(made))


def move(api: Api, made: Made, start: datetime, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    body = {"start": start.isoformat(), **more}
    return api.post(
        f"/v1/bookings/{made['uid']}/reschedule", body, headers={**key_of(made), **(headers or {})}
    )


def row_of(database: TestDatabase, uid: str) -> dict[str, Any]:
    (row,) = database.rows('SELECT * FROM "Booking" WHERE uid = :uid', uid=uid)
    return row


def pay(school: School, uid: str, amount: int = 1500, **more: Any) -> None:
    """Somebody has paid for it at Stripe."""
    values = {"success": True, "refunded": False, "external": f"pi_{uid}_{amount}", **more}
    school.database.rows(
        """INSERT INTO "Payment" ("tenantId", uid, "bookingId", amount, fee, currency, success, refunded,
                                  data, "externalId")
           SELECT "tenantId", :external, id, :amount, 0, 'eur', :success, :refunded, '{}', :external
           FROM "Booking" WHERE uid = :uid""",
        uid=uid,
        amount=amount,
        **values,
    )


def messages(database: TestDatabase, *topics: str) -> list[tuple[str, dict[str, Any]]]:
    """Topic and payload of what was put in the outbox, without the creations."""
    rows = database.rows(
        """SELECT topic, payload FROM "OutboxMessage" WHERE topic <> 'booking.created' ORDER BY id"""
    )
    return [(row["topic"], row["payload"]) for row in rows if not topics or row["topic"] in topics]


def events(database: TestDatabase) -> list[tuple[str, str, int | None, Any]]:
    """Type, actor, the actor's id and details of what was written down."""
    rows = database.rows('SELECT * FROM "BookingEvent" ORDER BY id')
    return [(row["type"], row["actor"], row["actorId"], row["details"]) for row in rows]


def refunds(database: TestDatabase) -> list[tuple[int, str, str]]:
    """Amount, reason and status."""
    rows = database.rows('SELECT amount, reason, status FROM "Refund" ORDER BY amount')
    return [(row["amount"], row["reason"], row["status"]) for row in rows]
