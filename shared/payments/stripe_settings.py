"""A school's Stripe keys, for its admins: what is set is told, the secrets themselves never are."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Connection, Text, bindparam, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.clients.sealing import Sealer
from shared.errors import Conflict, InvalidRequest
from shared.payments.settings_schemas import NewStripeSettings, StripeSettingsView, mode_of
from shared.payments.stripe_access import KEY_COLUMN
from shared.payments.webhook_secrets import open_webhook_secrets, seal_webhook_secrets
from shared.staff.find_staff import StaffMember

# As long as Stripe itself goes on signing with both, when a secret is rolled there.
OVERLAP = timedelta(hours=24)

_LOAD = text("""
    SELECT t.id, t."stripeSecretKeyEncrypted" AS sealed_key, t."stripeWebhookSecret" AS sealed_webhook,
           t."stripePublishableKey" AS publishable, t."stripeAccountId" AS account,
           t."stripeLivemode" AS livemode,
           (SELECT w.id FROM "WebhookEndpoint" w WHERE w."tenantId" = t.id AND w.provider = 'STRIPE'
            ORDER BY w."createdAt", w.id LIMIT 1) AS endpoint
    FROM "Tenant" t WHERE t.id = :tenant
""")
_WRITE = text("""
    UPDATE "Tenant" SET "stripeSecretKeyEncrypted" = :key, "stripeWebhookSecret" = :webhook,
           "stripePublishableKey" = :publishable, "stripeAccountId" = :account, "stripeLivemode" = :livemode,
           "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :tenant AND "stripeSecretKeyEncrypted" IS NOT DISTINCT FROM :key_before
      AND "stripeWebhookSecret" IS NOT DISTINCT FROM :webhook_before
""").bindparams(
    *(bindparam(name, type_=Text) for name in ("key", "webhook", "publishable", "account", "key_before",
                                               "webhook_before")),
    bindparam("livemode", type_=Boolean),
)  # fmt: skip
_LISTEN = text("""
    INSERT INTO "WebhookEndpoint" (id, "tenantId", provider)
    SELECT :id, :tenant, 'STRIPE' WHERE NOT EXISTS (
        SELECT FROM "WebhookEndpoint" WHERE "tenantId" = :tenant AND provider = 'STRIPE')
""")


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """As the tables have them; secrets sealed."""

    tenant_id: int
    sealed_key: str | None
    sealed_webhook: str | None
    publishable: str | None
    account: str | None
    livemode: bool | None
    endpoint: str | None


def load_stripe_settings(connection: Connection, tenant_id: int) -> StripeSettings:
    return StripeSettings(*connection.execute(_LOAD, {"tenant": tenant_id}).one())


def changed_settings(
    before: StripeSettings, command: NewStripeSettings, sealer: Sealer, now: datetime
) -> StripeSettings:
    """What it will be when the school sets this: what is left out stays, what is null goes.

    Raises InvalidRequest for keys of both modes together. Asks KMS: not to be called in a transaction.
    """
    given, tenant = command.model_fields_set, before.tenant_id
    livemode, key = before.livemode, before.sealed_key
    if "secret_key" in given:
        livemode = command.is_live
        key = sealer.seal(tenant, KEY_COLUMN, command.secret_key) if command.secret_key else None
    publishable = command.publishable_key if "publishable_key" in given else before.publishable
    if livemode is not None and publishable and publishable.startswith("pk_live_") != livemode:
        raise InvalidRequest("The keys are of test mode and of live mode", pointer="/publishableKey")
    return StripeSettings(
        tenant,
        key,
        _webhook(before, command, sealer, now) if "webhook_secret" in given else before.sealed_webhook,
        publishable,
        command.account_id if "account_id" in given else before.account,
        livemode,
        before.endpoint or secrets.token_urlsafe(16),
    )


def save_stripe_settings(
    connection: Connection,
    staff: StaffMember,
    before: StripeSettings,
    after: StripeSettings,
    now: datetime,
) -> None:
    """Write them in place of `before`. Raises Conflict when somebody else has changed them meanwhile."""
    connection.execute(_LISTEN, {"id": after.endpoint, "tenant": after.tenant_id})
    written = connection.execute(_WRITE, {
        "tenant": after.tenant_id,
        "key": after.sealed_key,
        "webhook": after.sealed_webhook,
        "publishable": after.publishable,
        "account": after.account,
        "livemode": after.livemode,
        "key_before": before.sealed_key,
        "webhook_before": before.sealed_webhook,
        "now": now,
    })  # fmt: skip
    if written.rowcount == 0:
        raise Conflict
    if changes := _changes(before, after):
        subject = Subject("stripeSettings", after.tenant_id)
        record_audit(connection, after.tenant_id, staff, "stripeSettings.updated", subject, now, changes)


def settings_view(settings: StripeSettings, api_url: str) -> StripeSettingsView:
    """What may be told; `api_url` is where our API is reached."""
    return StripeSettingsView(
        mode=None if settings.livemode is None else mode_of(livemode=settings.livemode),
        publishable_key=settings.publishable,
        account_id=settings.account,
        has_secret_key=settings.sealed_key is not None,
        has_webhook_secret=settings.sealed_webhook is not None,
        webhook_url=settings.endpoint and f"{api_url}/v1/webhooks/stripe/{settings.endpoint}",
    )


def _changes(before: StripeSettings, after: StripeSettings) -> dict[str, Any]:
    """Of the secrets only that they are others."""
    sealed = {"secretKey": (before.sealed_key, after.sealed_key),
              "webhookSecret": (before.sealed_webhook, after.sealed_webhook)}  # fmt: skip
    secrets_changed = {name: "changed" for name, (old, new) in sealed.items() if old != new}
    return changes_between(settings_view(before, ""), settings_view(after, "")) | secrets_changed


def _webhook(before: StripeSettings, command: NewStripeSettings, sealer: Sealer, now: datetime) -> str | None:
    if command.webhook_secret is None:
        return None
    if before.sealed_webhook is None:
        return seal_webhook_secrets(sealer, before.tenant_id, [command.webhook_secret])
    current = open_webhook_secrets(sealer, before.tenant_id, before.sealed_webhook, now)[0]
    if current == command.webhook_secret:
        return before.sealed_webhook
    both = [command.webhook_secret, current]
    return seal_webhook_secrets(sealer, before.tenant_id, both, now + OVERLAP)
