"""What a school used of its plan in one month (UTC); months that have passed stay."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class TenantUsage(Base):
    __tablename__ = "TenantUsage"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    month: Mapped[int]
    year: Mapped[int]
    bookings_count: Mapped[int] = mapped_column(server_default=text("0"))
    teachers_count: Mapped[int] = mapped_column(server_default=text("0"))
    event_types_count: Mapped[int] = mapped_column(server_default=text("0"))
    # The highest threshold, in percent of the plan's bookings, that the admins were warned of.
    warned_percent: Mapped[int] = mapped_column(server_default=text("0"))
    last_reset_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("TenantUsage"),
        Index("TenantUsage_tenantId_year_month_key", "tenantId", "year", "month", unique=True),
        Index("TenantUsage_tenantId_idx", "tenantId"),
    )
