"""Hours of a schedule: weekly by `days` (0 is Sunday), or of one `date`, which they replace."""

from datetime import date, time

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, of_tenant, reference, tenant_reference


class Availability(Base):
    __tablename__ = "Availability"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None]
    event_type_id: Mapped[int | None]
    days: Mapped[list[int] | None]
    on_date: Mapped[date | None] = mapped_column("date")
    start_time: Mapped[time]
    end_time: Mapped[time]
    schedule_id: Mapped[int | None]

    # Ours.
    tenant_id: Mapped[int]

    __table_args__ = (
        reference("Availability_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="SET NULL"),
        reference("Availability_scheduleId_fkey", "scheduleId", "Schedule", ondelete="SET NULL"),
        reference("Availability_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index("Availability_eventTypeId_idx", "eventTypeId"),
        Index("Availability_scheduleId_idx", "scheduleId"),
        Index("Availability_userId_idx", "userId"),
        # Ours.
        of_tenant("Availability"),
        Index("Availability_tenantId_idx", "tenantId"),
        Index("Availability_id_tenantId_key", "id", "tenantId", unique=True),
        tenant_reference("Availability_userId_tenant_fkey", "userId", "users", ondelete="CASCADE"),
        tenant_reference(
            "Availability_eventTypeId_tenant_fkey", "eventTypeId", "EventType", ondelete="SET NULL"
        ),
        tenant_reference(
            "Availability_scheduleId_tenant_fkey", "scheduleId", "Schedule", ondelete="SET NULL"
        ),
        MADE_HERE,
    )
