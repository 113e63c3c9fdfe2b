"""What Immersio is to know of a booking: due, done, or given up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class ImmersioPush(Base):
    __tablename__ = "ImmersioPush"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    fingerprint: Mapped[str]
    pushed_version: Mapped[int | None]
    student_id: Mapped[str | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    failing_since: Mapped[datetime | None]
    error_code: Mapped[str | None]
    dead_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("ImmersioPush"),
        tenant_reference("ImmersioPush_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        Index("ImmersioPush_bookingId_idx", "bookingId"),
        Index(
            "ImmersioPush_due_idx",
            "tenantId",
            "dueAt",
            "bookingId",
            postgresql_where=text('"dueAt" IS NOT NULL'),
        ),
        Index(
            "ImmersioPush_dead_idx", "tenantId", "bookingId", postgresql_where=text('"deadAt" IS NOT NULL')
        ),
        CheckConstraint('"deadAt" IS NULL OR "dueAt" IS NULL', name="immersio_push_dead_is_not_due"),
    )
