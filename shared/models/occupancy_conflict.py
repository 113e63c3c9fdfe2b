"""A booking that overlapped another when Cal.com's database was adopted, and waits for its place."""

from datetime import datetime

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class OccupancyConflict(Base):
    __tablename__ = "OccupancyConflict"

    tenant_id: Mapped[int]
    booking_id: Mapped[int] = mapped_column(primary_key=True)
    conflicts_with_id: Mapped[int] = mapped_column(primary_key=True)
    found_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("OccupancyConflict"),
        tenant_reference("OccupancyConflict_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        tenant_reference(
            "OccupancyConflict_conflictsWithId_fkey", "conflictsWithId", "Booking", ondelete="CASCADE"
        ),
        Index("OccupancyConflict_conflictsWithId_idx", "conflictsWithId"),
        Index("OccupancyConflict_tenantId_idx", "tenantId"),
    )
