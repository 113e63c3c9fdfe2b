"""The two looks and the write of the hot paths as functions, whose plans a session keeps.

Both run with the rights of whoever calls them, under the policies: they see one school. `offer_of` answers a
document, so that it may come to tell more without another signature.
"""

from migrations.isolation import drop_functions, grant_functions

revision = "20261122_10"
down_revision = "20261122_09"
branch_labels = None
depends_on = None

# Beyond a week a length or a buffer is a slip of somebody's.
LONGEST_MINUTES = 7 * 24 * 60

# One statement, so that one plan is kept; generic, because a plan for each question costs more than it saves.
# The places of a teacher do not overlap, so their ends are in the order of their starts, and the first one
# that ends after the range is the last one that can begin in it: years of bookings to come are not read.
# Of limited event types the bookings of whole periods are told, in whatever zone those are.
OFFER = f"""
    CREATE OR REPLACE FUNCTION offer_of(asked_event_type int, asked_teacher int, starts_from bigint,
        starts_until bigint, except_booking int, booker text, key_of_request text, of_year int, of_month int)
    RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
        RETURN (SELECT json_build_object(
        'tenant', json_build_object(
            'id', t.id, 'status', t."subscriptionStatus", 'allowed', t."maxBookingsPerMonth"),
        'event_type', CASE WHEN e.id IS NOT NULL THEN json_build_object(
            'id', e.id, 'title', e.title, 'length', e.length, 'slot_interval', e."slotInterval",
            'offset_start', e."offsetStart", 'before_buffer', e."beforeEventBuffer",
            'after_buffer', e."afterEventBuffer", 'minimum_notice', e."minimumBookingNotice",
            'period_type', e."periodType", 'period_days', e."periodDays",
            'period_calendar_days', e."periodCountCalendarDays",
            'period_start', e."periodStartDate"::date, 'period_end', e."periodEndDate"::date,
            'booking_limits', e."bookingLimits", 'duration_limits', e."durationLimits",
            'most_active', e."maxActiveBookingsPerBooker", 'only_first', e."onlyShowFirstAvailableSlot",
            'is_workshop', e."isWorkshop", 'is_paid', greatest(e."workshopPrice", e.price) > 0,
            'requires_confirmation', e."requiresConfirmation", 'whitelist_enabled', e."whitelistEnabled",
            'refund_hours', e."refundWindowHours") END,
        'teachers', (SELECT json_agg(json_build_object(
            'id', u.id,
            'name', u.name,
            'zone', coalesce(s."timeZone", u."timeZone"),
            'rule', a."recurrenceRule",
            'assigned', floor(extract(epoch FROM a."createdAt")),
            'hours', (SELECT json_agg(json_build_array(v.days, v.date, v."startTime", v."endTime"))
                      FROM "Availability" v WHERE v."scheduleId" = s.id AND v."tenantId" = t.id),
            'busy', (SELECT json_agg(json_build_array(
                         floor(extract(epoch FROM o."busyFrom")), ceil(extract(epoch FROM o."busyUntil"))))
                     FROM "TeacherOccupancy" o
                     WHERE o."tenantId" = t.id AND o."teacherId" = u.id
                       AND o."busyUntil" > range_start AND o."busyFrom" < range_end
                       AND o."busyUntil" <= (
                           SELECT coalesce(min(last."busyUntil"), 'infinity') FROM "TeacherOccupancy" last
                           WHERE last."tenantId" = t.id AND last."teacherId" = u.id
                             AND last."busyUntil" > range_end)
                       AND (except_booking IS NULL OR o."bookingId" IS DISTINCT FROM except_booking)),
            'unsettled', (SELECT json_agg(json_build_array(
                         floor(extract(epoch FROM b."startTime")), ceil(extract(epoch FROM b."endTime"))))
                     FROM "OccupancyConflict" c
                     JOIN "Booking" b ON b.id = c."bookingId" AND b."tenantId" = t.id
                     WHERE c."tenantId" = t.id AND b."userId" = u.id AND b.status = 'accepted'
                       AND b."endTime" > range_start AND b."startTime" < range_end),
            'away', (SELECT json_agg(json_build_array(w.start::date, w."end"::date))
                     FROM "OutOfOfficeEntry" w
                     WHERE w."tenantId" = t.id AND w."userId" = u.id
                       AND w."end" > range_start - interval '2 days'
                       AND w.start < range_end + interval '2 days'),
            'booked', CASE WHEN counted_days IS NOT NULL THEN (
                         SELECT json_agg(json_build_array(
                             floor(extract(epoch FROM b."startTime")), ceil(extract(epoch FROM b."endTime"))))
                         FROM "Booking" b
                         WHERE b."tenantId" = t.id AND b."userId" = u.id AND b."eventTypeId" = e.id
                           AND b.status IN ('accepted', 'pending')
                           AND b."startTime" >= range_start - make_interval(days => counted_days)
                           AND b."startTime" < range_end + make_interval(days => counted_days)
                           AND (except_booking IS NULL OR b.id <> except_booking)) END
            ) ORDER BY u.id)
            FROM "TeacherCourseAssignment" a
            JOIN users u ON u.id = a."teacherId" AND u."tenantId" = t.id AND NOT u.locked
            LEFT JOIN "Schedule" s ON s."tenantId" = t.id
                AND s.id = coalesce(a."scheduleId", e."scheduleId", u."defaultScheduleId")
            WHERE a."eventTypeId" = e.id AND a."tenantId" = t.id AND a."isPublished"
              AND a."teacherId" BETWEEN coalesce(asked_teacher, 0)
                                    AND coalesce(asked_teacher, 2147483647)),
        'booker', CASE WHEN booker IS NOT NULL THEN json_build_object(
            'used', (SELECT u."bookingsCount" FROM "TenantUsage" u
                     WHERE u."tenantId" = t.id AND u.year = of_year AND u.month = of_month),
            'listed', e."whitelistEnabled" AND EXISTS (
                SELECT FROM "WhitelistEntry" w
                WHERE w."eventTypeId" = e.id AND w."tenantId" = t.id AND w.email = booker),
            'first', CASE WHEN key_of_request IS NOT NULL THEN (
                SELECT json_build_object('requestHash', k."requestHash", 'answer', k.answer,
                                         'manageToken', b."manageToken")
                FROM "IdempotencyKey" k JOIN "Booking" b ON b.id = k."bookingId" AND b."tenantId" = t.id
                WHERE k."tenantId" = t.id AND k.key = key_of_request) END,
            'alone', key_of_request IS NULL OR pg_try_advisory_xact_lock(t.id, hashtext(key_of_request)),
            'active', CASE WHEN e."maxActiveBookingsPerBooker" IS NOT NULL
                           THEN active_bookings(e.id, booker) END) END)
    FROM "Tenant" t
    LEFT JOIN "EventType" e ON e.id = asked_event_type AND e."tenantId" = t.id AND e."isPublished"
                               AND t."subscriptionStatus" = 'ACTIVE'
    CROSS JOIN LATERAL (SELECT
        to_timestamp(starts_from) AT TIME ZONE 'UTC'
            - make_interval(mins => least(e."beforeEventBuffer", {LONGEST_MINUTES})) AS range_start,
        to_timestamp(starts_until) AT TIME ZONE 'UTC' + make_interval(
            mins => least(e.length, {LONGEST_MINUTES}) + least(e."afterEventBuffer", {LONGEST_MINUTES}))
            AS range_end,
        CASE WHEN limits ? 'PER_YEAR' THEN 367 WHEN limits ? 'PER_MONTH' THEN 32
             WHEN limits ? 'PER_WEEK' THEN 8 WHEN limits ? 'PER_DAY' THEN 2 END AS counted_days
        FROM coalesce(e."bookingLimits" || e."durationLimits", e."bookingLimits", e."durationLimits")
            AS limits) AS asked
    WHERE t.id = NULLIF(current_setting('app.current_tenant_id', true), '')::int);
    END $$
"""

# What is still to come of an address's bookings of an event type. They are found first and looked at by their
# ids: a join would be planned as a walk through all pairs by a session that began with few rows.
ACTIVE = """
    CREATE OR REPLACE FUNCTION active_bookings(of_event_type int, address text) RETURNS int
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
        of_tenant int := NULLIF(current_setting('app.current_tenant_id', true), '')::int;
        theirs int[] := (SELECT array_agg("bookingId") FROM "Attendee"
                         WHERE "tenantId" = of_tenant AND email = address);
    BEGIN
        RETURN (SELECT count(*) FROM "Booking" b
                WHERE b.id = ANY(theirs) AND b."tenantId" = of_tenant AND b."eventTypeId" = of_event_type
                  AND b.status IN ('accepted', 'pending') AND b."endTime" > now() AT TIME ZONE 'UTC');
    END $$
"""

# What this was told is true of the teacher with the index i of `teachers`, who is tried in turn. What is
# lost to somebody faster is answered and nothing is written; what may not be is raised, and undoes all. The
# counters come last: their rows are the ones that others wait for.
BOOK = """
    CREATE OR REPLACE FUNCTION book_lesson(teachers int[], names text[], titles text[], limits jsonb[],
        of_event_type int, starts_at bigint, ends_at bigint, before_buffer int, after_buffer int,
        new_uid text, new_token text, new_status text, hold_until bigint, refundable bigint,
        is_whitelisted boolean, note text, name_of_booker text, booker text, zone text, language text,
        key_of_request text, hash_of_request text, first_answer jsonb, made_at timestamptz, allowed int,
        most_active int, source text, most_requests int, window_seconds int)
    RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
        of_tenant int := NULLIF(current_setting('app.current_tenant_id', true), '')::int;
        booking int := nextval(pg_get_serial_sequence('"Booking"', 'id'));
        starts timestamp := to_timestamp(starts_at) AT TIME ZONE 'UTC';
        ends timestamp := to_timestamp(ends_at) AT TIME ZONE 'UTC';
        busy_from timestamp := starts - make_interval(mins => before_buffer);
        busy_until timestamp := ends + make_interval(mins => after_buffer);
        made timestamp := made_at AT TIME ZONE 'UTC';
        chosen int := 0;
        was_full boolean := false;
    BEGIN
        IF most_active IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(of_tenant, hashtext(of_event_type || ' ' || booker));
            IF active_bookings(of_event_type, booker) >= most_active THEN
                RETURN 'booker_full';
            END IF;
        END IF;
        IF limits IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(of_tenant, one)
            FROM (SELECT one FROM unnest(teachers) one ORDER BY one) AS sorted;
        END IF;
        FOR i IN 1 .. cardinality(teachers) LOOP
            IF limits IS NOT NULL AND is_period_full(of_event_type, teachers[i], limits[i],
                                                     (ends_at - starts_at) / 60, NULL) THEN
                was_full := true;
                CONTINUE;
            END IF;
            -- One statement, because each of the two rows refers to the other's.
            WITH place AS (
                INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId", "startTime", "endTime",
                                                "busyFrom", "busyUntil")
                VALUES (of_tenant, teachers[i], booking, starts, ends, busy_from, busy_until)
                ON CONFLICT DO NOTHING RETURNING 1)
            INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", title, description,
                "startTime", "endTime", status, "whitelistVerified", "manageToken", "creationSource",
                "iCalUID", "createdAt", "holdExpiresAt", "refundableUntil")
            SELECT booking, of_tenant, new_uid, teachers[i], of_event_type, titles[i], note, starts, ends,
                   new_status::"BookingStatus", is_whitelisted, new_token, 'api_v2', new_uid, made,
                   to_timestamp(hold_until) AT TIME ZONE 'UTC', to_timestamp(refundable) AT TIME ZONE 'UTC'
            FROM place;
            IF FOUND THEN
                chosen := i;
                EXIT;
            END IF;
        END LOOP;
        IF chosen = 0 THEN
            RETURN CASE WHEN was_full THEN 'period_full' ELSE 'taken' END;
        END IF;
        INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
        VALUES (of_tenant, booking, name_of_booker, booker, zone, language);
        INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
        VALUES (of_tenant, 'booking.created', jsonb_build_object('bookingId', booking)),
               (of_tenant, 'booking.created', jsonb_build_object('bookingId', booking, 'to', 'teacher'));
        IF key_of_request IS NOT NULL THEN
            INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", "bookingId", answer)
            VALUES (of_tenant, key_of_request, hash_of_request, booking,
                    first_answer || jsonb_build_object('teacher', jsonb_build_object(
                        'id', teachers[chosen], 'name', names[chosen])))
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                RAISE SQLSTATE 'BK002' USING MESSAGE = 'a request with the same key was faster';
            END IF;
        END IF;
        IF source IS NOT NULL THEN
            INSERT INTO "RequestCount" AS c ("tenantId", kind, subject, "windowStart")
            VALUES (of_tenant, 'booking', source,
                    date_bin(make_interval(secs => window_seconds), made, timestamp '2020-01-01'))
            ON CONFLICT ("tenantId", kind, subject, "windowStart") DO UPDATE SET count = c.count + 1
                WHERE c.count < most_requests;
            IF NOT FOUND THEN
                RAISE SQLSTATE 'BK003' USING MESSAGE = 'too many bookings from one source';
            END IF;
        END IF;
        INSERT INTO "TenantUsage" AS u ("tenantId", year, month, "bookingsCount")
        SELECT of_tenant, extract(year FROM made), extract(month FROM made), 1
        WHERE coalesce(allowed, 1) > 0
        ON CONFLICT ("tenantId", year, month) DO UPDATE
            SET "bookingsCount" = u."bookingsCount" + 1, "updatedAt" = made
            WHERE allowed IS NULL OR u."bookingsCount" < allowed;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'BK001' USING MESSAGE = 'the plan''s month is full';
        END IF;
        RETURN 'booked ' || chosen;
    END $$
"""

# `limits` of one teacher: [{"since", "until" in epoch seconds, "bookings" or "minutes"}]. The caller holds
# the teacher's lock; a booking counts in the period in which it starts.
PERIOD = """
    CREATE OR REPLACE FUNCTION is_period_full(of_event_type int, of_teacher int, limits jsonb,
                                              minutes numeric, except_booking int)
    RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE
        of_tenant int := NULLIF(current_setting('app.current_tenant_id', true), '')::int;
    BEGIN
        RETURN EXISTS (
            SELECT FROM jsonb_to_recordset(limits) AS l(since bigint, until bigint, bookings int, minutes int)
            CROSS JOIN LATERAL (
                SELECT count(*) AS made,
                       coalesce(sum(extract(epoch FROM b."endTime" - b."startTime")), 0) / 60 AS taken
                FROM "Booking" b
                WHERE b."tenantId" = of_tenant AND b."userId" = of_teacher AND b."eventTypeId" = of_event_type
                  AND b.status IN ('accepted', 'pending')
                  AND b."startTime" >= to_timestamp(l.since) AT TIME ZONE 'UTC'
                  AND b."startTime" < to_timestamp(l.until) AT TIME ZONE 'UTC'
                  AND (except_booking IS NULL OR b.id <> except_booking)) AS found
            WHERE found.made >= l.bookings OR found.taken + is_period_full.minutes > l.minutes);
    END $$
"""

FUNCTIONS = {
    "active_bookings(int, text)": ACTIVE,
    "is_period_full(int, int, jsonb, numeric, int)": PERIOD,
    "offer_of(int, int, bigint, bigint, int, text, text, int, int)": OFFER,
    "book_lesson(int[], text[], text[], jsonb[], int, bigint, bigint, int, int, text, text, text, bigint, "
    "bigint, boolean, text, text, text, text, text, text, text, jsonb, timestamptz, int, int, text, int, "
    "int)": BOOK,
}


def upgrade() -> None:
    grant_functions(FUNCTIONS)


def downgrade() -> None:
    drop_functions(FUNCTIONS)
