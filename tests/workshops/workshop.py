"""A workshop of a school, with what tests ask of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bookings.requests import MAI
from tests.functions import Answer, Api
from tests.schools import School

# Far enough for every test, and the same whenever it runs; a Tuesday in winter, New York five hours behind.
FIRST = datetime(2035, 1, 9, 15, 0, tzinfo=UTC)
WEEK = timedelta(days=7)

SESSION = """
    INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "teacherId", "startTime",
                                   "endTime", "seatLimit")
    VALUES (:tenant, :event_type, :number, :teacher, CAST(:start AS timestamp),
            CAST(:start AS timestamp) + interval '90 minutes', :seats) RETURNING id
"""


@dataclass
class Workshop:
    """`id` is the event type's."""

    school: School
    id: int

    @property
    def path(self) -> str:
        return f"/v1/event-types/{self.id}/sessions"

    @property
    def admin_path(self) -> str:
        return f"/v1/admin/event-types/{self.id}"

    @property
    def claims(self) -> dict[str, str]:
        return {"email": self.school.admin_email, "email_verified": "true"}

    def add_session(self, number: int, *, seats: int | None = 3, start: datetime | None = None) -> int:
        """A session a week after the one before, written straight into the table; returns its id."""
        at = start or FIRST + WEEK * (number - 1)
        return int(
            self.school.database.value(
                SESSION,
                tenant=self.school.id,
                event_type=self.id,
                number=number,
                teacher=self.school.teacher_id,
                start=at.replace(tzinfo=None).isoformat(),
                seats=seats,
            )
        )

    def seat(self, number: int = 1, *, who: int = 0, **more: Any) -> dict[str, Any]:
        """The body of a booking of one seat by a student."""
        return {"eventTypeId": self.id, "sessionNumber": number, "attendee": student(who), **more}

    def series(self, which: str = "all", *, who: int = 0, **more: Any) -> dict[str, Any]:
        return {"eventTypeId": self.id, "series": which, "attendee": student(who), **more}

    def put_rule(self, admin: Api, **rule: Any) -> Answer:
        """The school says when the workshop takes place."""
        return admin.put(f"{self.admin_path}/recurrence", rule, claims=self.claims)

    def wait(self, api: Api, number: int = 1, *, who: int = 9, key: str | None = None) -> Answer:
        headers = {"idempotency-key": key} if key else {}
        return api.post(f"{self.path}/{number}/waitlist", {"attendee": student(who)}, headers=headers)

    def taken(self) -> dict[int, int]:
        """Seats taken by session."""
        found = self.school.database.rows(
            'SELECT "sessionNumber" AS n, "seatsTaken" AS taken FROM "WorkshopSession" ORDER BY 1'
        )
        return {row["n"]: row["taken"] for row in found}

    def entries(self) -> list[str]:
        """What became of who waited, in order."""
        return [
            row["status"]
            for row in self.school.database.rows('SELECT status FROM "WaitlistEntry" ORDER BY id')
        ]

    def booking_of_offer(self, number: int = 0) -> dict[str, Any]:
        """The uid and token of the n-th seat that was offered."""
        return self.school.database.rows(
            """SELECT b.id, b.uid, b."manageToken" AS token, b.status::text AS status,
                      b."holdExpiresAt" AT TIME ZONE 'UTC' AS hold_expires_at
               FROM "WaitlistEntry" w JOIN "Booking" b ON b.id = w."bookingId" ORDER BY b.id"""
        )[number]

    def topics(self, topic: str) -> list[dict[str, Any]]:
        found = self.school.database.rows(
            'SELECT payload FROM "OutboxMessage" WHERE topic = :topic ORDER BY id', topic=topic
        )
        return [row["payload"] for row in found]


def student(number: int) -> dict[str, Any]:
    return {**MAI, "email": f"student{number}@example.com"}


def make_workshop(school: School, slug: str = "workshop", *, seats: int | None = 3) -> Workshop:
    made = school.add_event_type(slug, length=90, isWorkshop=True, seatLimit=seats)
    return Workshop(school, made)


def cancel(api: Api, booking: dict[str, Any]) -> Answer:
    """The holder of the token cancels; `booking` is an answer of the API."""
    token = {"x-manage-token": booking["manageToken"]}
    return api.post(f"/v1/bookings/{booking['uid']}/cancel", {}, headers=token)


def accept(api: Api, offer: dict[str, Any]) -> Answer:
    return api.post(f"/v1/bookings/{offer['uid']}/accept", headers={"x-manage-token": offer["token"]})
