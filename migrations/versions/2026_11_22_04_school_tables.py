"""The tables of the schools' own features: landing pages, assignments, whitelists, sync logs, usage."""

from migrations.ddl import batches, quoted, step, table_exists

revision = "20261122_04"
down_revision = "20261122_03"
branch_labels = None
depends_on = None

# A reference between two rows of a school carries the school, because foreign keys do not ask row-level
# security: without it, a row could point at another school's.
OF_TENANT = """CONSTRAINT "{table}_tenantId_fkey" FOREIGN KEY ("tenantId")
            REFERENCES "Tenant"(id) ON UPDATE CASCADE ON DELETE CASCADE"""
OF_EVENT_TYPE = """CONSTRAINT "{table}_eventTypeId_fkey" FOREIGN KEY ("eventTypeId", "tenantId")
            REFERENCES "EventType"(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE"""

TABLES = {
    "LandingTemplate": """
        CREATE TABLE "LandingTemplate" (
            id integer,
            name text NOT NULL,
            description text NOT NULL,
            "previewImage" text NOT NULL,
            CONSTRAINT "LandingTemplate_pkey" PRIMARY KEY (id)
        )
    """,
    "TenantLandingSettings": f"""
        CREATE TABLE "TenantLandingSettings" (
            id serial,
            "tenantId" integer NOT NULL,
            "templateId" integer NOT NULL DEFAULT 1,
            "primaryColor" text DEFAULT '#3B82F6',
            "secondaryColor" text,
            "logoUrl" text,
            "heroImageUrl" text,
            "pageTitle" text,
            "pageSubtitle" text,
            "teacherBio" text,
            "teacherImageUrl" text,
            "socialLinks" jsonb,
            "ctaButtonText" text NOT NULL DEFAULT 'Book Now',
            published boolean NOT NULL DEFAULT false,
            "seoSettings" jsonb,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "TenantLandingSettings_pkey" PRIMARY KEY (id),
            CONSTRAINT "TenantLandingSettings_templateId_fkey" FOREIGN KEY ("templateId")
                REFERENCES "LandingTemplate"(id),
            {OF_TENANT.format(table="TenantLandingSettings")}
        )
    """,
    "TeacherCourseAssignment": f"""
        CREATE TABLE "TeacherCourseAssignment" (
            id serial,
            "tenantId" integer NOT NULL,
            "eventTypeId" integer NOT NULL,
            "teacherId" integer NOT NULL,
            "scheduleId" integer,
            "recurrenceRule" jsonb,
            "isPublished" boolean NOT NULL DEFAULT false,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "TeacherCourseAssignment_pkey" PRIMARY KEY (id),
            {OF_TENANT.format(table="TeacherCourseAssignment")},
            {OF_EVENT_TYPE.format(table="TeacherCourseAssignment")},
            CONSTRAINT "TeacherCourseAssignment_teacherId_fkey" FOREIGN KEY ("teacherId", "tenantId")
                REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE CASCADE,
            CONSTRAINT "TeacherCourseAssignment_scheduleId_fkey" FOREIGN KEY ("scheduleId", "tenantId")
                REFERENCES "Schedule"(id, "tenantId") ON UPDATE CASCADE ON DELETE SET NULL ("scheduleId")
        )
    """,
    "WhitelistEntry": f"""
        CREATE TABLE "WhitelistEntry" (
            id serial,
            "tenantId" integer NOT NULL,
            "eventTypeId" integer NOT NULL,
            email text NOT NULL,
            "immersioCourseId" text,
            "addedBy" integer,
            "addedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "WhitelistEntry_pkey" PRIMARY KEY (id),
            CONSTRAINT valid_email_format CHECK (
                email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{{2,}}$'),
            {OF_TENANT.format(table="WhitelistEntry")},
            {OF_EVENT_TYPE.format(table="WhitelistEntry")},
            CONSTRAINT "WhitelistEntry_addedBy_fkey" FOREIGN KEY ("addedBy", "tenantId")
                REFERENCES users(id, "tenantId") ON UPDATE CASCADE ON DELETE SET NULL ("addedBy")
        )
    """,
    "ImmersioSyncLog": f"""
        CREATE TABLE "ImmersioSyncLog" (
            id serial,
            "tenantId" integer NOT NULL,
            "syncType" text NOT NULL,
            direction text NOT NULL,
            "resourceId" text NOT NULL,
            "resourceType" text NOT NULL,
            status text NOT NULL,
            "errorMessage" text,
            "errorCode" text,
            "retryCount" integer NOT NULL DEFAULT 0,
            "syncedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            metadata jsonb,
            CONSTRAINT "ImmersioSyncLog_pkey" PRIMARY KEY (id),
            CONSTRAINT synclog_sync_type_known CHECK (
                "syncType" IN ('COURSE', 'STUDENT', 'BOOKING', 'ENROLLMENT')),
            CONSTRAINT synclog_direction_known CHECK (direction IN ('PULL', 'PUSH')),
            CONSTRAINT synclog_status_known CHECK (status IN ('SUCCESS', 'FAILED', 'PENDING')),
            {OF_TENANT.format(table="ImmersioSyncLog")}
        )
    """,
    # One row a school and month: the month that has passed stays as it was.
    "TenantUsage": f"""
        CREATE TABLE "TenantUsage" (
            id serial,
            "tenantId" integer NOT NULL,
            month integer NOT NULL,
            year integer NOT NULL,
            "bookingsCount" integer NOT NULL DEFAULT 0,
            "teachersCount" integer NOT NULL DEFAULT 0,
            "eventTypesCount" integer NOT NULL DEFAULT 0,
            "lastResetAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            "updatedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "TenantUsage_pkey" PRIMARY KEY (id),
            CONSTRAINT tenantusage_month_exists CHECK (month BETWEEN 1 AND 12),
            CONSTRAINT tenantusage_counts_not_negative CHECK (
                "bookingsCount" >= 0 AND "teachersCount" >= 0 AND "eventTypesCount" >= 0),
            {OF_TENANT.format(table="TenantUsage")}
        )
    """,
}

INDEXES = (
    'CREATE UNIQUE INDEX "TenantLandingSettings_tenantId_key" ON "TenantLandingSettings" ("tenantId")',
    'CREATE INDEX "TenantLandingSettings_tenantId_idx" ON "TenantLandingSettings" ("tenantId")',
    'CREATE INDEX "TenantLandingSettings_published_idx" ON "TenantLandingSettings" (published)',
    'CREATE UNIQUE INDEX "TeacherCourseAssignment_eventTypeId_teacherId_key" '
    'ON "TeacherCourseAssignment" ("eventTypeId", "teacherId")',
    'CREATE INDEX "TeacherCourseAssignment_tenantId_idx" ON "TeacherCourseAssignment" ("tenantId")',
    'CREATE INDEX "TeacherCourseAssignment_eventTypeId_idx" ON "TeacherCourseAssignment" ("eventTypeId")',
    'CREATE INDEX "TeacherCourseAssignment_teacherId_idx" ON "TeacherCourseAssignment" ("teacherId")',
    'CREATE UNIQUE INDEX "WhitelistEntry_eventTypeId_email_key" ON "WhitelistEntry" ("eventTypeId", email)',
    'CREATE INDEX "WhitelistEntry_tenantId_idx" ON "WhitelistEntry" ("tenantId")',
    'CREATE INDEX "WhitelistEntry_eventTypeId_idx" ON "WhitelistEntry" ("eventTypeId")',
    'CREATE INDEX "WhitelistEntry_email_idx" ON "WhitelistEntry" (email)',
    'CREATE INDEX idx_whitelist_event_email ON "WhitelistEntry" ("eventTypeId", email)',
    'CREATE INDEX "ImmersioSyncLog_tenantId_idx" ON "ImmersioSyncLog" ("tenantId")',
    'CREATE INDEX "ImmersioSyncLog_syncType_idx" ON "ImmersioSyncLog" ("syncType")',
    'CREATE INDEX "ImmersioSyncLog_status_idx" ON "ImmersioSyncLog" (status)',
    'CREATE INDEX "ImmersioSyncLog_syncedAt_idx" ON "ImmersioSyncLog" ("syncedAt")',
    'CREATE INDEX idx_synclog_tenant_status ON "ImmersioSyncLog" ("tenantId", status, "syncedAt")',
    'CREATE UNIQUE INDEX "TenantUsage_tenantId_year_month_key" ON "TenantUsage" ("tenantId", year, month)',
    'CREATE INDEX "TenantUsage_tenantId_idx" ON "TenantUsage" ("tenantId")',
)

TEMPLATES = """
    INSERT INTO "LandingTemplate" (id, name, description, "previewImage") VALUES
    (1, 'Education Center', 'Professional template for language centers',
        '/templates/education-center.jpg'),
    (2, 'Personal Tutor', 'Simple template for individual teachers', '/templates/personal-tutor.jpg'),
    (3, 'Workshop Studio', 'Dates and seats first, for schools that teach in groups',
        '/templates/workshop-studio.jpg'),
    (4, 'Language Cafe', 'Warm template with faces and stories, for conversation clubs',
        '/templates/language-cafe.jpg'),
    (5, 'Exam Academy', 'Courses, levels and results, for schools that prepare for exams',
        '/templates/exam-academy.jpg')
    ON CONFLICT (id) DO NOTHING
"""

# Whoever hosts an event type at Cal.com teaches it here: its owner, and the hosts of a team's event.
TEACHERS = """
    INSERT INTO "TeacherCourseAssignment"
        ("tenantId", "eventTypeId", "teacherId", "scheduleId", "isPublished")
    SELECT e."tenantId", e.id, COALESCE(h."userId", e."userId"), COALESCE(h."scheduleId", e."scheduleId"),
           e."isPublished"
    FROM "EventType" e LEFT JOIN "Host" h ON h."eventTypeId" = e.id
    WHERE COALESCE(h."userId", e."userId") IS NOT NULL AND e.id > {after} AND e.id <= {last}
    ON CONFLICT ("eventTypeId", "teacherId") DO NOTHING
"""


EVENT_TYPES_AT_ONCE = 200


def upgrade() -> None:
    # One at a time: a reference locks the table that it names until the end of its transaction.
    for table, statement in TABLES.items():
        if not table_exists(table):
            step(statement, *(index for index in INDEXES if f" ON {quoted(table)} " in index))
    step(TEMPLATES)
    for after, last in batches("EventType", EVENT_TYPES_AT_ONCE):
        step(TEACHERS.format(after=after, last=last))


def downgrade() -> None:
    for table in reversed(TABLES):
        step(f"DROP TABLE IF EXISTS {quoted(table)}")
