"""What somebody changed in the administration of a school: before and after, never a secret or an address."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant


class AuditEvent(Base):
    __tablename__ = "AuditEvent"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tenant_id: Mapped[int]
    actor: Mapped[str]
    actor_id: Mapped[int | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    changes: Mapped[Json | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("AuditEvent"),
        CheckConstraint("actor IN ('STAFF', 'SUPER_ADMIN', 'SYSTEM')", name="audit_event_actor_known"),
        Index("AuditEvent_tenantId_id_idx", "tenantId", "id"),
        Index("AuditEvent_subject_idx", "tenantId", "subjectType", "subjectId", "id"),
    )
