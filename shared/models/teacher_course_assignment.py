"""A teacher teaches an event type, in the hours of a schedule."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant, tenant_reference


class TeacherCourseAssignment(Base):
    __tablename__ = "TeacherCourseAssignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    event_type_id: Mapped[int]
    teacher_id: Mapped[int]
    schedule_id: Mapped[int | None]
    recurrence_rule: Mapped[Json | None]
    is_published: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("TeacherCourseAssignment"),
        tenant_reference(
            "TeacherCourseAssignment_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="CASCADE"
        ),
        tenant_reference("TeacherCourseAssignment_teacherId_fkey", "teacherId", "users", ondelete="CASCADE"),
        tenant_reference(
            "TeacherCourseAssignment_scheduleId_fkey", "scheduleId", "Schedule", ondelete="SET NULL"
        ),
        Index("TeacherCourseAssignment_eventTypeId_teacherId_key", "eventTypeId", "teacherId", unique=True),
        Index("TeacherCourseAssignment_tenantId_idx", "tenantId"),
        Index("TeacherCourseAssignment_eventTypeId_idx", "eventTypeId"),
        Index("TeacherCourseAssignment_teacherId_idx", "teacherId"),
    )
