"""Somebody who waits for a seat in a full session; `booking_id` is the seat they were offered."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class WaitlistEntry(Base):
    __tablename__ = "WaitlistEntry"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tenant_id: Mapped[int]
    session_id: Mapped[int]
    booking_id: Mapped[int | None]
    name: Mapped[str]
    email: Mapped[str]
    time_zone: Mapped[str]
    locale: Mapped[str] = mapped_column(server_default=text("'en'"))
    token: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'WAITING'"))
    # How many were in line when they joined, themselves among them.
    position: Mapped[int] = mapped_column(server_default=text("1"))
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("WaitlistEntry"),
        tenant_reference("WaitlistEntry_sessionId_fkey", "sessionId", "WorkshopSession", ondelete="CASCADE"),
        tenant_reference("WaitlistEntry_bookingId_fkey", "bookingId", "Booking", ondelete="SET NULL"),
        Index("WaitlistEntry_tenantId_idx", "tenantId"),
        Index("WaitlistEntry_bookingId_idx", "bookingId"),
        Index("WaitlistEntry_tenantId_idempotencyKey_key", "tenantId", "idempotencyKey", unique=True),
        Index(
            "WaitlistEntry_sessionId_email_key",
            "sessionId",
            "email",
            unique=True,
            postgresql_where=text("status IN ('WAITING', 'OFFERED')"),
        ),
        Index(
            "WaitlistEntry_sessionId_waiting_idx",
            "sessionId",
            "id",
            postgresql_where=text("status = 'WAITING'"),
        ),
    )
