"""The tables of Cal.com 6.0 that this service works on, made where they are absent.

On a live Cal.com database every table is there already and this revision changes nothing. On an empty
one it makes them as Cal.com has them: names, types, nullability, defaults, keys and indexes. Foreign
keys to tables that only Cal.com's other features use are left to Cal.com.
"""

from alembic import op

from migrations.ddl import quoted, table_exists

revision = "20261122_01"
down_revision = None
branch_labels = None
depends_on = None

# Marks what this revision made, so that going back never drops a table of Cal.com's.
OURS = "made by the booking service"

ENUMS = {
    "BookingStatus": ("cancelled", "accepted", "rejected", "pending", "awaiting_host"),
    "CreationSource": ("api_v1", "api_v2", "webapp"),
    "IdentityProvider": ("CAL", "GOOGLE", "SAML"),
    "PaymentOption": ("ON_BOOKING", "HOLD"),
    "PeriodType": ("unlimited", "rolling", "range", "rolling_window"),
    "SMSLockState": ("LOCKED", "UNLOCKED", "REVIEW_NEEDED"),
    "SchedulingType": ("roundRobin", "collective", "managed"),
    "UserPermissionRole": ("USER", "ADMIN"),
}

TABLES = {
    "users": """
        CREATE TABLE users (
            id serial,
            username text,
            name text,
            email text NOT NULL,
            bio text,
            "timeZone" text NOT NULL DEFAULT 'Europe/London',
            "weekStart" text NOT NULL DEFAULT 'Sunday',
            "startTime" integer NOT NULL DEFAULT 0,
            "endTime" integer NOT NULL DEFAULT 1440,
            created timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "bufferTime" integer NOT NULL DEFAULT 0,
            "emailVerified" timestamp(3),
            "hideBranding" boolean NOT NULL DEFAULT false,
            theme text,
            "completedOnboarding" boolean NOT NULL DEFAULT false,
            "twoFactorEnabled" boolean NOT NULL DEFAULT false,
            "twoFactorSecret" text,
            locale text,
            "brandColor" text,
            "identityProvider" "IdentityProvider" NOT NULL DEFAULT 'CAL'::"IdentityProvider",
            "identityProviderId" text,
            "invitedTo" integer,
            metadata jsonb,
            verified boolean DEFAULT false,
            "timeFormat" integer DEFAULT 12,
            "darkBrandColor" text,
            "trialEndsAt" timestamp(3),
            "defaultScheduleId" integer,
            "allowDynamicBooking" boolean DEFAULT true,
            role "UserPermissionRole" NOT NULL DEFAULT 'USER'::"UserPermissionRole",
            "disableImpersonation" boolean NOT NULL DEFAULT false,
            "organizationId" integer,
            "allowSEOIndexing" boolean DEFAULT true,
            "backupCodes" text,
            "receiveMonthlyDigestEmail" boolean DEFAULT true,
            "avatarUrl" text,
            locked boolean NOT NULL DEFAULT false,
            "appTheme" text,
            "movedToProfileId" integer,
            "isPlatformManaged" boolean NOT NULL DEFAULT false,
            "smsLockState" "SMSLockState" NOT NULL DEFAULT 'UNLOCKED'::"SMSLockState",
            "smsLockReviewedByAdmin" boolean NOT NULL DEFAULT false,
            "referralLinkId" text,
            "lastActiveAt" timestamp(3),
            "creationSource" "CreationSource",
            "whitelistWorkflows" boolean NOT NULL DEFAULT false,
            "requiresBookerEmailVerification" boolean DEFAULT false,
            uuid uuid NOT NULL,
            "autoOptInFeatures" boolean NOT NULL DEFAULT false,
            CONSTRAINT "users_pkey" PRIMARY KEY (id)
        )
    """,
    "Schedule": """
        CREATE TABLE "Schedule" (
            id serial,
            "userId" integer NOT NULL,
            name text NOT NULL,
            "timeZone" text,
            CONSTRAINT "Schedule_pkey" PRIMARY KEY (id)
        )
    """,
    "EventType": """
        CREATE TABLE "EventType" (
            id serial,
            title text NOT NULL,
            slug text NOT NULL,
            description text,
            locations jsonb,
            length integer NOT NULL,
            hidden boolean NOT NULL DEFAULT false,
            "userId" integer,
            "eventName" text,
            "timeZone" text,
            "periodCountCalendarDays" boolean,
            "periodDays" integer,
            "periodEndDate" timestamp(3),
            "periodStartDate" timestamp(3),
            "requiresConfirmation" boolean NOT NULL DEFAULT false,
            "minimumBookingNotice" integer NOT NULL DEFAULT 120,
            currency text NOT NULL DEFAULT 'usd',
            price integer NOT NULL DEFAULT 0,
            "schedulingType" "SchedulingType",
            "teamId" integer,
            "disableGuests" boolean NOT NULL DEFAULT false,
            position integer NOT NULL DEFAULT 0,
            "periodType" "PeriodType" NOT NULL DEFAULT 'unlimited'::"PeriodType",
            "slotInterval" integer,
            metadata jsonb,
            "afterEventBuffer" integer NOT NULL DEFAULT 0,
            "beforeEventBuffer" integer NOT NULL DEFAULT 0,
            "hideCalendarNotes" boolean NOT NULL DEFAULT false,
            "successRedirectUrl" text,
            "seatsPerTimeSlot" integer,
            "recurringEvent" jsonb,
            "scheduleId" integer,
            "bookingLimits" jsonb,
            "seatsShowAttendees" boolean DEFAULT false,
            "bookingFields" jsonb,
            "durationLimits" jsonb,
            "parentId" integer,
            "offsetStart" integer NOT NULL DEFAULT 0,
            "requiresBookerEmailVerification" boolean NOT NULL DEFAULT false,
            "seatsShowAvailabilityCount" boolean DEFAULT true,
            "lockTimeZoneToggleOnBookingPage" boolean NOT NULL DEFAULT false,
            "onlyShowFirstAvailableSlot" boolean NOT NULL DEFAULT false,
            "isInstantEvent" boolean NOT NULL DEFAULT false,
            "assignAllTeamMembers" boolean NOT NULL DEFAULT false,
            "profileId" integer,
            "useEventTypeDestinationCalendarEmail" boolean NOT NULL DEFAULT false,
            "secondaryEmailId" integer,
            "forwardParamsSuccessRedirect" boolean DEFAULT true,
            "instantMeetingExpiryTimeOffsetInSeconds" integer NOT NULL DEFAULT 90,
            "isRRWeightsEnabled" boolean NOT NULL DEFAULT false,
            "rescheduleWithSameRoundRobinHost" boolean NOT NULL DEFAULT false,
            "eventTypeColor" jsonb,
            "requiresConfirmationWillBlockSlot" boolean NOT NULL DEFAULT false,
            "instantMeetingScheduleId" integer,
            "showOptimizedSlots" boolean DEFAULT false,
            "hideCalendarEventDetails" boolean NOT NULL DEFAULT false,
            "assignRRMembersUsingSegment" boolean NOT NULL DEFAULT false,
            "rrSegmentQueryValue" jsonb,
            "maxLeadThreshold" integer,
            "instantMeetingParameters" text[],
            "autoTranslateDescriptionEnabled" boolean NOT NULL DEFAULT false,
            "requiresConfirmationForFreeEmail" boolean NOT NULL DEFAULT false,
            "useEventLevelSelectedCalendars" boolean NOT NULL DEFAULT false,
            "allowReschedulingPastBookings" boolean NOT NULL DEFAULT false,
            "interfaceLanguage" text,
            "canSendCalVideoTranscriptionEmails" boolean NOT NULL DEFAULT true,
            "disableCancelling" boolean DEFAULT false,
            "disableRescheduling" boolean DEFAULT false,
            "customReplyToEmail" text,
            "hideOrganizerEmail" boolean NOT NULL DEFAULT false,
            "includeNoShowInRRCalculation" boolean NOT NULL DEFAULT false,
            "restrictionScheduleId" integer,
            "useBookerTimezone" boolean NOT NULL DEFAULT false,
            "allowReschedulingCancelledBookings" boolean DEFAULT false,
            "maxActiveBookingsPerBooker" integer,
            "maxActiveBookingPerBookerOfferReschedule" boolean NOT NULL DEFAULT false,
            "lockedTimeZone" text,
            "bookingRequiresAuthentication" boolean NOT NULL DEFAULT false,
            "createdAt" timestamp(3) DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3),
            "autoTranslateInstantMeetingTitleEnabled" boolean NOT NULL DEFAULT true,
            "minimumRescheduleNotice" integer,
            "rrHostSubsetEnabled" boolean NOT NULL DEFAULT false,
            CONSTRAINT "EventType_pkey" PRIMARY KEY (id)
        )
    """,
    "Availability": """
        CREATE TABLE "Availability" (
            id serial,
            "userId" integer,
            "eventTypeId" integer,
            days integer[],
            date date,
            "startTime" time NOT NULL,
            "endTime" time NOT NULL,
            "scheduleId" integer,
            CONSTRAINT "Availability_pkey" PRIMARY KEY (id)
        )
    """,
    "Host": """
        CREATE TABLE "Host" (
            "userId" integer NOT NULL,
            "eventTypeId" integer NOT NULL,
            "isFixed" boolean NOT NULL DEFAULT false,
            priority integer,
            weight integer,
            "weightAdjustment" integer,
            "scheduleId" integer,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "groupId" text,
            "memberId" integer,
            CONSTRAINT "Host_pkey" PRIMARY KEY ("userId", "eventTypeId")
        )
    """,
    "OutOfOfficeEntry": """
        CREATE TABLE "OutOfOfficeEntry" (
            id serial,
            uuid text NOT NULL,
            "start" timestamp(3) NOT NULL,
            "end" timestamp(3) NOT NULL,
            "userId" integer NOT NULL,
            "toUserId" integer,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3) NOT NULL,
            "reasonId" integer,
            notes text,
            "showNotePublicly" boolean NOT NULL DEFAULT false,
            CONSTRAINT "OutOfOfficeEntry_pkey" PRIMARY KEY (id)
        )
    """,
    "Booking": """
        CREATE TABLE "Booking" (
            id serial,
            uid text NOT NULL,
            "userId" integer,
            "eventTypeId" integer,
            title text NOT NULL,
            description text,
            "startTime" timestamp(3) NOT NULL,
            "endTime" timestamp(3) NOT NULL,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3),
            location text,
            paid boolean NOT NULL DEFAULT false,
            status "BookingStatus" NOT NULL DEFAULT 'accepted'::"BookingStatus",
            "cancellationReason" text,
            "rejectionReason" text,
            "fromReschedule" text,
            rescheduled boolean,
            "dynamicEventSlugRef" text,
            "dynamicGroupSlugRef" text,
            "recurringEventId" text,
            "customInputs" jsonb,
            "smsReminderNumber" text,
            "destinationCalendarId" integer,
            "scheduledJobs" text[],
            metadata jsonb,
            responses jsonb,
            "isRecorded" boolean NOT NULL DEFAULT false,
            "iCalSequence" integer NOT NULL DEFAULT 0,
            "iCalUID" text DEFAULT '',
            "userPrimaryEmail" text,
            "idempotencyKey" text,
            "noShowHost" boolean DEFAULT false,
            rating integer,
            "ratingFeedback" text,
            "cancelledBy" text,
            "rescheduledBy" text,
            "oneTimePassword" text,
            "reassignReason" text,
            "reassignById" integer,
            "creationSource" "CreationSource",
            CONSTRAINT "Booking_pkey" PRIMARY KEY (id)
        )
    """,
    "Attendee": """
        CREATE TABLE "Attendee" (
            id serial,
            email text NOT NULL,
            name text NOT NULL,
            "timeZone" text NOT NULL,
            "bookingId" integer,
            locale text DEFAULT 'en',
            "phoneNumber" text,
            "noShow" boolean DEFAULT false,
            CONSTRAINT "Attendee_pkey" PRIMARY KEY (id)
        )
    """,
    "Payment": """
        CREATE TABLE "Payment" (
            id serial,
            uid text NOT NULL,
            "bookingId" integer NOT NULL,
            amount integer NOT NULL,
            fee integer NOT NULL,
            currency text NOT NULL,
            success boolean NOT NULL,
            refunded boolean NOT NULL,
            data jsonb NOT NULL,
            "externalId" text NOT NULL,
            "appId" text,
            "paymentOption" "PaymentOption" DEFAULT 'ON_BOOKING'::"PaymentOption",
            CONSTRAINT "Payment_pkey" PRIMARY KEY (id)
        )
    """,
}

FOREIGN_KEYS = (
    (
        "Schedule",
        "Schedule_userId_fkey",
        'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "EventType",
        "EventType_instantMeetingScheduleId_fkey",
        'FOREIGN KEY ("instantMeetingScheduleId") REFERENCES "Schedule"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "EventType",
        "EventType_parentId_fkey",
        'FOREIGN KEY ("parentId") REFERENCES "EventType"(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "EventType",
        "EventType_restrictionScheduleId_fkey",
        'FOREIGN KEY ("restrictionScheduleId") REFERENCES "Schedule"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "EventType",
        "EventType_scheduleId_fkey",
        'FOREIGN KEY ("scheduleId") REFERENCES "Schedule"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "EventType",
        "EventType_userId_fkey",
        'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "Availability",
        "Availability_eventTypeId_fkey",
        'FOREIGN KEY ("eventTypeId") REFERENCES "EventType"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "Availability",
        "Availability_scheduleId_fkey",
        'FOREIGN KEY ("scheduleId") REFERENCES "Schedule"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "Availability",
        "Availability_userId_fkey",
        'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "Host",
        "Host_eventTypeId_fkey",
        'FOREIGN KEY ("eventTypeId") REFERENCES "EventType"(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "Host",
        "Host_scheduleId_fkey",
        'FOREIGN KEY ("scheduleId") REFERENCES "Schedule"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "Host",
        "Host_userId_fkey",
        'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "OutOfOfficeEntry",
        "OutOfOfficeEntry_toUserId_fkey",
        'FOREIGN KEY ("toUserId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "OutOfOfficeEntry",
        "OutOfOfficeEntry_userId_fkey",
        'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "Booking",
        "Booking_eventTypeId_fkey",
        'FOREIGN KEY ("eventTypeId") REFERENCES "EventType"(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "Booking",
        "Booking_reassignById_fkey",
        'FOREIGN KEY ("reassignById") REFERENCES users(id) ON UPDATE CASCADE ON DELETE SET NULL',
    ),
    (
        "Booking",
        "Booking_userId_fkey",
        'FOREIGN KEY ("userId") REFERENCES users(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "Attendee",
        "Attendee_bookingId_fkey",
        'FOREIGN KEY ("bookingId") REFERENCES "Booking"(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
    (
        "Payment",
        "Payment_bookingId_fkey",
        'FOREIGN KEY ("bookingId") REFERENCES "Booking"(id) ON UPDATE CASCADE ON DELETE CASCADE',
    ),
)

INDEXES = (
    ("users", 'CREATE INDEX "users_emailVerified_idx" ON users USING btree ("emailVerified")'),
    ("users", 'CREATE UNIQUE INDEX "users_email_key" ON users USING btree (email)'),
    ("users", 'CREATE UNIQUE INDEX "users_email_username_key" ON users USING btree (email, username)'),
    ("users", 'CREATE INDEX "users_identityProviderId_idx" ON users USING btree ("identityProviderId")'),
    ("users", 'CREATE INDEX "users_identityProvider_idx" ON users USING btree ("identityProvider")'),
    ("users", 'CREATE UNIQUE INDEX "users_movedToProfileId_key" ON users USING btree ("movedToProfileId")'),
    ("users", 'CREATE INDEX "users_username_idx" ON users USING btree (username)'),
    (
        "users",
        'CREATE UNIQUE INDEX "users_username_organizationId_key" ON users USING btree (username, "organizationId")',
    ),
    (
        "users",
        'CREATE UNIQUE INDEX "users_username_organizationId_key_null" ON users USING btree (username, (("organizationId" IS NULL))) WHERE ("organizationId" IS NULL)',
    ),
    ("users", 'CREATE UNIQUE INDEX "users_uuid_key" ON users USING btree (uuid)'),
    ("Schedule", 'CREATE INDEX "Schedule_userId_idx" ON "Schedule" USING btree ("userId")'),
    (
        "EventType",
        'CREATE INDEX "EventType_instantMeetingScheduleId_idx" ON "EventType" USING btree ("instantMeetingScheduleId") WHERE ("instantMeetingScheduleId" IS NOT NULL)',
    ),
    ("EventType", 'CREATE INDEX "EventType_parentId_idx" ON "EventType" USING btree ("parentId")'),
    ("EventType", 'CREATE INDEX "EventType_profileId_idx" ON "EventType" USING btree ("profileId")'),
    (
        "EventType",
        'CREATE INDEX "EventType_restrictionScheduleId_idx" ON "EventType" USING btree ("restrictionScheduleId")',
    ),
    ("EventType", 'CREATE INDEX "EventType_scheduleId_idx" ON "EventType" USING btree ("scheduleId")'),
    (
        "EventType",
        'CREATE INDEX "EventType_secondaryEmailId_idx" ON "EventType" USING btree ("secondaryEmailId")',
    ),
    ("EventType", 'CREATE INDEX "EventType_teamId_idx" ON "EventType" USING btree ("teamId")'),
    (
        "EventType",
        'CREATE UNIQUE INDEX "EventType_teamId_slug_key" ON "EventType" USING btree ("teamId", slug)',
    ),
    ("EventType", 'CREATE INDEX "EventType_userId_idx" ON "EventType" USING btree ("userId")'),
    (
        "EventType",
        'CREATE UNIQUE INDEX "EventType_userId_parentId_key" ON "EventType" USING btree ("userId", "parentId")',
    ),
    (
        "EventType",
        'CREATE UNIQUE INDEX "EventType_userId_slug_key" ON "EventType" USING btree ("userId", slug)',
    ),
    (
        "Availability",
        'CREATE INDEX "Availability_eventTypeId_idx" ON "Availability" USING btree ("eventTypeId")',
    ),
    (
        "Availability",
        'CREATE INDEX "Availability_scheduleId_idx" ON "Availability" USING btree ("scheduleId")',
    ),
    ("Availability", 'CREATE INDEX "Availability_userId_idx" ON "Availability" USING btree ("userId")'),
    ("Host", 'CREATE INDEX "Host_eventTypeId_idx" ON "Host" USING btree ("eventTypeId")'),
    ("Host", 'CREATE INDEX "Host_memberId_idx" ON "Host" USING btree ("memberId")'),
    ("Host", 'CREATE INDEX "Host_scheduleId_idx" ON "Host" USING btree ("scheduleId")'),
    ("Host", 'CREATE INDEX "Host_userId_idx" ON "Host" USING btree ("userId")'),
    (
        "OutOfOfficeEntry",
        'CREATE INDEX "OutOfOfficeEntry_start_end_idx" ON "OutOfOfficeEntry" USING btree (start, "end")',
    ),
    (
        "OutOfOfficeEntry",
        'CREATE INDEX "OutOfOfficeEntry_toUserId_idx" ON "OutOfOfficeEntry" USING btree ("toUserId")',
    ),
    (
        "OutOfOfficeEntry",
        'CREATE INDEX "OutOfOfficeEntry_userId_idx" ON "OutOfOfficeEntry" USING btree ("userId")',
    ),
    ("OutOfOfficeEntry", 'CREATE INDEX "OutOfOfficeEntry_uuid_idx" ON "OutOfOfficeEntry" USING btree (uuid)'),
    (
        "OutOfOfficeEntry",
        'CREATE UNIQUE INDEX "OutOfOfficeEntry_uuid_key" ON "OutOfOfficeEntry" USING btree (uuid)',
    ),
    (
        "Booking",
        'CREATE INDEX "Booking_destinationCalendarId_idx" ON "Booking" USING btree ("destinationCalendarId")',
    ),
    ("Booking", 'CREATE INDEX "Booking_eventTypeId_idx" ON "Booking" USING btree ("eventTypeId")'),
    ("Booking", 'CREATE INDEX "Booking_fromReschedule_idx" ON "Booking" USING btree ("fromReschedule")'),
    (
        "Booking",
        'CREATE UNIQUE INDEX "Booking_idempotencyKey_key" ON "Booking" USING btree ("idempotencyKey")',
    ),
    (
        "Booking",
        'CREATE UNIQUE INDEX "Booking_oneTimePassword_key" ON "Booking" USING btree ("oneTimePassword")',
    ),
    (
        "Booking",
        'CREATE INDEX "Booking_reassignById_idx" ON "Booking" USING btree ("reassignById") WHERE ("reassignById" IS NOT NULL)',
    ),
    ("Booking", 'CREATE INDEX "Booking_recurringEventId_idx" ON "Booking" USING btree ("recurringEventId")'),
    (
        "Booking",
        'CREATE INDEX "Booking_startTime_endTime_status_idx" ON "Booking" USING btree ("startTime", "endTime", status)',
    ),
    ("Booking", 'CREATE INDEX "Booking_status_idx" ON "Booking" USING btree (status)'),
    ("Booking", 'CREATE INDEX "Booking_uid_idx" ON "Booking" USING btree (uid)'),
    ("Booking", 'CREATE UNIQUE INDEX "Booking_uid_key" ON "Booking" USING btree (uid)'),
    ("Booking", 'CREATE INDEX "Booking_userId_idx" ON "Booking" USING btree ("userId")'),
    ("Attendee", 'CREATE INDEX "Attendee_bookingId_idx" ON "Attendee" USING btree ("bookingId")'),
    ("Attendee", 'CREATE INDEX "Attendee_email_idx" ON "Attendee" USING btree (email)'),
    ("Payment", 'CREATE INDEX "Payment_bookingId_idx" ON "Payment" USING btree ("bookingId")'),
    ("Payment", 'CREATE INDEX "Payment_externalId_idx" ON "Payment" USING btree ("externalId")'),
    ("Payment", 'CREATE UNIQUE INDEX "Payment_externalId_key" ON "Payment" USING btree ("externalId")'),
    ("Payment", 'CREATE UNIQUE INDEX "Payment_uid_key" ON "Payment" USING btree (uid)'),
)


def upgrade() -> None:
    for name, labels in ENUMS.items():
        _create_enum(name, labels)
    made = [table for table in TABLES if not table_exists(table)]
    for table in made:
        op.execute(TABLES[table])
        op.execute(f"COMMENT ON TABLE {quoted(table)} IS '{OURS}'")
    for table, name, definition in FOREIGN_KEYS:
        if table in made:
            op.execute(f"ALTER TABLE {quoted(table)} ADD CONSTRAINT {quoted(name)} {definition}")
    for table, statement in INDEXES:
        if table in made:
            op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        if _is_ours(table):
            op.execute(f"DROP TABLE {quoted(table)} CASCADE")
    for name in ENUMS:
        if not _is_used(name):
            op.execute(f"DROP TYPE IF EXISTS {quoted(name)}")


def _create_enum(name: str, labels: tuple[str, ...]) -> None:
    values = ", ".join(f"'{label}'" for label in labels)
    op.execute(
        f"DO $$ BEGIN CREATE TYPE {quoted(name)} AS ENUM ({values}); "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )


def _is_ours(table: str) -> bool:
    comment = op.get_bind().exec_driver_sql(
        "SELECT obj_description(to_regclass(%s), 'pg_class')", (quoted(table),)
    )
    return comment.scalar() == OURS


def _is_used(enum: str) -> bool:
    columns = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM pg_attribute WHERE atttypid = to_regtype(%s) AND NOT attisdropped",
        (quoted(enum),),
    )
    return bool(columns.scalar())
