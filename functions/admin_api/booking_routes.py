"""Bookings, for the staff: a teacher has their own, an admin all."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Engine

from shared.bookings.schemas import Cancellation, Rescheduling
from shared.bookings.staff_queries import get_staffs_booking, list_bookings
from shared.bookings.staff_schemas import BookingsQuery, NoShow
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings
from shared.edge.desk import Desk
from shared.edge.http import answer
from shared.edge.paying import Till
from shared.edge.requests import body_of, idempotency_key, optional_body_of, query_of, tenant_of
from shared.staff.schemas import ADMINS


def add_booking_routes(
    app: APIGatewayHttpResolver, settings: PaymentSettings, database: Engine, sealer: Sealer
) -> None:
    """The routes below /v1/admin/bookings."""
    desk = Desk(app, settings, database)
    _add_booking(desk, Till(settings, database, sealer))
    _add_reading(desk)
    _add_deciding(desk)
    _add_changing(desk)


def _add_booking(desk: Desk, till: Till) -> None:
    app = desk.app

    @app.post("/v1/admin/bookings")
    def book() -> Response[Any]:
        from shared.bookings.book_for_student import NewStaffBooking, book_for_student

        now, key = datetime.now(UTC), idempotency_key(app)
        booked = desk.done(
            lambda c, staff: book_for_student(c, staff, body_of(app, NewStaffBooking), key, now), ADMINS
        )
        school = tenant_of(app, desk.settings)
        told = till.with_page(school, booked.answer, now) if booked.is_paid else booked.answer
        headers: dict[str, str | list[str]] = {"Location": f"/v1/admin/bookings/{told.uid}"}
        return answer(told, 201, {"Idempotent-Replayed": "true"} if booked.replayed else headers)


def _add_reading(desk: Desk) -> None:
    app = desk.app

    @app.get("/v1/admin/bookings")
    def bookings() -> Response[Any]:
        return desk.told(lambda c, staff: list_bookings(c, staff, query_of(app, BookingsQuery)))

    @app.get("/v1/admin/bookings/<uid>")
    def booking(uid: str) -> Response[Any]:
        return desk.told(lambda c, staff: get_staffs_booking(c, staff, uid))


def _add_deciding(desk: Desk) -> None:
    app = desk.app

    @app.post("/v1/admin/bookings/<uid>/confirm")
    def confirm(uid: str) -> Response[Any]:
        from shared.bookings.confirm_booking import confirm_booking

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: confirm_booking(c, staff, uid, now))

    @app.post("/v1/admin/bookings/<uid>/reject")
    def reject(uid: str) -> Response[Any]:
        from shared.bookings.reject_booking import reject_booking

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: reject_booking(c, staff, uid, _reason(desk), now))


def _add_changing(desk: Desk) -> None:
    app = desk.app

    @app.post("/v1/admin/bookings/<uid>/cancel")
    def cancel(uid: str) -> Response[Any]:
        from shared.bookings.cancel_booking import cancel_booking

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: cancel_booking(c, staff, uid, _reason(desk), now))

    @app.post("/v1/admin/bookings/<uid>/reschedule")
    def reschedule(uid: str) -> Response[Any]:
        from shared.bookings.reschedule_booking import reschedule_booking

        now, key = datetime.now(UTC), idempotency_key(app)
        moved = desk.done(
            lambda c, staff: reschedule_booking(c, staff, uid, body_of(app, Rescheduling), key, now)
        )
        headers: dict[str, str | list[str]] = {"Location": f"/v1/admin/bookings/{moved.answer.uid}"}
        return answer(moved.answer, 201, {"Idempotent-Replayed": "true"} if moved.replayed else headers)

    @app.post("/v1/admin/bookings/<uid>/no-show")
    def no_show(uid: str) -> Response[Any]:
        from shared.bookings.mark_no_show import mark_no_show

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: mark_no_show(c, staff, uid, body_of(app, NoShow), now))


def _reason(desk: Desk) -> str | None:
    return optional_body_of(desk.app, Cancellation).reason
