"""How often somebody, told by a digest, asked for something within a window of time."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class RequestCount(Base):
    __tablename__ = "RequestCount"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(server_default=text("1"))

    __table_args__ = (
        of_tenant("RequestCount"),
        Index("RequestCount_windowStart_idx", "windowStart"),
        {"prefixes": ["UNLOGGED"]},
    )
