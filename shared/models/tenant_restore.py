"""A restore of a school's backup: in its place, or as a school of its own."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class TenantRestore(Base):
    __tablename__ = "TenantRestore"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    backup_id: Mapped[UUID]
    mode: Mapped[str]
    name: Mapped[str | None]
    subdomain: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    # Of the school's subscription, which is suspended meanwhile.
    status_before: Mapped[str | None]
    new_tenant_id: Mapped[int | None]
    rows_written: Mapped[int | None] = mapped_column(BigInteger)
    failure_code: Mapped[str | None]
    # A super admin, who lives in the platform's own school.
    requested_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        of_tenant("TenantRestore"),
        tenant_reference("TenantRestore_backupId_fkey", "backupId", "TenantBackup", ondelete="CASCADE"),
        Index("TenantRestore_tenantId_createdAt_idx", "tenantId", "createdAt", "id"),
        Index("TenantRestore_backupId_idx", "backupId"),
        Index(
            "TenantRestore_open_idx",
            "createdAt",
            postgresql_where=text("status IN ('PENDING', 'RUNNING')"),
        ),
    )
