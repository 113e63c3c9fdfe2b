"""What a pass over everything at Immersio has met so far."""

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, of_tenant


class ImmersioSighting(Base):
    __tablename__ = "ImmersioSighting"

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    stream: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (of_tenant("ImmersioSighting"),)
