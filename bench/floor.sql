-- The floor: the work of a booking in one function, as little as can be done for it.
CREATE FUNCTION bench_book(tenant int, teacher int, event_type int, address text, start_second bigint)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    allowed int;
    used int;
    whitelisted boolean;
    starts timestamp(3) := to_timestamp(start_second) AT TIME ZONE 'UTC';
    ends timestamp(3);
    before_buffer int;
    after_buffer int;
    lesson text;
    booking int := nextval('"Booking_id_seq"');
    name_of_booking text := lpad(to_hex(booking), 32, '0');
    this_year int := extract(year FROM now());
    this_month int := extract(month FROM now());
BEGIN
    PERFORM set_config('app.current_tenant_id', tenant::text, true);
    SELECT t."maxBookingsPerMonth", u."bookingsCount", w.email IS NOT NULL, e.title, e."beforeEventBuffer",
           e."afterEventBuffer", starts + make_interval(mins => e.length)
    INTO allowed, used, whitelisted, lesson, before_buffer, after_buffer, ends
    FROM "Tenant" t
    JOIN "EventType" e ON e.id = event_type AND e."tenantId" = t.id AND e."isPublished"
    LEFT JOIN "TenantUsage" u ON u."tenantId" = t.id AND u.year = this_year AND u.month = this_month
    LEFT JOIN "WhitelistEntry" w ON w."eventTypeId" = e.id AND w."tenantId" = t.id AND w.email = address
    WHERE t.id = tenant AND t."subscriptionStatus" = 'ACTIVE';
    IF NOT FOUND OR used >= allowed OR NOT whitelisted THEN
        RAISE EXCEPTION 'may not be booked';
    END IF;
    -- One statement, because each of the two rows refers to the other's.
    WITH place AS (
        INSERT INTO "TeacherOccupancy" ("tenantId", "teacherId", "bookingId", "startTime", "endTime",
                                        "busyFrom", "busyUntil")
        VALUES (tenant, teacher, booking, starts, ends, starts - make_interval(mins => before_buffer),
                ends + make_interval(mins => after_buffer))
        ON CONFLICT DO NOTHING RETURNING 1)
    INSERT INTO "Booking" (id, "tenantId", uid, "userId", "eventTypeId", title, description, "startTime",
        "endTime", status, "whitelistVerified", "manageToken", "creationSource", "iCalUID")
    SELECT booking, tenant, name_of_booking, teacher, event_type, lesson, NULL, starts, ends, 'accepted', true,
           name_of_booking, 'api_v2', name_of_booking
    FROM place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the time is taken';
    END IF;
    INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone", locale)
    VALUES (tenant, booking, 'Mai Nguyen', address, 'Asia/Ho_Chi_Minh', 'vi');
    INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
    VALUES (tenant, 'booking.created', jsonb_build_object('bookingId', booking));
    INSERT INTO "TenantUsage" AS u ("tenantId", year, month, "bookingsCount")
    VALUES (tenant, this_year, this_month, 1)
    ON CONFLICT ("tenantId", year, month) DO UPDATE
        SET "bookingsCount" = u."bookingsCount" + 1, "updatedAt" = now() AT TIME ZONE 'UTC';
    RETURN booking;
END $$
