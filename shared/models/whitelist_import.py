"""A CSV that an admin uploads, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class WhitelistImport(Base):
    __tablename__ = "WhitelistImport"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    event_type_id: Mapped[int]
    mode: Mapped[str]
    email_header: Mapped[str | None]
    status: Mapped[str] = mapped_column(server_default=text("'AWAITING_UPLOAD'"))
    rows_read: Mapped[int] = mapped_column(server_default=text("0"))
    rows_added: Mapped[int] = mapped_column(server_default=text("0"))
    rows_already_there: Mapped[int] = mapped_column(server_default=text("0"))
    rows_removed: Mapped[int] = mapped_column(server_default=text("0"))
    rows_rejected: Mapped[int] = mapped_column(server_default=text("0"))
    failure_code: Mapped[str | None]
    percent_done: Mapped[int] = mapped_column(server_default=text("0"))
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        of_tenant("WhitelistImport"),
        tenant_reference("WhitelistImport_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="CASCADE"),
        tenant_reference("WhitelistImport_createdBy_fkey", "createdBy", "users", ondelete="SET NULL"),
        Index("WhitelistImport_id_tenantId_key", "id", "tenantId", unique=True),
        Index("WhitelistImport_tenantId_createdAt_idx", "tenantId", "createdAt"),
    )
