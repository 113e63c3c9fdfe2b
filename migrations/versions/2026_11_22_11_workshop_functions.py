"""Taking seats, and offering freed ones, as functions: each of their steps sees what is true by then.

A statement sees what was committed before it began, and not what others did while it waited for a lock. In a
function the next step looks anew: locks first, then the look that decides. Both run with the rights of
whoever calls them, under the policies.
"""

from migrations.isolation import drop_functions, grant_functions

revision = "20261122_11"
down_revision = "20261122_10"
branch_labels = None
depends_on = None

ACTIVE = "status IN ('accepted', 'pending', 'awaiting_host')"

# Of these sessions, which ones the address has a seat in. Its bookings are found first and looked at by
# their ids: a join would be planned as a walk through all pairs by a session that began with few rows.
HELD = f"""
    CREATE OR REPLACE FUNCTION seats_held(for_tenant int, sessions int[], address text) RETURNS int[]
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
        theirs int[] := (SELECT array_agg("bookingId") FROM "Attendee"
                         WHERE "tenantId" = for_tenant AND email = address);
    BEGIN
        RETURN (SELECT coalesce(array_agg(DISTINCT s.id), '{{}}')
                FROM "Booking" b
                JOIN "WorkshopSession" s ON s."eventTypeId" = b."eventTypeId"
                    AND s."sessionNumber" = b."workshopSessionNumber" AND s."tenantId" = for_tenant
                WHERE b.id = ANY(theirs) AND b."tenantId" = for_tenant AND b.{ACTIVE}
                  AND s.id = ANY(sessions));
    END $$
"""

# The look before seats are taken: the workshop, what is known of who asks, and the session of that number, or
# all that are to come; one statement, whose plan is kept.
LOOK = """
    CREATE OR REPLACE FUNCTION seats_offer(asked_event_type int, asked_number int, booker text,
        key_of_request text, moment timestamptz, of_year int, of_month int)
    RETURNS json LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
    BEGIN
        RETURN (SELECT json_build_object(
            'tenant', t.id, 'status', t."subscriptionStatus", 'allowed', t."maxBookingsPerMonth",
            'event_type', e.id, 'title', e.title, 'is_workshop', e."isWorkshop",
            'notice', e."minimumBookingNotice", 'is_paid', greatest(e."workshopPrice", e.price) > 0,
            'requires_confirmation', e."requiresConfirmation", 'whitelist_enabled', e."whitelistEnabled",
            'most_active', e."maxActiveBookingsPerBooker",
            'active', CASE WHEN e."maxActiveBookingsPerBooker" IS NOT NULL
                           THEN active_bookings(e.id, booker) ELSE 0 END,
            'is_listed', e."whitelistEnabled" AND EXISTS (
                SELECT FROM "WhitelistEntry" w
                WHERE w."eventTypeId" = e.id AND w."tenantId" = t.id AND w.email = booker),
            'used', (SELECT u."bookingsCount" FROM "TenantUsage" u
                     WHERE u."tenantId" = t.id AND u.year = of_year AND u.month = of_month),
            'is_alone', key_of_request IS NULL OR pg_try_advisory_xact_lock(t.id, hashtext(key_of_request)),
            'first', CASE WHEN key_of_request IS NOT NULL THEN (
                SELECT json_build_object('requestHash', k."requestHash", 'answer', k.answer,
                    'tokens', (SELECT json_object_agg(s.uid, s."manageToken") FROM "Booking" s
                               WHERE s."tenantId" = t.id
                                 AND (s.id = b.id OR s."recurringEventId" = b."recurringEventId")))
                FROM "IdempotencyKey" k JOIN "Booking" b ON b.id = k."bookingId" AND b."tenantId" = t.id
                WHERE k."tenantId" = t.id AND k.key = key_of_request) END,
            'sessions', (SELECT json_agg(json_build_object(
                'id', s.id, 'number', s."sessionNumber",
                'teacher', json_build_object('id', coalesce(u.id, 0), 'name', coalesce(u.name, '')),
                'start', extract(epoch FROM s."startTime"), 'end', extract(epoch FROM s."endTime"),
                'is_cancelled', s."cancelledAt" IS NOT NULL,
                'has_seat', coalesce(s."seatsTaken" < s."seatLimit", true) AND NOT EXISTS (
                    SELECT FROM "WaitlistEntry" w WHERE w."tenantId" = t.id AND w."sessionId" = s.id
                      AND w.status = 'WAITING'),
                'is_held', seats_held(t.id, ARRAY[s.id], booker) <> '{}') ORDER BY s."startTime", s.id)
                FROM "WorkshopSession" s LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = t.id
                WHERE s."eventTypeId" = e.id AND s."tenantId" = t.id
                  AND CASE WHEN asked_number IS NOT NULL THEN s."sessionNumber" = asked_number
                           ELSE s."cancelledAt" IS NULL AND s."startTime" > moment AT TIME ZONE 'UTC'
                                + make_interval(mins => least(e."minimumBookingNotice", 1000000)) END))
        FROM "Tenant" t
        LEFT JOIN "EventType" e ON e.id = asked_event_type AND e."tenantId" = t.id AND e."isPublished"
        WHERE t.id = NULLIF(current_setting('app.current_tenant_id', true), '')::int);
    END $$
"""

# Everything or nothing. Answers {"outcome": "booked"}, or, with nothing written, "held" or "full" and the
# ids of the sessions that the address has a seat in, or that were open, which are locked by then; or
# "booker_full". What may not be is raised, and undoes all. Sessions are locked in order, so that series do
# not wait for each other in a ring; the counters come last: their rows are the ones that all others wait
# for.
BOOK = """
    CREATE OR REPLACE FUNCTION book_seats(asked jsonb) RETURNS jsonb LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan AS $$
    DECLARE
        of_tenant int := NULLIF(current_setting('app.current_tenant_id', true), '')::int;
        of_event_type int := asked->>'eventType';
        booker text := asked->>'email';
        made timestamp := (asked->>'madeAt')::timestamptz AT TIME ZONE 'UTC';
        allowed int := asked->>'allowed';
        wanted int[] := (SELECT array_agg((seat->>'session')::int)
                         FROM jsonb_array_elements(asked->'seats') seat);
        found_open int[];
        held int[];
        bookings int[];
    BEGIN
        IF asked->>'mostActive' IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock(of_tenant, hashtext(of_event_type || ' ' || booker));
        END IF;
        SELECT coalesce(array_agg(locked.id), '{}') INTO found_open FROM (
            SELECT s.id FROM "WorkshopSession" s
            WHERE s."tenantId" = of_tenant AND s."eventTypeId" = of_event_type AND s.id = ANY(wanted)
              AND s."cancelledAt" IS NULL AND coalesce(s."seatsTaken" < s."seatLimit", true)
            ORDER BY s.id FOR NO KEY UPDATE) locked;
        held := seats_held(of_tenant, wanted, booker);
        IF cardinality(held) > 0 THEN
            RETURN jsonb_build_object('outcome', 'held', 'sessions', to_jsonb(held));
        END IF;
        -- While people wait, a free seat is theirs.
        SELECT coalesce(array_agg(one), '{}') INTO found_open FROM unnest(found_open) one
        WHERE NOT EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."tenantId" = of_tenant
                          AND w."sessionId" = one AND w.status = 'WAITING');
        IF cardinality(found_open) < cardinality(wanted) THEN
            RETURN jsonb_build_object('outcome', 'full', 'sessions', to_jsonb(found_open));
        END IF;
        IF asked->>'mostActive' IS NOT NULL
           AND active_bookings(of_event_type, booker) + cardinality(wanted) > (asked->>'mostActive')::int THEN
            RETURN jsonb_build_object('outcome', 'booker_full');
        END IF;
        WITH seat AS (
            SELECT nextval(pg_get_serial_sequence('"Booking"', 'id'))::int AS id, i.*, s."sessionNumber",
                   s."teacherId", s."startTime", s."endTime", e."refundWindowHours" AS hours
            FROM jsonb_to_recordset(asked->'seats') AS i(session int, uid text, token text, title text)
            JOIN "WorkshopSession" s ON s.id = i.session AND s."tenantId" = of_tenant
            JOIN "EventType" e ON e.id = s."eventTypeId" AND e."tenantId" = of_tenant),
        booked AS (
            INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", "workshopSessionNumber",
                title, description, "startTime", "endTime", status, "whitelistVerified", "manageToken",
                "creationSource", "iCalUID", "recurringEventId", "createdAt", "holdExpiresAt",
                "refundableUntil")
            SELECT id, of_tenant, uid, "teacherId", of_event_type, "sessionNumber", title, asked->>'notes',
                   "startTime", "endTime", (asked->>'status')::"BookingStatus",
                   (asked->>'whitelisted')::boolean, token, 'api_v2', uid, asked->>'series', made,
                   CASE WHEN asked->>'status' = 'pending' THEN "startTime" END,
                   "startTime" - make_interval(hours => hours)
            FROM seat ORDER BY "startTime" RETURNING id),
        attending AS (
            INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
            SELECT of_tenant, id, asked->>'name', booker, asked->>'timeZone', asked->>'locale' FROM booked),
        told AS (
            INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
            SELECT of_tenant, 'booking.created',
                   CASE WHEN asked->>'series' IS NULL THEN jsonb_build_object('bookingId', min(id))
                        ELSE jsonb_build_object('bookingIds', jsonb_agg(id ORDER BY "startTime")) END || whom
            FROM seat CROSS JOIN LATERAL (VALUES ('{}'::jsonb, NULL), ('{"to": "teacher"}', seat."teacherId"))
                AS message(whom, teacher)
            WHERE whom = '{}' OR teacher IS NOT NULL
            GROUP BY whom, teacher ORDER BY whom)
        SELECT array_agg(id ORDER BY "startTime") INTO bookings FROM seat;
        IF asked->>'key' IS NOT NULL THEN
            INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", "bookingId", answer)
            VALUES (of_tenant, asked->>'key', asked->>'requestHash', bookings[1], asked->'answer')
            ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                RAISE SQLSTATE 'BK002' USING MESSAGE = 'a request with the same key was faster';
            END IF;
        END IF;
        IF asked->>'source' IS NOT NULL THEN
            INSERT INTO "RequestCount" AS c ("tenantId", kind, subject, "windowStart")
            VALUES (of_tenant, 'booking', asked->>'source',
                    date_bin(make_interval(secs => (asked->>'windowSeconds')::int), made,
                             timestamp '2020-01-01'))
            ON CONFLICT ("tenantId", kind, subject, "windowStart") DO UPDATE SET count = c.count + 1
                WHERE c.count < (asked->>'mostRequests')::int;
            IF NOT FOUND THEN
                RAISE SQLSTATE 'BK003' USING MESSAGE = 'too many bookings from one source';
            END IF;
        END IF;
        INSERT INTO "TenantUsage" AS u ("tenantId", year, month, "bookingsCount")
        SELECT of_tenant, extract(year FROM made), extract(month FROM made), cardinality(bookings)
        WHERE coalesce(allowed >= cardinality(bookings), true)
        ON CONFLICT ("tenantId", year, month) DO UPDATE
            SET "bookingsCount" = u."bookingsCount" + excluded."bookingsCount", "updatedAt" = made
            WHERE allowed IS NULL OR u."bookingsCount" + excluded."bookingsCount" <= allowed;
        IF NOT FOUND THEN
            RAISE SQLSTATE 'BK001' USING MESSAGE = 'the plan''s month is full';
        END IF;
        RETURN jsonb_build_object('outcome', 'booked');
    END $$
"""

# Free seats of these sessions become holds of who waits, in order; tells how many. Whoever was offered one
# and does not hold it any more is settled first. A plan that is used up offers nobody anything.
OFFER = """
    CREATE OR REPLACE FUNCTION offer_seats(for_tenant int, sessions int[], moment timestamptz, hold_hours int)
    RETURNS int LANGUAGE plpgsql AS $$
    DECLARE
        made timestamp := moment AT TIME ZONE 'UTC';
        with_seats int[];
        allowed int;
        used int;
        offered int;
    BEGIN
        UPDATE "WaitlistEntry" w SET "updatedAt" = made,
               status = CASE WHEN b.status = 'accepted' THEN 'BOOKED'
                             WHEN b."holdExpiresAt" <= made THEN 'EXPIRED' ELSE 'LEFT' END
        FROM "Booking" b
        WHERE w."tenantId" = for_tenant AND w."sessionId" = ANY(sessions) AND w.status = 'OFFERED'
          AND b.id = w."bookingId" AND b."tenantId" = for_tenant AND b.status <> 'pending';
        SELECT array_agg(locked.id) INTO with_seats FROM (
            SELECT s.id FROM "WorkshopSession" s
            JOIN "EventType" e ON e.id = s."eventTypeId" AND e."tenantId" = for_tenant AND e."isPublished"
            JOIN "Tenant" t ON t.id = for_tenant AND t."subscriptionStatus" = 'ACTIVE'
            WHERE s."tenantId" = for_tenant AND s.id = ANY(sessions) AND s."cancelledAt" IS NULL
              AND s."startTime" > made AND coalesce(s."seatsTaken" < s."seatLimit", true)
              AND EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."tenantId" = for_tenant
                          AND w."sessionId" = s.id AND w.status = 'WAITING')
            ORDER BY s.id FOR NO KEY UPDATE OF s) locked;
        IF with_seats IS NULL THEN
            RETURN 0;
        END IF;
        PERFORM FROM "WaitlistEntry" w WHERE w."tenantId" = for_tenant AND w."sessionId" = ANY(with_seats)
            AND w.status = 'WAITING' ORDER BY w.id FOR NO KEY UPDATE;
        SELECT "maxBookingsPerMonth" INTO allowed FROM "Tenant" WHERE id = for_tenant;
        INSERT INTO "TenantUsage" AS u ("tenantId", year, month, "bookingsCount")
        VALUES (for_tenant, extract(year FROM made), extract(month FROM made), 0)
        ON CONFLICT ("tenantId", year, month) DO UPDATE SET "updatedAt" = made
        RETURNING u."bookingsCount" INTO used;
        WITH first AS (
            SELECT nextval(pg_get_serial_sequence('"Booking"', 'id'))::int AS booking, ranked.* FROM (
                SELECT w.id, w.name, w.email, w."timeZone", w.locale, w.token, s."eventTypeId",
                       s."sessionNumber", s."teacherId", s."startTime", s."endTime", e."refundWindowHours",
                       e."whitelistEnabled",
                       e.title || coalesce(' between ' || u.name || ' and ' || w.name, '') AS title,
                       row_number() OVER (PARTITION BY w."sessionId" ORDER BY w.id)
                           <= coalesce(s."seatLimit" - s."seatsTaken", 2147483647) AS has_seat
                FROM "WaitlistEntry" w
                JOIN "WorkshopSession" s ON s.id = w."sessionId" AND s."tenantId" = for_tenant
                JOIN "EventType" e ON e.id = s."eventTypeId" AND e."tenantId" = for_tenant
                LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = for_tenant
                WHERE w."tenantId" = for_tenant AND w."sessionId" = ANY(with_seats) AND w.status = 'WAITING'
                  AND seats_held(for_tenant, ARRAY[s.id], w.email) = '{}'
                  AND (e."maxActiveBookingsPerBooker" IS NULL
                       OR active_bookings(e.id, w.email) < e."maxActiveBookingsPerBooker")) ranked
            WHERE has_seat ORDER BY id
            LIMIT CASE WHEN allowed IS NOT NULL THEN greatest(allowed - used, 0) END),
        booked AS (
            INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", "workshopSessionNumber",
                title, "startTime", "endTime", status, "whitelistVerified", "manageToken",
                "creationSource", "iCalUID", "createdAt", "holdExpiresAt", "refundableUntil")
            SELECT booking, for_tenant, uid, "teacherId", "eventTypeId", "sessionNumber", title, "startTime",
                   "endTime", 'pending', "whitelistEnabled", token, 'api_v2', uid, made,
                   least(made + make_interval(hours => hold_hours), "startTime"),
                   "startTime" - make_interval(hours => "refundWindowHours")
            FROM first CROSS JOIN LATERAL (
                SELECT lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
                       || left(replace(gen_random_uuid()::text, '-', ''), 20) AS uid
                WHERE booking IS NOT NULL) drawn),
        attending AS (
            INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
            SELECT for_tenant, booking, name, email, "timeZone", locale FROM first),
        recorded AS (
            INSERT INTO "BookingEvent" ("tenantId", "bookingId", type, actor, "createdAt")
            SELECT for_tenant, booking, 'SEAT_OFFERED', 'SYSTEM', made FROM first),
        told AS (
            INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
            SELECT for_tenant, 'seat.offered', jsonb_build_object('bookingId', booking) FROM first),
        settled AS (
            UPDATE "WaitlistEntry" w SET status = 'OFFERED', "bookingId" = first.booking, "updatedAt" = made
            FROM first WHERE w.id = first.id AND w."tenantId" = for_tenant)
        SELECT count(*) INTO offered FROM first;
        UPDATE "TenantUsage" SET "bookingsCount" = "bookingsCount" + offered
        WHERE "tenantId" = for_tenant AND year = extract(year FROM made) AND month = extract(month FROM made);
        RETURN offered;
    END $$
"""

FUNCTIONS = {
    "seats_held(int, int[], text)": HELD,
    "seats_offer(int, int, text, text, timestamptz, int, int)": LOOK,
    "book_seats(jsonb)": BOOK,
    "offer_seats(int, int[], timestamptz, int)": OFFER,
}


def upgrade() -> None:
    grant_functions(FUNCTIONS)


def downgrade() -> None:
    drop_functions(FUNCTIONS)
