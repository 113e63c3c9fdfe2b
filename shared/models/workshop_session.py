"""One session of a workshop: its time, its teacher, its seats. Bookings name it by its number."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class WorkshopSession(Base):
    __tablename__ = "WorkshopSession"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    event_type_id: Mapped[int]
    session_number: Mapped[int]
    teacher_id: Mapped[int | None]
    start_time: Mapped[datetime]
    end_time: Mapped[datetime]
    # Counted by a trigger on the bookings, for every writer.
    seats_taken: Mapped[int] = mapped_column(server_default=text("0"))
    seat_limit: Mapped[int | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        CheckConstraint('"seatsTaken" BETWEEN 0 AND "seatLimit"', name="workshop_session_not_oversold"),
        of_tenant("WorkshopSession"),
        tenant_reference("WorkshopSession_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="CASCADE"),
        tenant_reference("WorkshopSession_teacherId_fkey", "teacherId", "users", ondelete="SET NULL"),
        Index("WorkshopSession_eventTypeId_sessionNumber_key", "eventTypeId", "sessionNumber", unique=True),
        Index("WorkshopSession_id_tenantId_key", "id", "tenantId", unique=True),
        Index("WorkshopSession_tenantId_startTime_idx", "tenantId", "startTime"),
        Index("WorkshopSession_teacherId_idx", "teacherId"),
    )
