"""Money that is to be given back; the id is the key under which Stripe is asked, `amount` in minor units."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class Refund(Base):
    __tablename__ = "Refund"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    tenant_id: Mapped[int]
    booking_id: Mapped[int]
    payment_id: Mapped[int]
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    external_id: Mapped[str | None]
    failure_code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("Refund"),
        tenant_reference("Refund_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        tenant_reference("Refund_paymentId_fkey", "paymentId", "Payment", ondelete="CASCADE"),
        Index("Refund_tenantId_idx", "tenantId"),
        Index("Refund_bookingId_idx", "bookingId"),
        Index("Refund_pending_idx", "paymentId", postgresql_where=text("status = 'PENDING'")),
        Index("Refund_paymentId_externalId_key", "paymentId", "externalId", unique=True),
        Index(
            "Refund_paymentId_automatic_key",
            "paymentId",
            unique=True,
            postgresql_where=text("reason IN ('ATTENDEE_IN_TIME', 'SCHOOL', 'LATE_PAYMENT')"),
        ),
    )
