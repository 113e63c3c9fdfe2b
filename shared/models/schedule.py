"""A teacher's named set of hours, in one time zone."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, of_tenant, reference, tenant_reference


class Schedule(Base):
    __tablename__ = "Schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    name: Mapped[str]
    time_zone: Mapped[str | None]

    # Ours.
    tenant_id: Mapped[int]

    __table_args__ = (
        reference("Schedule_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index("Schedule_userId_idx", "userId"),
        # Ours.
        of_tenant("Schedule"),
        Index("Schedule_tenantId_idx", "tenantId"),
        Index("Schedule_id_tenantId_key", "id", "tenantId", unique=True),
        tenant_reference("Schedule_userId_tenant_fkey", "userId", "users", ondelete="CASCADE"),
        MADE_HERE,
    )
