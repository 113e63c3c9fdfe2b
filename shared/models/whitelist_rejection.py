"""A line of an import that is no address, and why."""

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant, tenant_reference


class WhitelistRejection(Base):
    __tablename__ = "WhitelistRejection"

    tenant_id: Mapped[int]
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_number: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[str]
    reason: Mapped[str]

    __table_args__ = (
        of_tenant("WhitelistRejection"),
        tenant_reference(
            "WhitelistRejection_importId_fkey", "importId", "WhitelistImport", ondelete="CASCADE"
        ),
        Index("WhitelistRejection_tenantId_idx", "tenantId"),
    )
