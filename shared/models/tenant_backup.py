"""A backup of a school: who asked for it, how far it has come, and where it lies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class TenantBackup(Base):
    __tablename__ = "TenantBackup"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    cause: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    rows_written: Mapped[int | None] = mapped_column(BigInteger)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    object_key: Mapped[str | None]
    object_version: Mapped[str | None]
    # Of the schema, as Alembic names it.
    revision: Mapped[str | None]
    failure_code: Mapped[str | None]
    # No reference: a restore replaces the people, and this outlives it.
    requested_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        of_tenant("TenantBackup"),
        Index("TenantBackup_id_tenantId_key", "id", "tenantId", unique=True),
        Index("TenantBackup_tenantId_createdAt_idx", "tenantId", "createdAt", "id"),
        Index(
            "TenantBackup_open_idx",
            "createdAt",
            postgresql_where=text("status IN ('PENDING', 'RUNNING')"),
        ),
    )
