"""A lesson, or one student's seat in a workshop session."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, Json, of_tenant, reference, tenant_reference
from shared.models.calcom_enums import BOOKING_STATUS, CREATION_SOURCE


class Booking(Base):
    __tablename__ = "Booking"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str]
    user_id: Mapped[int | None]
    event_type_id: Mapped[int | None]
    title: Mapped[str]
    description: Mapped[str | None]
    start_time: Mapped[datetime]
    end_time: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime | None]
    location: Mapped[str | None]
    paid: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(BOOKING_STATUS, server_default=text("'accepted'"))
    cancellation_reason: Mapped[str | None]
    rejection_reason: Mapped[str | None]
    from_reschedule: Mapped[str | None]
    rescheduled: Mapped[bool | None]
    dynamic_event_slug_ref: Mapped[str | None]
    dynamic_group_slug_ref: Mapped[str | None]
    recurring_event_id: Mapped[str | None]
    custom_inputs: Mapped[Json | None]
    sms_reminder_number: Mapped[str | None]
    destination_calendar_id: Mapped[int | None]
    scheduled_jobs: Mapped[list[str] | None]
    meta: Mapped[Json | None] = mapped_column("metadata")
    responses: Mapped[Json | None]
    is_recorded: Mapped[bool] = mapped_column(server_default=text("false"))
    i_cal_sequence: Mapped[int] = mapped_column(server_default=text("0"))
    i_cal_uid: Mapped[str | None] = mapped_column("iCalUID", server_default=text("''"))
    user_primary_email: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    no_show_host: Mapped[bool | None] = mapped_column(server_default=text("false"))
    rating: Mapped[int | None]
    rating_feedback: Mapped[str | None]
    cancelled_by: Mapped[str | None]
    rescheduled_by: Mapped[str | None]
    one_time_password: Mapped[str | None]
    reassign_reason: Mapped[str | None]
    reassign_by_id: Mapped[int | None]
    creation_source: Mapped[str | None] = mapped_column(CREATION_SOURCE)

    # Ours.
    tenant_id: Mapped[int]
    immersio_enrollment_id: Mapped[str | None]
    workshop_session_number: Mapped[int | None]
    whitelist_verified: Mapped[bool] = mapped_column(server_default=text("false"))
    # Null for what Cal.com wrote: only a booking made here can be managed by its token.
    manage_token: Mapped[str | None]
    # A pending booking keeps its time until then.
    hold_expires_at: Mapped[datetime | None]
    # Whoever cancels until then is refunded; settled when the booking was made.
    refundable_until: Mapped[datetime | None]

    __table_args__ = (
        reference("Booking_eventTypeId_fkey", "eventTypeId", "EventType", ondelete="SET NULL"),
        reference("Booking_reassignById_fkey", "reassignById", "users", ondelete="SET NULL"),
        reference("Booking_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index("Booking_destinationCalendarId_idx", "destinationCalendarId"),
        Index("Booking_eventTypeId_idx", "eventTypeId"),
        Index("Booking_fromReschedule_idx", "fromReschedule"),
        Index("Booking_idempotencyKey_key", "idempotencyKey", unique=True),
        Index("Booking_oneTimePassword_key", "oneTimePassword", unique=True),
        Index(
            "Booking_reassignById_idx", "reassignById", postgresql_where=text('"reassignById" IS NOT NULL')
        ),
        Index("Booking_recurringEventId_idx", "recurringEventId"),
        Index("Booking_startTime_endTime_status_idx", "startTime", "endTime", "status"),
        Index("Booking_status_idx", "status"),
        Index("Booking_uid_idx", "uid"),
        Index("Booking_uid_key", "uid", unique=True),
        Index("Booking_userId_idx", "userId"),
        # Ours.
        of_tenant("Booking"),
        Index("Booking_tenantId_idx", "tenantId"),
        Index("Booking_id_tenantId_key", "id", "tenantId", unique=True),
        Index("Booking_immersioEnrollmentId_idx", "immersioEnrollmentId"),
        Index("idx_booking_tenant_status", "tenantId", "status"),
        Index("Booking_tenantId_startTime_idx", "tenantId", "startTime"),
        Index(
            "Booking_pending_idx",
            "tenantId",
            "startTime",
            "id",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "Booking_holdExpiresAt_idx",
            "holdExpiresAt",
            postgresql_where=text("\"holdExpiresAt\" IS NOT NULL AND status = 'pending'"),
        ),
        Index(
            "Booking_moved_once_key",
            "tenantId",
            "fromReschedule",
            unique=True,
            postgresql_where=text('"fromReschedule" IS NOT NULL AND "manageToken" IS NOT NULL'),
        ),
        CheckConstraint('"tenantId" IS NOT NULL', name="booking_tenant_required"),
        tenant_reference("Booking_userId_tenant_fkey", "userId", "users", ondelete="CASCADE"),
        tenant_reference("Booking_eventTypeId_tenant_fkey", "eventTypeId", "EventType", ondelete="SET NULL"),
        tenant_reference("Booking_reassignById_tenant_fkey", "reassignById", "users", ondelete="SET NULL"),
        MADE_HERE,
    )
