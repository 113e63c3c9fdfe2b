"""What happened to a booking after it was made: who did what, and when."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant, tenant_reference


class BookingEvent(Base):
    __tablename__ = "BookingEvent"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tenant_id: Mapped[int]
    booking_id: Mapped[int]
    type: Mapped[str]
    actor: Mapped[str]
    # Null for attendees, for the service itself, and for a super admin, who is of another school.
    actor_id: Mapped[int | None]
    details: Mapped[Json | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("BookingEvent"),
        tenant_reference("BookingEvent_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        tenant_reference("BookingEvent_actorId_fkey", "actorId", "users", ondelete="SET NULL"),
        Index("BookingEvent_tenantId_idx", "tenantId"),
        Index("BookingEvent_bookingId_idx", "bookingId"),
        Index("BookingEvent_actorId_idx", "actorId"),
    )
