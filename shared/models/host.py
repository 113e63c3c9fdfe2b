"""Who hosts an event type at Cal.com; our twin is `TeacherCourseAssignment`."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, of_tenant, reference, tenant_reference


class Host(Base):
    __tablename__ = "Host"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    event_type_id: Mapped[int] = mapped_column(primary_key=True)
    is_fixed: Mapped[bool] = mapped_column(server_default=text("false"))
    priority: Mapped[int | None]
    weight: Mapped[int | None]
    weight_adjustment: Mapped[int | None]
    schedule_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    group_id: Mapped[str | None]
    member_id: Mapped[int | None]

    # Ours.
    tenant_id: Mapped[int]

    __table_args__ = (
        reference("Host_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="CASCADE"),
        reference("Host_scheduleId_fkey", "scheduleId", "Schedule", ondelete="SET NULL"),
        reference("Host_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index("Host_eventTypeId_idx", "eventTypeId"),
        Index("Host_memberId_idx", "memberId"),
        Index("Host_scheduleId_idx", "scheduleId"),
        Index("Host_userId_idx", "userId"),
        # Ours.
        of_tenant("Host"),
        Index("Host_tenantId_idx", "tenantId"),
        tenant_reference("Host_userId_tenant_fkey", "userId", "users", ondelete="CASCADE"),
        tenant_reference("Host_eventTypeId_tenant_fkey", "eventTypeId", "EventType", ondelete="CASCADE"),
        tenant_reference("Host_scheduleId_tenant_fkey", "scheduleId", "Schedule", ondelete="SET NULL"),
        MADE_HERE,
    )
