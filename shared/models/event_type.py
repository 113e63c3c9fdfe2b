"""What can be booked: a lesson or a workshop."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, Json, of_tenant, reference, tenant_reference
from shared.models.calcom_enums import PERIOD_TYPE, SCHEDULING_TYPE


class EventType(Base):
    __tablename__ = "EventType"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str | None]
    locations: Mapped[Json | None]
    length: Mapped[int]
    hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    user_id: Mapped[int | None]
    event_name: Mapped[str | None]
    time_zone: Mapped[str | None]
    period_count_calendar_days: Mapped[bool | None]
    period_days: Mapped[int | None]
    period_end_date: Mapped[datetime | None]
    period_start_date: Mapped[datetime | None]
    requires_confirmation: Mapped[bool] = mapped_column(server_default=text("false"))
    minimum_booking_notice: Mapped[int] = mapped_column(server_default=text("120"))
    currency: Mapped[str] = mapped_column(server_default=text("'usd'"))
    price: Mapped[int] = mapped_column(server_default=text("0"))
    scheduling_type: Mapped[str | None] = mapped_column(SCHEDULING_TYPE)
    team_id: Mapped[int | None]
    disable_guests: Mapped[bool] = mapped_column(server_default=text("false"))
    position: Mapped[int] = mapped_column(server_default=text("0"))
    period_type: Mapped[str] = mapped_column(PERIOD_TYPE, server_default=text("'unlimited'"))
    slot_interval: Mapped[int | None]
    meta: Mapped[Json | None] = mapped_column("metadata")
    after_event_buffer: Mapped[int] = mapped_column(server_default=text("0"))
    before_event_buffer: Mapped[int] = mapped_column(server_default=text("0"))
    hide_calendar_notes: Mapped[bool] = mapped_column(server_default=text("false"))
    success_redirect_url: Mapped[str | None]
    seats_per_time_slot: Mapped[int | None]
    recurring_event: Mapped[Json | None]
    schedule_id: Mapped[int | None]
    booking_limits: Mapped[Json | None]
    seats_show_attendees: Mapped[bool | None] = mapped_column(server_default=text("false"))
    booking_fields: Mapped[Json | None]
    duration_limits: Mapped[Json | None]
    parent_id: Mapped[int | None]
    offset_start: Mapped[int] = mapped_column(server_default=text("0"))
    requires_booker_email_verification: Mapped[bool] = mapped_column(server_default=text("false"))
    seats_show_availability_count: Mapped[bool | None] = mapped_column(server_default=text("true"))
    lock_time_zone_toggle_on_booking_page: Mapped[bool] = mapped_column(server_default=text("false"))
    only_show_first_available_slot: Mapped[bool] = mapped_column(server_default=text("false"))
    is_instant_event: Mapped[bool] = mapped_column(server_default=text("false"))
    assign_all_team_members: Mapped[bool] = mapped_column(server_default=text("false"))
    profile_id: Mapped[int | None]
    use_event_type_destination_calendar_email: Mapped[bool] = mapped_column(server_default=text("false"))
    secondary_email_id: Mapped[int | None]
    forward_params_success_redirect: Mapped[bool | None] = mapped_column(server_default=text("true"))
    instant_meeting_expiry_time_offset_in_seconds: Mapped[int] = mapped_column(server_default=text("90"))
    is_rr_weights_enabled: Mapped[bool] = mapped_column("isRRWeightsEnabled", server_default=text("false"))
    reschedule_with_same_round_robin_host: Mapped[bool] = mapped_column(server_default=text("false"))
    event_type_color: Mapped[Json | None]
    requires_confirmation_will_block_slot: Mapped[bool] = mapped_column(server_default=text("false"))
    instant_meeting_schedule_id: Mapped[int | None]
    show_optimized_slots: Mapped[bool | None] = mapped_column(server_default=text("false"))
    hide_calendar_event_details: Mapped[bool] = mapped_column(server_default=text("false"))
    assign_rr_members_using_segment: Mapped[bool] = mapped_column(
        "assignRRMembersUsingSegment", server_default=text("false")
    )
    rr_segment_query_value: Mapped[Json | None]
    max_lead_threshold: Mapped[int | None]
    instant_meeting_parameters: Mapped[list[str] | None]
    auto_translate_description_enabled: Mapped[bool] = mapped_column(server_default=text("false"))
    requires_confirmation_for_free_email: Mapped[bool] = mapped_column(server_default=text("false"))
    use_event_level_selected_calendars: Mapped[bool] = mapped_column(server_default=text("false"))
    allow_rescheduling_past_bookings: Mapped[bool] = mapped_column(server_default=text("false"))
    interface_language: Mapped[str | None]
    can_send_cal_video_transcription_emails: Mapped[bool] = mapped_column(server_default=text("true"))
    disable_cancelling: Mapped[bool | None] = mapped_column(server_default=text("false"))
    disable_rescheduling: Mapped[bool | None] = mapped_column(server_default=text("false"))
    custom_reply_to_email: Mapped[str | None]
    hide_organizer_email: Mapped[bool] = mapped_column(server_default=text("false"))
    include_no_show_in_rr_calculation: Mapped[bool] = mapped_column(
        "includeNoShowInRRCalculation", server_default=text("false")
    )
    restriction_schedule_id: Mapped[int | None]
    use_booker_timezone: Mapped[bool] = mapped_column(server_default=text("false"))
    allow_rescheduling_cancelled_bookings: Mapped[bool | None] = mapped_column(server_default=text("false"))
    max_active_bookings_per_booker: Mapped[int | None]
    max_active_booking_per_booker_offer_reschedule: Mapped[bool] = mapped_column(server_default=text("false"))
    locked_time_zone: Mapped[str | None]
    booking_requires_authentication: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime | None] = mapped_column(server_default=func.current_timestamp())
    updated_at: Mapped[datetime | None]
    auto_translate_instant_meeting_title_enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    minimum_reschedule_notice: Mapped[int | None]
    rr_host_subset_enabled: Mapped[bool] = mapped_column(server_default=text("false"))

    # Ours.
    tenant_id: Mapped[int]
    immersio_course_id: Mapped[str | None]
    immersio_version: Mapped[int | None]
    immersio_deleted_at: Mapped[datetime | None]
    is_workshop: Mapped[bool] = mapped_column(server_default=text("false"))
    whitelist_enabled: Mapped[bool] = mapped_column(server_default=text("false"))
    seat_limit: Mapped[int | None]
    refund_window_hours: Mapped[int] = mapped_column(server_default=text("12"))
    workshop_price: Mapped[Decimal | None]
    workshop_currency: Mapped[str | None] = mapped_column(server_default=text("'USD'"))
    workshop_recurrence: Mapped[Json | None]
    is_published: Mapped[bool] = mapped_column(server_default=text("true"))

    __table_args__ = (
        reference(
            "EventType_instantMeetingScheduleId_fkey",
            "instantMeetingScheduleId",
            "Schedule",
            ondelete="SET NULL",
        ),
        reference("EventType_parentId_fkey", "parentId", "EventType", ondelete="CASCADE"),
        reference(
            "EventType_restrictionScheduleId_fkey", "restrictionScheduleId", "Schedule", ondelete="SET NULL"
        ),
        reference("EventType_scheduleId_fkey", "scheduleId", "Schedule", ondelete="SET NULL"),
        reference("EventType_userId_fkey", "userId", "users", ondelete="CASCADE"),
        Index(
            "EventType_instantMeetingScheduleId_idx",
            "instantMeetingScheduleId",
            postgresql_where=text('"instantMeetingScheduleId" IS NOT NULL'),
        ),
        Index("EventType_parentId_idx", "parentId"),
        Index("EventType_profileId_idx", "profileId"),
        Index("EventType_restrictionScheduleId_idx", "restrictionScheduleId"),
        Index("EventType_scheduleId_idx", "scheduleId"),
        Index("EventType_secondaryEmailId_idx", "secondaryEmailId"),
        Index("EventType_teamId_idx", "teamId"),
        Index("EventType_teamId_slug_key", "teamId", "slug", unique=True),
        Index("EventType_userId_idx", "userId"),
        Index("EventType_userId_parentId_key", "userId", "parentId", unique=True),
        Index("EventType_userId_slug_key", "userId", "slug", unique=True),
        # Ours.
        of_tenant("EventType"),
        Index("EventType_tenantId_idx", "tenantId"),
        Index("EventType_id_tenantId_key", "id", "tenantId", unique=True),
        Index("EventType_immersioCourseId_idx", "immersioCourseId"),
        Index("EventType_isWorkshop_idx", "isWorkshop"),
        Index("idx_eventtype_tenant_workshop", "tenantId", "isWorkshop"),
        CheckConstraint('"refundWindowHours" >= 0', name="positive_refund_window"),
        tenant_reference("EventType_userId_tenant_fkey", "userId", "users", ondelete="CASCADE"),
        tenant_reference("EventType_parentId_tenant_fkey", "parentId", "EventType", ondelete="CASCADE"),
        tenant_reference("EventType_scheduleId_tenant_fkey", "scheduleId", "Schedule", ondelete="SET NULL"),
        tenant_reference(
            "EventType_instantMeetingScheduleId_tenant_fkey",
            "instantMeetingScheduleId",
            "Schedule",
            ondelete="SET NULL",
        ),
        tenant_reference(
            "EventType_restrictionScheduleId_tenant_fkey",
            "restrictionScheduleId",
            "Schedule",
            ondelete="SET NULL",
        ),
        MADE_HERE,
    )
