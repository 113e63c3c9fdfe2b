"""A person: student, teacher, admin. Cal.com's `users`."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, Json, of_tenant
from shared.models.calcom_enums import (
    CREATION_SOURCE,
    IDENTITY_PROVIDER,
    SMS_LOCK_STATE,
    USER_PERMISSION_ROLE,
)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str | None]
    name: Mapped[str | None]
    email: Mapped[str]
    bio: Mapped[str | None]
    time_zone: Mapped[str] = mapped_column(server_default=text("'Europe/London'"))
    week_start: Mapped[str] = mapped_column(server_default=text("'Sunday'"))
    start_time: Mapped[int] = mapped_column(server_default=text("0"))
    end_time: Mapped[int] = mapped_column(server_default=text("1440"))
    created: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    buffer_time: Mapped[int] = mapped_column(server_default=text("0"))
    email_verified: Mapped[datetime | None]
    hide_branding: Mapped[bool] = mapped_column(server_default=text("false"))
    theme: Mapped[str | None]
    completed_onboarding: Mapped[bool] = mapped_column(server_default=text("false"))
    two_factor_enabled: Mapped[bool] = mapped_column(server_default=text("false"))
    two_factor_secret: Mapped[str | None]
    locale: Mapped[str | None]
    brand_color: Mapped[str | None]
    identity_provider: Mapped[str] = mapped_column(IDENTITY_PROVIDER, server_default=text("'CAL'"))
    identity_provider_id: Mapped[str | None]
    invited_to: Mapped[int | None]
    meta: Mapped[Json | None] = mapped_column("metadata")
    verified: Mapped[bool | None] = mapped_column(server_default=text("false"))
    time_format: Mapped[int | None] = mapped_column(server_default=text("12"))
    dark_brand_color: Mapped[str | None]
    trial_ends_at: Mapped[datetime | None]
    default_schedule_id: Mapped[int | None]
    allow_dynamic_booking: Mapped[bool | None] = mapped_column(server_default=text("true"))
    role: Mapped[str] = mapped_column(USER_PERMISSION_ROLE, server_default=text("'USER'"))
    disable_impersonation: Mapped[bool] = mapped_column(server_default=text("false"))
    organization_id: Mapped[int | None]
    allow_seo_indexing: Mapped[bool | None] = mapped_column("allowSEOIndexing", server_default=text("true"))
    backup_codes: Mapped[str | None]
    receive_monthly_digest_email: Mapped[bool | None] = mapped_column(server_default=text("true"))
    avatar_url: Mapped[str | None]
    locked: Mapped[bool] = mapped_column(server_default=text("false"))
    app_theme: Mapped[str | None]
    moved_to_profile_id: Mapped[int | None]
    is_platform_managed: Mapped[bool] = mapped_column(server_default=text("false"))
    sms_lock_state: Mapped[str] = mapped_column(SMS_LOCK_STATE, server_default=text("'UNLOCKED'"))
    sms_lock_reviewed_by_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    referral_link_id: Mapped[str | None]
    last_active_at: Mapped[datetime | None]
    creation_source: Mapped[str | None] = mapped_column(CREATION_SOURCE)
    whitelist_workflows: Mapped[bool] = mapped_column(server_default=text("false"))
    requires_booker_email_verification: Mapped[bool | None] = mapped_column(server_default=text("false"))
    uuid: Mapped[UUID]
    auto_opt_in_features: Mapped[bool] = mapped_column(server_default=text("false"))

    # Ours.
    tenant_id: Mapped[int]
    tenant_role: Mapped[str] = mapped_column(server_default=text("'STUDENT'"))
    immersio_user_id: Mapped[str | None]
    immersio_sync_status: Mapped[str | None]
    immersio_last_synced_at: Mapped[datetime | None]
    immersio_updated_at: Mapped[datetime | None]
    immersio_deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("users_emailVerified_idx", "emailVerified"),
        Index("users_email_username_key", "email", "username", unique=True),
        Index("users_identityProviderId_idx", "identityProviderId"),
        Index("users_identityProvider_idx", "identityProvider"),
        Index("users_movedToProfileId_key", "movedToProfileId", unique=True),
        Index("users_username_idx", "username"),
        Index("users_username_organizationId_key", "username", "organizationId", unique=True),
        Index(
            "users_username_organizationId_key_null",
            "username",
            text('("organizationId" IS NULL)'),
            unique=True,
            postgresql_where=text('"organizationId" IS NULL'),
        ),
        Index("users_uuid_key", "uuid", unique=True),
        # Ours.
        of_tenant("users"),
        Index("users_tenantId_idx", "tenantId"),
        Index("users_id_tenantId_key", "id", "tenantId", unique=True),
        Index("users_tenantRole_idx", "tenantRole"),
        Index("users_immersioUserId_idx", "immersioUserId"),
        Index(
            "users_tenantId_immersioUserId_key",
            "tenantId",
            "immersioUserId",
            unique=True,
            postgresql_where=text('"immersioUserId" IS NOT NULL'),
        ),
        Index("idx_user_tenant_role", "tenantId", "tenantRole"),
        Index("users_tenantId_tenantRole_id_idx", "tenantId", "tenantRole", "id"),
        Index("users_tenantId_email_key", "tenantId", text("lower(email)"), unique=True),
        Index(
            "users_staff_email_key",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("\"tenantRole\" <> 'STUDENT'"),
        ),
        CheckConstraint(
            "\"tenantRole\" IN ('STUDENT', 'TEACHER', 'TENANT_ADMIN', 'SUPER_ADMIN')",
            name="users_tenant_role_known",
        ),
        MADE_HERE,
    )
