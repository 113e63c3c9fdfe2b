"""A school's calls to a host: how many, and whether the host is left alone for a while."""

from datetime import datetime

from sqlalchemy import func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class ImmersioGate(Base):
    __tablename__ = "ImmersioGate"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    refusals: Mapped[int] = mapped_column(server_default=text("0"))
    closed_until: Mapped[datetime | None]

    __table_args__ = (of_tenant("ImmersioGate"),)
