"""A time a teacher is taken, `busyFrom` to `busyUntil` with the buffers; no two of a teacher overlap."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class TeacherOccupancy(Base):
    __tablename__ = "TeacherOccupancy"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tenant_id: Mapped[int]
    teacher_id: Mapped[int]
    booking_id: Mapped[int | None]
    session_id: Mapped[int | None]
    start_time: Mapped[datetime]
    end_time: Mapped[datetime]
    busy_from: Mapped[datetime]
    busy_until: Mapped[datetime]

    __table_args__ = (
        ExcludeConstraint(
            (column("teacherId"), "="),
            (text('tsrange("busyFrom", "busyUntil")'), "&&"),
            name="occupancy_one_place_at_a_time",
            using="gist",
        ),
        of_tenant("TeacherOccupancy"),
        tenant_reference("TeacherOccupancy_teacherId_fkey", "teacherId", "users", ondelete="CASCADE"),
        tenant_reference("TeacherOccupancy_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        tenant_reference(
            "TeacherOccupancy_sessionId_fkey", "sessionId", "WorkshopSession", ondelete="CASCADE"
        ),
        CheckConstraint('num_nonnulls("bookingId", "sessionId") = 1', name="occupancy_is_of_one_thing"),
        Index("TeacherOccupancy_bookingId_key", "bookingId", unique=True),
        Index("TeacherOccupancy_sessionId_key", "sessionId", unique=True),
        Index("TeacherOccupancy_tenantId_teacherId_busyUntil_idx", "tenantId", "teacherId", "busyUntil"),
    )
