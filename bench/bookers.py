"""The ways to book that are compared; each books one lesson of a place a call, and fails when it does not."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url

from bench.schools import LESSON_MINUTES, Place, start_of
from shared.bookings import create_booking as use_case
from shared.bookings.schemas import NewBooking
from shared.database import connect_database, connection_arguments, driver_url, in_tenant, of_tenant
from tests.functions import LambdaContext, LoadedFunction, http_event, load_function

Booker = Callable[[Place, int], None]

BASE_DOMAIN = "booking.test"
_TENANT = text("SELECT set_config('app.current_tenant_id', :tenant, true)")


@dataclass
class Bookers:
    """Everything that one client needs to book in any way, with connections of its own."""

    database_url: str

    def named(self, name: str) -> Booker:
        booker: Booker = getattr(self, name)
        return booker

    def statements_in_three_trips(self, place: Place, number: int) -> None:
        """The two statements of a booking, with nothing around them but the transaction."""
        in_tenant(self.engine, of_tenant(place.tenant), lambda c: _two_statements(c, place, number))

    def statements_on_stock_pg8000(self, place: Place, number: int) -> None:
        """The same on the connection that SQLAlchemy's own dialect makes."""
        with self.stock_engine.begin() as connection:
            connection.execute(_TENANT, {"tenant": str(place.tenant)})
            _two_statements(connection, place, number)

    def use_case(self, place: Place, number: int) -> None:
        """With the rules: hours, notice, horizon, limits, the answer."""
        command = NewBooking.model_validate_json(_body(place, number))
        now = datetime.now(UTC)
        tenant = of_tenant(place.tenant)
        in_tenant(self.engine, tenant, lambda c: use_case.create_booking(c, command, None, now))

    def handler(self, place: Place, number: int) -> None:
        """As API Gateway calls it: routing, JSON, the tenant by its name, logs."""
        self._post(place, number, {})

    def handler_with_key(self, place: Place, number: int) -> None:
        """The same with an Idempotency-Key, which is stored with the booking."""
        self._post(place, number, {"idempotency-key": f"{place.teacher}-{number}"})

    def _post(self, place: Place, number: int, more: dict[str, str]) -> None:
        headers = {"content-type": "application/json", "x-tenant": f"school{place.school}", **more}
        event = {**self.event, "headers": headers, "body": _body(place, number)}
        answer = self.function.module.handler(event, self.context)
        if answer["statusCode"] != 201:
            raise RuntimeError(answer["body"])

    @cached_property
    def engine(self) -> Engine:
        return connect_database(self.database_url)

    @cached_property
    def stock_engine(self) -> Engine:
        arguments = connection_arguments(make_url(self.database_url))
        return create_engine(
            driver_url(self.database_url), connect_args=arguments, pool_size=1, max_overflow=0
        )

    @cached_property
    def function(self) -> LoadedFunction:
        return load_function("booking_api")

    @cached_property
    def event(self) -> dict[str, Any]:
        return http_event("POST", "/v1/bookings", body="", headers={}, host=f"api.{BASE_DOMAIN}")

    @cached_property
    def context(self) -> LambdaContext:
        return LambdaContext()


def _two_statements(connection: Connection, place: Place, number: int) -> None:
    start, now = start_of(number), datetime.now(UTC)
    common = {"event_type": place.tenant, "teacher": place.teacher, "start": start, "key": None,
              "email": _student(number), "year": now.year, "month": now.month}  # fmt: skip
    asked = connection.execute(use_case._OFFER, {**common, "end": start + 1}).one()
    if not asked.whitelisted:
        raise RuntimeError("the student is not on the list")
    uid = f"{place.teacher:016x}{number:016x}"
    told = {"tenant": place.tenant, "allowed": asked.allowed, "title": asked.title, "uid": uid, "token": uid}
    ends = {"end": start + LESSON_MINUTES * 60, "before": asked.before_buffer, "after": asked.after_buffer}
    done = connection.execute(use_case._BOOK, {**_SAID, **common, **told, **ends}).one()
    if not done.placed or not done.counted:
        raise RuntimeError("the time is taken")


_SAID = {"status": "accepted", "whitelisted": True, "name": "Mai Nguyen", "zone": "Asia/Ho_Chi_Minh",
         "locale": "vi", "notes": None, "hash": "", "answer": "{}"}  # fmt: skip


def _student(number: int) -> str:
    return f"student{number % 1000}@example.com"


def _body(place: Place, number: int) -> str:
    start = datetime.fromtimestamp(start_of(number), UTC).isoformat()
    attendee = {
        "name": "Mai Nguyen",
        "email": _student(number),
        "timeZone": "Asia/Ho_Chi_Minh",
        "locale": "vi",
    }
    lesson = {"eventTypeId": place.tenant, "teacherId": place.teacher, "start": start}
    return json.dumps({**lesson, "attendee": attendee})
