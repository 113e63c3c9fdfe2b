"""Stripe, for the admins of a school: their keys, what came in, and giving it back."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Connection, Engine

from shared.clients.sealing import Sealer
from shared.config import PaymentSettings
from shared.edge.desk import Desk
from shared.edge.http import answer
from shared.edge.requests import body_of, idempotency_key, optional_body_of, query_of
from shared.payments.settings_schemas import NewStripeSettings
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import ADMINS


def add_payment_routes(
    app: APIGatewayHttpResolver, settings: PaymentSettings, database: Engine, sealer: Sealer
) -> None:
    """The routes of payments."""
    desk = Desk(app, settings, database)
    _add_keys(desk, settings, sealer)
    _add_trial(desk, settings, sealer)
    _add_money(desk)


def _add_keys(desk: Desk, settings: PaymentSettings, sealer: Sealer) -> None:
    app, api_url = desk.app, settings.url_of(settings.first_api_host)

    @app.get("/v1/admin/settings/stripe")
    def stripe_settings() -> Response[Any]:
        from shared.payments.stripe_settings import load_stripe_settings, settings_view

        return desk.told(
            lambda c, staff: settings_view(load_stripe_settings(c, staff.tenant.id), api_url), ADMINS
        )

    @app.put("/v1/admin/settings/stripe")
    def put_stripe_settings() -> Response[Any]:
        from shared.payments import stripe_settings as keys

        before = desk.done(lambda c, staff: keys.load_stripe_settings(c, staff.tenant.id), ADMINS)
        command, now = body_of(app, NewStripeSettings), datetime.now(UTC)
        # KMS is asked between the two transactions: neither waits for it.
        after = keys.changed_settings(before, command, sealer, now)
        desk.done(lambda c, staff: keys.save_stripe_settings(c, staff, before, after, now), ADMINS)
        return answer(keys.settings_view(after, api_url))


def _add_trial(desk: Desk, settings: PaymentSettings, sealer: Sealer) -> None:
    @desk.app.post("/v1/admin/settings/stripe/test")
    def try_stripe() -> Response[Any]:
        from shared.payments.stripe_access import SealedAccess, StripeDoor, load_access
        from shared.payments.try_stripe import try_stripe

        def load(connection: Connection, _: StaffMember) -> SealedAccess:
            return load_access(connection)

        access = desk.done(load, ADMINS)
        return answer(try_stripe(StripeDoor(sealer, settings.stripe_api_url), access))


def _add_money(desk: Desk) -> None:
    app = desk.app

    @app.get("/v1/admin/payments")
    def payments() -> Response[Any]:
        from shared.payments.money_report import money_report, report_csv
        from shared.payments.money_schemas import MoneyQuery

        now = datetime.now(UTC)
        report = desk.done(
            lambda c, staff: money_report(c, staff.tenant.id, query_of(app, MoneyQuery), now), ADMINS
        )
        if query_of(app, MoneyQuery).format == "json":
            return answer(report)
        headers: dict[str, str | list[str]] = {
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="payments.csv"',
        }
        return Response(200, "text/csv; charset=utf-8", report_csv(report), headers)

    @app.post("/v1/admin/bookings/<uid>/refund")
    def refund(uid: str) -> Response[Any]:
        from shared.payments.money_schemas import NewRefund
        from shared.payments.refund_booking import refund_booking

        now, key = datetime.now(UTC), idempotency_key(app)
        return desk.told(
            lambda c, staff: refund_booking(c, staff, uid, optional_body_of(app, NewRefund), key, now), ADMINS
        )
