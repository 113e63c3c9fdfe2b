"""The operations of payments: a school's Stripe keys."""

from shared.bookings.errors import BookingNotActive, BookingNotFound
from shared.bookings.staff_schemas import StaffBookingView
from shared.clients.stripe_errors import PaymentRefused, PaymentsNotSetUp, PaymentsUnavailable
from shared.errors import Conflict, IdempotencyKeyReused, InvalidRequest, Problem
from shared.openapi.booking_operations import KNOWN
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
from shared.payments.errors import NothingToRefund, PaymentDisputed, RefundTooLarge
from shared.payments.money_schemas import MoneyQuery, MoneyReport, NewRefund
from shared.payments.settings_schemas import NewStripeSettings, StripeConnection, StripeSettingsView

SETTINGS = {
    "mode": "test",
    "publishableKey": "pk_test_51example",
    "hasSecretKey": True,
    "hasWebhookSecret": True,
    "webhookUrl": "https://api.booking.example.com/v1/webhooks/stripe/9kq3c1Zb7Vd2xQe5",
}

OF_CHECKOUTS: tuple[type[Problem], ...] = (
    PaymentsNotSetUp,
    PaymentRefused,
    PaymentsUnavailable,
    BookingNotActive,
)

PAID = {**KNOWN, "payments": [{"amount": 1500, "currency": "eur", "paid": True, "refunded": False}]}

OF_PAYMENTS_FOR_STAFF = (
    Operation("GET", "/v1/admin/payments", "listPayments",
              "What came in, went back and was kept by Stripe, by months", "Payments", MoneyReport,
              query=MoneyQuery, other_media_types=("text/csv",), security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest),
              example={"months": [{"month": "2026-11", "mode": "test", "currency": "eur", "payments": 2,
                                   "captured": 3000, "refunds": 1, "refunded": 1500, "fees": 148}]}),
    Operation("POST", "/v1/admin/bookings/{uid}/refund", "refundBooking",
              "Give back what was paid, or a part of it", "Payments", StaffBookingView,
              body=NewRefund, body_is_optional=True,
              security="StaffToken", idempotent=True,
              problems=(*OF_STAFF, *WITH_A_BODY, BookingNotFound, IdempotencyKeyReused, NothingToRefund,
                        RefundTooLarge, PaymentDisputed),
              example={**PAID, "refunds": [{"amount": 500, "currency": "eur", "status": "PENDING"}]}),
    Operation("GET", "/v1/admin/settings/stripe", "getStripeSettings", "Which Stripe keys the school has set",
              "Payments", StripeSettingsView, security="StaffToken", problems=OF_STAFF, example=SETTINGS),
    Operation("PUT", "/v1/admin/settings/stripe", "putStripeSettings", "Set the school's Stripe keys",
              "Payments", StripeSettingsView, body=NewStripeSettings, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, Conflict), example=SETTINGS),
    Operation("POST", "/v1/admin/settings/stripe/test", "testStripeSettings",
              "Ask Stripe whether the keys work", "Payments", StripeConnection, security="StaffToken",
              problems=(*OF_STAFF, PaymentsNotSetUp, PaymentsUnavailable, PaymentRefused),
              example={"accountId": "acct_1example", "chargesEnabled": True, "country": "DE",
                       "currency": "eur", "mode": "test"}),
)  # fmt: skip
