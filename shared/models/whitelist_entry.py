"""An address that may book a whitelisted event type; stored in lower case."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class WhitelistEntry(Base):
    __tablename__ = "WhitelistEntry"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    event_type_id: Mapped[int]
    email: Mapped[str]
    immersio_course_id: Mapped[str | None]
    added_by: Mapped[int | None]
    added_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        CheckConstraint(
            r"email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'", name="valid_email_format"
        ),
        CheckConstraint(
            "octet_length(email) <= 254 AND octet_length(email) = length(email) "
            'AND email = lower(email COLLATE "C")',
            name="whitelist_entry_email_stored",
        ),
        of_tenant("WhitelistEntry"),
        tenant_reference("WhitelistEntry_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="CASCADE"),
        tenant_reference("WhitelistEntry_addedBy_fkey", "addedBy", "users", ondelete="SET NULL"),
        Index("WhitelistEntry_eventTypeId_email_key", "eventTypeId", "email", unique=True),
        Index("WhitelistEntry_tenantId_idx", "tenantId"),
        Index("WhitelistEntry_eventTypeId_idx", "eventTypeId"),
        Index("WhitelistEntry_email_idx", "email"),
        Index("idx_whitelist_event_email", "eventTypeId", "email"),
    )
