"""Introduces the demo schools to the fake vendors: keys on both sides, sealed on ours."""

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from shared.clients.sealing import Sealer
from shared.database import driver_url
from shared.immersio.gate import forget_gate
from shared.immersio.position import restart_streams
from shared.models import EventType, Tenant, WebhookEndpoint
from shared.payments.stripe_access import KEY_COLUMN
from shared.payments.webhook_secrets import seal_webhook_secrets

if TYPE_CHECKING:
    from local.stack import Foundation

SECRETS_KEY = "TenantSecretsKey"
COURSES = {
    "aurora": [("course-talk", "Conversation"), ("course-a2", "English A2"), ("course-b1", "English B1")],
    "lotus": [("course-giao-tiep", "Tiếng Anh giao tiếp")],
}
STUDENTS = {
    "aurora": [("student-mai", "mai@example.com", "Mai", "Tran", "course-talk")],
    "lotus": [("student-an", "an@example.com", "An", "Nguyễn", "course-giao-tiep")],
}
# What a school sells already is linked to its course there, so that bookings of it are pushed.
LINKED = {"aurora": ("conversation", "course-talk")}


def connect_vendors(foundation: "Foundation", tenants: dict[str, dict[str, Any]]) -> None:
    """Give each school new keys; the fakes forget theirs between runs.

    Adds stripeWebhookUrl and immersioApiKey to the state.

    A template without the key to seal with has no function that could open the secrets.
    """
    if SECRETS_KEY not in foundation.template.keys:
        return
    sealer = Sealer(foundation.names.key(SECRETS_KEY), kms=foundation.aws.client("kms"))
    engine = create_engine(driver_url(foundation.database.owner_url))
    with Session(engine) as session, session.begin():
        for told in tenants.values():
            tenant = session.get_one(Tenant, told["id"])
            told["stripeWebhookUrl"] = _connect_stripe(session, foundation, sealer, tenant)
            told["immersioApiKey"] = _connect_immersio(foundation, sealer, tenant)
            _link(session, tenant)
            restart_streams(session.connection(), tenant.id)
            forget_gate(session.connection(), tenant.id)
    engine.dispose()


def _connect_stripe(session: Session, foundation: "Foundation", sealer: Sealer, tenant: Tenant) -> str:
    endpoint = session.scalars(select(WebhookEndpoint).filter_by(tenant_id=tenant.id)).first()
    if endpoint is None:
        endpoint = WebhookEndpoint(id=secrets.token_urlsafe(16), tenant_id=tenant.id, provider="STRIPE")
        session.add(endpoint)
    url, secret = f"{foundation.api_url}/v1/webhooks/stripe/{endpoint.id}", f"whsec_{secrets.token_hex(16)}"
    key = f"sk_test_{tenant.subdomain}"
    tenant.stripe_webhook_secret = seal_webhook_secrets(sealer, tenant.id, [secret])
    tenant.stripe_secret_key_encrypted = sealer.seal(tenant.id, KEY_COLUMN, key)
    tenant.stripe_publishable_key, tenant.stripe_livemode = f"pk_test_{tenant.subdomain}", False
    listening = {"url": url, "secret": secret, "apiKey": key}
    _tell("POST", f"{foundation.stripe_url}/_control/webhook-endpoints", listening)
    return url


def _connect_immersio(foundation: "Foundation", sealer: Sealer, tenant: Tenant) -> str:
    """The key, by which the fake's control plane knows the school."""
    key, secret = f"key-{tenant.subdomain}-{secrets.token_hex(8)}", secrets.token_hex(16)
    control = f"{foundation.immersio_url}/_control"
    _tell("POST", f"{control}/schools", {"apiKey": key, "apiSecret": secret})
    told = [{"id": id_, "title": title} for id_, title in COURSES[tenant.subdomain]]
    _tell("PUT", f"{control}/courses", {"apiKey": key, "courses": told})
    students = [
        {"id": id_, "email": email, "given_name": given, "family_name": family, "courses": [course]}
        for id_, email, given, family, course in STUDENTS[tenant.subdomain]
    ]
    _tell("PUT", f"{control}/students", {"apiKey": key, "students": students})
    tenant.immersio_api_url = foundation.immersio_url
    tenant.immersio_api_key = sealer.seal(tenant.id, "immersioApiKey", key)
    tenant.immersio_api_secret = sealer.seal(tenant.id, "immersioApiSecret", secret)
    return key


def _link(session: Session, tenant: Tenant) -> None:
    slug, course = LINKED.get(tenant.subdomain, ("", ""))
    for event_type in session.scalars(select(EventType).filter_by(tenant_id=tenant.id, slug=slug)):
        event_type.immersio_course_id = course


def _tell(method: str, url: str, body: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    request = Request(url, json.dumps(body).encode(), headers, method=method)  # noqa: S310  # our own fakes
    with urlopen(request, timeout=20):  # noqa: S310  # as above
        pass
