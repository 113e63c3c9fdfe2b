"""What somebody is asked to pay in one go, for one booking or a series; amounts in Stripe's minor units."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class Checkout(Base):
    __tablename__ = "Checkout"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    tenant_id: Mapped[int]
    status: Mapped[str] = mapped_column(server_default=text("'NEW'"))
    amount: Mapped[int]
    currency: Mapped[str]
    livemode: Mapped[bool]
    stripe_account_id: Mapped[str | None]
    confirms_later: Mapped[bool] = mapped_column(server_default=text("false"))
    hold_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    session_id: Mapped[str | None]
    url: Mapped[str | None]
    payment_intent_id: Mapped[str | None]
    fee_amount: Mapped[int | None]
    fee_currency: Mapped[str | None]
    amount_refunded: Mapped[int] = mapped_column(server_default=text("0"))
    paid_at: Mapped[datetime | None]
    flag: Mapped[str | None]
    look_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error_code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("Checkout"),
        Index("Checkout_id_tenantId_key", "id", "tenantId", unique=True),
        Index("Checkout_tenantId_createdAt_idx", "tenantId", "createdAt"),
        Index("Checkout_tenantId_sessionId_key", "tenantId", "sessionId", unique=True),
        Index("Checkout_tenantId_paymentIntentId_idx", "tenantId", "paymentIntentId"),
        Index("Checkout_due_idx", "tenantId", "lookAt", "id", postgresql_where=text('"lookAt" IS NOT NULL')),
    )
