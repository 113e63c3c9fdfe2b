"""Somebody of the staff was asked by mail to join; the token of the newest mail is kept as its digest."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class Invitation(Base):
    __tablename__ = "Invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    user_id: Mapped[int]
    token_hash: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("Invitation"),
        tenant_reference("Invitation_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index("Invitation_tenantId_userId_key", "tenantId", "userId", unique=True),
        Index("Invitation_tenantId_id_idx", "tenantId", "id"),
        Index("Invitation_tenantId_tokenHash_key", "tenantId", "tokenHash", unique=True),
    )
