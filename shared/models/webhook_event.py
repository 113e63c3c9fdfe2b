"""The inbox: what a vendor told, once by its event id, until it is handled."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant


class WebhookEvent(Base):
    __tablename__ = "WebhookEvent"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    payload: Mapped[Json]
    received_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    handled_at: Mapped[datetime | None]
    error_code: Mapped[str | None]

    __table_args__ = (
        of_tenant("WebhookEvent"),
        Index(
            "WebhookEvent_tenantId_waiting_idx",
            "tenantId",
            "receivedAt",
            "eventId",
            postgresql_where=text('"handledAt" IS NULL'),
        ),
        Index("WebhookEvent_waiting_idx", "receivedAt", postgresql_where=text('"handledAt" IS NULL')),
    )
