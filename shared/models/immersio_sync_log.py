"""One attempt to pull or push a resource that changed or failed."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant


class ImmersioSyncLog(Base):
    __tablename__ = "ImmersioSyncLog"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    sync_type: Mapped[str]
    direction: Mapped[str]
    resource_id: Mapped[str]
    resource_type: Mapped[str]
    status: Mapped[str]
    error_message: Mapped[str | None]
    error_code: Mapped[str | None]
    retry_count: Mapped[int] = mapped_column(server_default=text("0"))
    synced_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    meta: Mapped[Json | None] = mapped_column("metadata")

    __table_args__ = (
        of_tenant("ImmersioSyncLog"),
        Index("ImmersioSyncLog_tenantId_idx", "tenantId"),
        Index("ImmersioSyncLog_syncType_idx", "syncType"),
        Index("ImmersioSyncLog_status_idx", "status"),
        Index("ImmersioSyncLog_syncedAt_idx", "syncedAt"),
        Index("ImmersioSyncLog_tenantId_id_idx", "tenantId", "id"),
        Index("idx_synclog_tenant_status", "tenantId", "status", "syncedAt"),
    )
