"""The first answer to a request that may come again."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant, tenant_reference


class IdempotencyKey(Base):
    __tablename__ = "IdempotencyKey"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    booking_id: Mapped[int | None]
    answer: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("IdempotencyKey"),
        tenant_reference("IdempotencyKey_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        Index("IdempotencyKey_bookingId_idx", "bookingId"),
        Index("IdempotencyKey_createdAt_idx", "createdAt"),
    )
