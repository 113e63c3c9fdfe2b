"""The ways to book that are compared; each books one lesson of a place a call, and fails when it does not."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text

from bench.schools import FIRST_START, LESSON_MINUTES, Place, start_of, student_of
from shared.bookings import create_booking as use_case
from shared.bookings.book_lesson import BOOK, LessonToBook, book_lesson
from shared.bookings.schemas import NewBooking
from shared.connection import connection_arguments
from shared.database import call, connect_database, driver_url, in_tenant
from shared.slots.list_slots import list_slots
from shared.slots.offer import OFFER, OfferQuestion, load_offer
from shared.slots.schemas import SlotsQuery
from shared.tenant_scope import of_tenant
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

    def two_calls(self, place: Place, number: int) -> None:
        """The two functions of a booking, with nothing around them but the transaction."""
        in_tenant(self.engine, of_tenant(place.tenant), lambda c: _two_calls(c, place, number))

    def two_calls_of_sqlalchemy(self, place: Place, number: int) -> None:
        """The same functions the usual way: executed and committed by SQLAlchemy, on our connection."""
        in_tenant(self.engine, of_tenant(place.tenant), lambda c: _two_calls_of_sqlalchemy(c, place, number))

    def two_calls_on_stock_pg8000(self, place: Place, number: int) -> None:
        """The same on the connection that SQLAlchemy's own dialect makes."""
        with self.stock_engine.begin() as connection:
            connection.execute(_TENANT, {"tenant": str(place.tenant)})
            _two_calls_of_sqlalchemy(connection, place, number)

    def use_case(self, place: Place, number: int) -> None:
        """With the rules: hours, notice, horizon, limits, the answer."""
        command = NewBooking.model_validate_json(body_of_lesson(place, number))
        now = datetime.now(UTC)
        tenant = of_tenant(place.tenant)
        in_tenant(self.engine, tenant, lambda c: use_case.create_booking(c, command, None, now))

    def handler(self, place: Place, number: int) -> None:
        """As API Gateway calls it: routing, JSON, the tenant by its name, logs."""
        self._post(place, number, {})

    def handler_with_key(self, place: Place, number: int) -> None:
        """The same with an Idempotency-Key, which is stored with the booking."""
        self._post(place, number, {"idempotency-key": f"{place.teacher}-{number}"})

    def free_times(self, place: Place, _: int) -> None:
        """A teacher's free times of the 30 days from the first lesson on."""
        now, tenant = datetime.fromtimestamp(FIRST_START - 86_400, UTC), of_tenant(place.tenant)
        query = SlotsQuery(start="2030-01-01", end="2030-01-30", time_zone="UTC", teacher_id=place.teacher)
        told = in_tenant(self.engine, tenant, lambda c: list_slots(c, place.tenant, query, now))
        if not told.slots:
            raise RuntimeError("no free times")

    def query_of_free_times(self, place: Place, _: int) -> None:
        """What the database does for them."""
        question = OfferQuestion(place.tenant, place.teacher, FIRST_START, FIRST_START + 30 * 86_400)
        offer = in_tenant(self.engine, of_tenant(place.tenant), lambda c: load_offer(c, question))
        if not offer.teachers:
            raise RuntimeError("nobody teaches")

    def _post(self, place: Place, number: int, more: dict[str, str]) -> None:
        headers = {"content-type": "application/json", "x-tenant": f"school{place.school}", **more}
        event = {**self.event, "headers": headers, "body": body_of_lesson(place, number)}
        event["requestContext"]["http"]["sourceIp"] = (
            f"10.{place.teacher % 250}.{number // 250 % 250}.{number % 250}"
        )
        answer = self.function.module.handler(event, self.context)
        if answer["statusCode"] != 201:
            raise RuntimeError(answer["body"])

    @cached_property
    def engine(self) -> Engine:
        return connect_database(self.database_url)

    @cached_property
    def stock_engine(self) -> Engine:
        arguments = connection_arguments(self.database_url)
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


def _question(place: Place, number: int) -> OfferQuestion:
    start, now = start_of(number), datetime.now(UTC)
    return OfferQuestion(
        event_type=place.tenant,
        teacher=place.teacher,
        start=start,
        end=start + 1,
        booker=student_of(place, number),
        year=now.year,
        month=now.month,
    )


def _lesson(place: Place, number: int, offer: dict[str, Any]) -> LessonToBook:
    start, terms = start_of(number), offer["event_type"]
    uid = f"{place.teacher:016x}{number:016x}"
    return LessonToBook(
        teachers=[place.teacher],
        names=["Teacher"],
        titles=[terms["title"]],
        limits=None,
        event_type=place.tenant,
        start=start,
        end=start + LESSON_MINUTES * 60,
        before_buffer=terms["before_buffer"],
        after_buffer=terms["after_buffer"],
        uid=uid,
        token=uid,
        status="accepted",
        hold_until=None,
        refundable_until=start,
        is_whitelisted=True,
        notes=None,
        name="Mai Nguyen",
        email=student_of(place, number),
        time_zone="Asia/Ho_Chi_Minh",
        locale="vi",
        key=None,
        request_hash=None,
        first_answer=None,
        made_at=datetime.now(UTC),
        allowed=offer["tenant"]["allowed"],
        most_active=None,
        source=None,
        most_requests=0,
        window_seconds=60,
    )


def _two_calls(connection: Connection, place: Place, number: int) -> None:
    ((offer,),) = call(connection, OFFER, *_question(place, number))
    outcome, _ = book_lesson(connection, _lesson(place, number, offer))
    if outcome != "booked":
        raise RuntimeError(outcome)


def _two_calls_of_sqlalchemy(connection: Connection, place: Place, number: int) -> None:
    offer = connection.exec_driver_sql(_stock(OFFER), tuple(_question(place, number))).scalar_one()
    told = connection.exec_driver_sql(_stock(BOOK), tuple(_lesson(place, number, offer))).scalar_one()
    if told != "booked 1":
        raise RuntimeError(told)


def _stock(statement: str) -> str:
    return re.sub(r"\$\d+", "%s", statement)


def body_of_lesson(place: Place, number: int) -> str:
    start = datetime.fromtimestamp(start_of(number), UTC).isoformat()
    attendee = {
        "name": "Mai Nguyen",
        "email": student_of(place, number),
        "timeZone": "Asia/Ho_Chi_Minh",
        "locale": "vi",
    }
    lesson = {"eventTypeId": place.tenant, "teacherId": place.teacher, "start": start}
    return json.dumps({**lesson, "attendee": attendee})
