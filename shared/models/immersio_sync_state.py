"""Where a pull stands; whoever holds an older fence may not write."""

from datetime import datetime

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class ImmersioSyncState(Base):
    __tablename__ = "ImmersioSyncState"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    watermark: Mapped[datetime | None]
    next_watermark: Mapped[datetime | None]
    cursor: Mapped[str | None]
    fence: Mapped[int] = mapped_column(server_default=text("0"))
    last_succeeded_at: Mapped[datetime | None]
    last_error_code: Mapped[str | None]
    refused_in_a_row: Mapped[int] = mapped_column(server_default=text("0"))
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    due_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    failing_since: Mapped[datetime | None]
    is_sweep: Mapped[bool] = mapped_column(server_default=text("false"))
    swept_at: Mapped[datetime | None]
    held_removals: Mapped[int] = mapped_column(server_default=text("0"))
    removals_accepted: Mapped[bool] = mapped_column(server_default=text("false"))
    scope: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    known: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))

    __table_args__ = (of_tenant("ImmersioSyncState"), Index("ImmersioSyncState_dueAt_idx", "dueAt"))
