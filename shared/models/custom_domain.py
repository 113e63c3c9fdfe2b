"""A domain that a school says is its own; only one that is proven leads to the school."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class CustomDomain(Base):
    __tablename__ = "CustomDomain"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    domain: Mapped[str]
    # Stands in DNS for everybody to see, so it is no secret.
    challenge: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    verified_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    missing_since: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("CustomDomain"),
        CheckConstraint("status IN ('PENDING', 'ACTIVE', 'RELEASED')", name="custom_domain_status_known"),
        Index(
            "CustomDomain_tenantId_key",
            "tenantId",
            unique=True,
            postgresql_where=text("status <> 'RELEASED'"),
        ),
        Index("CustomDomain_domain_key", "domain", unique=True, postgresql_where=text("status <> 'PENDING'")),
        Index("CustomDomain_checkedAt_idx", "checkedAt", "id", postgresql_where=text("status = 'ACTIVE'")),
    )
