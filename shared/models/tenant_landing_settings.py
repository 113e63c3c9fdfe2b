"""A school's landing page."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base, Json, of_tenant


class TenantLandingSettings(Base):
    __tablename__ = "TenantLandingSettings"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int]
    template_id: Mapped[int] = mapped_column(server_default=text("1"))
    primary_color: Mapped[str | None] = mapped_column(server_default=text("'#3B82F6'"))
    secondary_color: Mapped[str | None]
    logo_url: Mapped[str | None]
    hero_image_url: Mapped[str | None]
    page_title: Mapped[str | None]
    page_subtitle: Mapped[str | None]
    teacher_bio: Mapped[str | None]
    teacher_image_url: Mapped[str | None]
    social_links: Mapped[Json | None]
    cta_button_text: Mapped[str] = mapped_column(server_default=text("'Book Now'"))
    published: Mapped[bool] = mapped_column(server_default=text("false"))
    seo_settings: Mapped[Json | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())

    __table_args__ = (
        of_tenant("TenantLandingSettings"),
        ForeignKeyConstraint(
            ["templateId"], ["LandingTemplate.id"], name="TenantLandingSettings_templateId_fkey"
        ),
        Index("TenantLandingSettings_tenantId_key", "tenantId", unique=True),
        Index("TenantLandingSettings_tenantId_idx", "tenantId"),
        Index("TenantLandingSettings_published_idx", "published"),
    )
