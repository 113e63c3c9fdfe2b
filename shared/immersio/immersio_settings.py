"""A school's access to Immersio, for its admins: what is set is told, the secrets themselves never are."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Connection, Text, bindparam, text

from shared.clients.public_hosts import (
    AddressRefused,
    HostRule,
    NameUnknown,
    destination_of,
    public_addresses,
)
from shared.clients.sealing import Sealer
from shared.errors import Conflict, InvalidRequest
from shared.immersio.gate import forget_gate
from shared.immersio.position import restart_streams, touch_streams
from shared.immersio.settings_schemas import ImmersioSettingsView, NewImmersioSettings
from shared.immersio.sync_health import health_of_school

KEY, SECRET, WEBHOOK = "immersioApiKey", "immersioApiSecret", "immersioWebhookSecret"

_LOAD = text("""
    SELECT t.id, t."immersioApiUrl" AS url, t."immersioApiKey" AS key, t."immersioApiSecret" AS secret,
           t."immersioWebhookSecret" AS webhook,
           coalesce(t.settings->>'immersioSync', '') <> 'off' AS enabled,
           (SELECT w.id FROM "WebhookEndpoint" w WHERE w."tenantId" = t.id AND w.provider = 'IMMERSIO'
            ORDER BY w."createdAt", w.id LIMIT 1) AS endpoint
    FROM "Tenant" t WHERE t.id = :tenant
""")
_WRITE = text("""
    UPDATE "Tenant" SET "immersioApiUrl" = :url, "immersioApiKey" = :key, "immersioApiSecret" = :secret,
           "immersioWebhookSecret" = :webhook,
           settings = (CASE jsonb_typeof(settings) WHEN 'object' THEN settings ELSE '{}' END - 'immersioSync')
               || CASE WHEN :enabled THEN '{}'::jsonb ELSE '{"immersioSync": "off"}' END,
           "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = :tenant AND "immersioApiUrl" IS NOT DISTINCT FROM :url_before
      AND "immersioApiKey" IS NOT DISTINCT FROM :key_before
      AND "immersioApiSecret" IS NOT DISTINCT FROM :secret_before
      AND "immersioWebhookSecret" IS NOT DISTINCT FROM :webhook_before
""").bindparams(
    *(bindparam(f"{name}{when}", type_=Text) for name in ("url", "key", "secret", "webhook")
      for when in ("", "_before")),
    bindparam("enabled", type_=Boolean),
)  # fmt: skip
_LISTEN = text("""
    INSERT INTO "WebhookEndpoint" (id, "tenantId", provider)
    SELECT :id, :tenant, 'IMMERSIO' WHERE NOT EXISTS (
        SELECT FROM "WebhookEndpoint" WHERE "tenantId" = :tenant AND provider = 'IMMERSIO')
""")


@dataclass(frozen=True, slots=True)
class ImmersioSettings:
    """As the tables have them; secrets sealed."""

    tenant_id: int
    url: str | None
    key: str | None
    secret: str | None
    webhook: str | None
    enabled: bool
    endpoint: str | None

    @property
    def access(self) -> tuple[str | None, ...]:
        return self.url, self.key, self.secret


def load_immersio_settings(connection: Connection, tenant_id: int) -> ImmersioSettings:
    return ImmersioSettings(*connection.execute(_LOAD, {"tenant": tenant_id}).one())


def changed_settings(
    before: ImmersioSettings, command: NewImmersioSettings, sealer: Sealer, hosts: HostRule
) -> ImmersioSettings:
    """What it will be when the school sets this: what is left out stays, what is null goes.

    Raises InvalidRequest for an address that may not be called. Asks KMS and resolves names: not to be
    called in a transaction.
    """
    given, tenant = command.model_fields_set, before.tenant_id
    if command.api_url is not None:
        _check_address(command.api_url, hosts)

    def sealed(name: str, column: str, plain: str | None, old: str | None) -> str | None:
        if name not in given:
            return old
        return None if plain is None else sealer.seal(tenant, column, plain)

    return ImmersioSettings(
        tenant,
        (command.api_url and command.api_url.rstrip("/")) if "api_url" in given else before.url,
        sealed("api_key", KEY, command.api_key, before.key),
        sealed("api_secret", SECRET, command.api_secret, before.secret),
        sealed("webhook_secret", WEBHOOK, command.webhook_secret, before.webhook),
        command.enabled if "enabled" in given else before.enabled,
        before.endpoint or secrets.token_urlsafe(16),
    )


def save_immersio_settings(
    connection: Connection, before: ImmersioSettings, after: ImmersioSettings, now: datetime
) -> None:
    """Write them in place of `before`; with a new address or new keys everything is pulled anew.

    Raises Conflict when somebody else has changed them meanwhile.
    """
    tenant = after.tenant_id
    connection.execute(_LISTEN, {"id": after.endpoint, "tenant": tenant})
    written = connection.execute(_WRITE, {
        "tenant": tenant,
        "url": after.url, "key": after.key, "secret": after.secret, "webhook": after.webhook,
        "url_before": before.url, "key_before": before.key, "secret_before": before.secret,
        "webhook_before": before.webhook,
        "enabled": after.enabled,
        "now": now,
    })  # fmt: skip
    if written.rowcount == 0:
        raise Conflict
    if before.access != after.access:
        restart_streams(connection, tenant)
        forget_gate(connection, tenant)
        touch_streams(connection, tenant, ["courses", "students", "bookings"], now)


def settings_view(
    connection: Connection, settings: ImmersioSettings, api_url: str, now: datetime
) -> ImmersioSettingsView:
    """What may be told; `api_url` is where our API is reached."""
    return ImmersioSettingsView(
        api_url=settings.url,
        has_api_key=settings.key is not None,
        has_api_secret=settings.secret is not None,
        has_webhook_secret=settings.webhook is not None,
        enabled=settings.enabled,
        webhook_url=settings.endpoint and f"{api_url}/v1/webhooks/immersio/{settings.endpoint}",
        health=health_of_school(connection, settings.tenant_id, now),
    )


def _check_address(url: str, hosts: HostRule) -> None:
    try:
        public_addresses(destination_of(url, hosts), hosts)
    except AddressRefused as error:
        raise _refused(str(error)) from None
    except NameUnknown:
        raise _refused("must be a name that leads somewhere") from None


def _refused(detail: str) -> InvalidRequest:
    return InvalidRequest(errors=[{"pointer": "/apiUrl", "code": "address_refused", "detail": detail}])
