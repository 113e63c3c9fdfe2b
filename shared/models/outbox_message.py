"""An intention that left with a transaction: to mail, to push. Ids only, never an address or a key."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant


class OutboxMessage(Base):
    __tablename__ = "OutboxMessage"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tenant_id: Mapped[int]
    topic: Mapped[str]
    payload: Mapped[Json]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    available_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    error_code: Mapped[str | None]
    handled_at: Mapped[datetime | None]
    # Given up: it waits for a person, who sets it null again to have it tried anew.
    parked_at: Mapped[datetime | None]

    __table_args__ = (
        of_tenant("OutboxMessage"),
        Index("OutboxMessage_tenantId_idx", "tenantId"),
        Index("OutboxMessage_handledAt_idx", "handledAt", postgresql_where=text('"handledAt" IS NOT NULL')),
        # By school first, so that what one of them has waiting is not read to find another's.
        Index(
            "OutboxMessage_waiting_idx",
            "tenantId",
            "availableAt",
            "id",
            postgresql_where=text('"handledAt" IS NULL AND "parkedAt" IS NULL'),
        ),
    )
