"""The operations of payments: a school's Stripe keys."""

from shared.bookings.errors import BookingNotActive
from shared.clients.stripe_errors import PaymentRefused, PaymentsNotSetUp, PaymentsUnavailable
from shared.errors import Conflict, Problem
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
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

OF_PAYMENTS_FOR_STAFF = (
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
