"""A school. Null limits are unlimited; secrets are sealed with the tenant in their context."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json


class Tenant(Base):
    __tablename__ = "Tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    subdomain: Mapped[str]
    custom_domain: Mapped[str | None]
    stripe_publishable_key: Mapped[str | None]
    stripe_secret_key_encrypted: Mapped[str | None]
    stripe_webhook_secret: Mapped[str | None]
    stripe_account_id: Mapped[str | None]
    stripe_livemode: Mapped[bool | None]
    immersio_api_key: Mapped[str | None]
    immersio_api_url: Mapped[str | None]
    immersio_api_secret: Mapped[str | None]
    immersio_webhook_secret: Mapped[str | None]
    subscription_plan: Mapped[str] = mapped_column(server_default=text("'LITE'"))
    subscription_status: Mapped[str] = mapped_column(server_default=text("'ACTIVE'"))
    status_reason: Mapped[str | None]
    status_changed_at: Mapped[datetime | None]
    subscription_start_date: Mapped[datetime | None]
    subscription_end_date: Mapped[datetime | None]
    max_teachers: Mapped[int] = mapped_column(server_default=text("1"))
    max_bookings_per_month: Mapped[int | None]
    max_event_types: Mapped[int | None]
    features: Mapped[Json | None]
    settings: Mapped[Json | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        Index("Tenant_subdomain_key", "subdomain", unique=True),
        Index("Tenant_customDomain_key", "customDomain", unique=True),
        Index("Tenant_subdomain_idx", "subdomain"),
        Index("Tenant_customDomain_idx", "customDomain"),
        Index("Tenant_subscriptionStatus_idx", "subscriptionStatus"),
    )
