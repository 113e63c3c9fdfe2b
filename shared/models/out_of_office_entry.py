"""Days a teacher is away."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, of_tenant, reference, tenant_reference


class OutOfOfficeEntry(Base):
    __tablename__ = "OutOfOfficeEntry"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[str]
    start: Mapped[datetime]
    end: Mapped[datetime]
    user_id: Mapped[int]
    to_user_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime]
    reason_id: Mapped[int | None]
    notes: Mapped[str | None]
    show_note_publicly: Mapped[bool] = mapped_column(server_default=text("false"))

    # Ours.
    tenant_id: Mapped[int]

    __table_args__ = (
        reference("OutOfOfficeEntry_toUserId_fkey", "toUserId", "users", ondelete="CASCADE"),
        reference("OutOfOfficeEntry_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index("OutOfOfficeEntry_start_end_idx", "start", "end"),
        Index("OutOfOfficeEntry_toUserId_idx", "toUserId"),
        Index("OutOfOfficeEntry_userId_idx", "userId"),
        Index("OutOfOfficeEntry_uuid_idx", "uuid"),
        Index("OutOfOfficeEntry_uuid_key", "uuid", unique=True),
        # Ours.
        of_tenant("OutOfOfficeEntry"),
        Index("OutOfOfficeEntry_tenantId_idx", "tenantId"),
        Index("OutOfOfficeEntry_id_tenantId_key", "id", "tenantId", unique=True),
        tenant_reference("OutOfOfficeEntry_userId_tenant_fkey", "userId", "users", ondelete="CASCADE"),
        tenant_reference("OutOfOfficeEntry_toUserId_tenant_fkey", "toUserId", "users", ondelete="CASCADE"),
        MADE_HERE,
    )
