"""The opaque id in a webhook's URL, which tells whose secret verifies it."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class WebhookEndpoint(Base):
    __tablename__ = "WebhookEndpoint"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    provider: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("WebhookEndpoint"),
        Index("WebhookEndpoint_tenantId_idx", "tenantId"),
    )
