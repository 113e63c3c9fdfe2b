"""Money for a booking; `amount` is in minor units, as Cal.com has it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, Json, of_tenant, reference, tenant_reference
from shared.models.calcom_enums import PAYMENT_OPTION


class Payment(Base):
    __tablename__ = "Payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str]
    booking_id: Mapped[int]
    amount: Mapped[int]
    fee: Mapped[int]
    currency: Mapped[str]
    success: Mapped[bool]
    refunded: Mapped[bool]
    data: Mapped[Json]
    external_id: Mapped[str]
    app_id: Mapped[str | None]
    payment_option: Mapped[str | None] = mapped_column(PAYMENT_OPTION, server_default=text("'ON_BOOKING'"))

    # Ours.
    tenant_id: Mapped[int]
    stripe_account_id: Mapped[str | None]
    checkout_id: Mapped[UUID | None]
    disputed_at: Mapped[datetime | None]

    __table_args__ = (
        reference("Payment_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        Index("Payment_bookingId_idx", "bookingId"),
        Index("Payment_externalId_idx", "externalId"),
        Index("Payment_externalId_key", "externalId", unique=True),
        Index("Payment_uid_key", "uid", unique=True),
        # Ours.
        of_tenant("Payment"),
        Index("Payment_tenantId_idx", "tenantId"),
        Index("Payment_id_tenantId_key", "id", "tenantId", unique=True),
        Index("Payment_stripeAccountId_idx", "stripeAccountId"),
        Index("idx_payment_tenant_booking", "tenantId", "bookingId"),
        tenant_reference("Payment_bookingId_tenant_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        Index("Payment_checkoutId_idx", "checkoutId"),
        tenant_reference("Payment_checkoutId_fkey", "checkoutId", "Checkout", ondelete="SET NULL"),
        MADE_HERE,
    )
