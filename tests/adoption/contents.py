"""What is in a Cal.com that a school has worked with: as much of it as is asked for."""

from sqlalchemy import Connection

from tests.adoption.lookalike import COPY

# The bookings of a host follow each other by the hour, one in twenty of them still to come.
PEOPLE = (
    """INSERT INTO users (email, username, name, "timeZone", role, uuid)
       SELECT 'host' || n || '@school.example', 'host' || n, 'Host ' || n, 'Europe/Paris',
              CASE WHEN n = 1 THEN 'ADMIN' ELSE 'USER' END::"UserPermissionRole", gen_random_uuid()
       FROM generate_series(1, {hosts}) n""",
    """INSERT INTO "Schedule" ("userId", name, "timeZone") SELECT id, 'Working hours', NULL FROM users""",
    """UPDATE users u SET "defaultScheduleId" = s.id FROM "Schedule" s WHERE s."userId" = u.id""",
    """INSERT INTO "Availability" ("scheduleId", days, "startTime", "endTime")
       SELECT id, '{{1,2,3,4,5}}', '09:00', '17:00' FROM "Schedule" """,
    """INSERT INTO "Team" (name, slug) VALUES ('The school', 'school')""",
    """INSERT INTO "Membership" ("teamId", "userId", accepted, role)
       SELECT 1, id, true, CASE WHEN id = 1 THEN 'OWNER' ELSE 'MEMBER' END::"MembershipRole" FROM users""",
    """INSERT INTO "OutOfOfficeEntry" (uuid, start, "end", "userId", "updatedAt")
       SELECT gen_random_uuid()::text, now(), now() + interval '1 day', id, now() FROM users WHERE id = 2""",
)

# By slug: what differs from a free lesson of half an hour. The first five are every host's own.
STRIPE = """{{"apps": {{"stripe": {{"enabled": {enabled}, "price": {price}, "currency": "{currency}"}}}}}}"""
EVENT_TYPES = {
    "lesson": {},
    "paid": {"price": "1500", "currency": "'eur'",
             "metadata": f"'{STRIPE.format(enabled='true', price=1500, currency='eur')}'"},
    "hidden": {"hidden": "true", "metadata": "'null'"},
    "seats": {"length": "60", '"seatsPerTimeSlot"': "8",
              '"recurringEvent"': """'{"freq": 2, "count": 12, "interval": 1}'"""},
    "asked": {'"requiresConfirmation"': "true", '"requiresConfirmationWillBlockSlot"': "true"},
    "yen": {"price": "500", "currency": "'jpy'"},
    "switched-off": {"price": "900",
                     "metadata": f"'{STRIPE.format(enabled='false', price=900, currency='usd')}'"},
    "no-currency": {"price": "700", "currency": "''"},
    "too-dear": {"price": "2000000000", "currency": "'vnd'"},
    "negative": {"price": "-5", '"seatsPerTimeSlot"': "-1", '"recurringEvent"': "'null'"},
}  # fmt: skip
OF_EVERY_HOST = ("lesson", "paid", "hidden", "seats", "asked")

BOOKINGS = (
    """INSERT INTO "Booking" (uid, "userId", "eventTypeId", title, "startTime", "endTime", status, paid,
                              responses, metadata, "createdAt")
       SELECT 'b' || n, host, (host - 1) * {own} + 1 + n % {own}, 'Lesson ' || n, starts,
              starts + interval '30 minutes',
              CASE WHEN n % 10 = 3 THEN 'cancelled' WHEN n % 17 = 5 THEN 'pending'
                   ELSE 'accepted' END::"BookingStatus",
              n % {own} = 1, '{{"name": "Somebody"}}', '{{}}', starts - interval '1 month'
       FROM (SELECT n, n % {hosts} + 1 AS host, date_trunc('hour', now() AT TIME ZONE 'UTC')
                 + hours * interval '1 hour' + (hours >= 0)::int * interval '1 day' AS starts
             FROM (SELECT n, n / {hosts} - {bookings} / {hosts} * 19 / 20 AS hours
                   FROM generate_series(1, {bookings}) n) AS numbered) AS lessons""",
    """INSERT INTO "Attendee" (email, name, "timeZone", "bookingId")
       SELECT 'student' || id % 1000 || '@example.com', 'Student ' || id % 1000, 'Asia/Ho_Chi_Minh', id
       FROM "Booking" """,
    """INSERT INTO "Attendee" (email, name, "timeZone") VALUES ('n@example.com', 'Of no booking', 'UTC')""",
    """INSERT INTO "Payment" (uid, "bookingId", amount, fee, currency, success, refunded, data, "externalId")
       SELECT 'p' || id, id, 1500, 0, 'eur', true, status = 'cancelled', '{{}}', 'pi_' || id
       FROM "Booking" WHERE paid""",
    """INSERT INTO "BookingSeat" ("referenceUid", "bookingId", "attendeeId")
       SELECT 's' || a.id, b.id, a.id FROM "Booking" b JOIN "Attendee" a ON a."bookingId" = b.id
       WHERE b."eventTypeId" % {own} = 4""",
    """UPDATE "Booking" SET "fromReschedule" = 'b3' WHERE uid = 'b13'""",
    """INSERT INTO "App_RoutingForms_FormResponse" SELECT n FROM generate_series(1, 5) n""",
    """INSERT INTO "RoutingFormResponseDenormalized" (id, "formId", "formName", "formUserId", "bookingUid",
                                                     "bookingId", "createdAt")
       SELECT f.id, 'form', 'Form', 1, b.uid, b.id, now() FROM "App_RoutingForms_FormResponse" f
       JOIN "Booking" b ON b.uid = 'b' || f.id""",
    COPY,
)

# On a day to come, of host 2: two that overlap the first, one of which only touches the other; one that
# touches none; one over nothing; and one that nobody hosts.
OVERLAPPING = """
    INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime", status)
    SELECT uid, host, uid, day + starts, day + ends, status::"BookingStatus"
    FROM (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') + interval '9 years' AS day) AS days, (VALUES
        ('first', 2, interval '9 hours', interval '10 hours', 'accepted'),
        ('second', 2, interval '9 hours 30 minutes', interval '10 hours 30 minutes', 'accepted'),
        ('third', 2, interval '8 hours', interval '9 hours 15 minutes', 'accepted'),
        ('beside', 2, interval '11 hours', interval '12 hours', 'accepted'),
        ('asked-for', 2, interval '9 hours', interval '10 hours', 'pending'),
        ('called-off', 2, interval '9 hours', interval '10 hours', 'cancelled'),
        ('of-nobody', NULL, interval '9 hours', interval '10 hours', 'accepted')
    ) AS told(uid, host, starts, ends, status)
"""


def fill(connection: Connection, *, hosts: int, bookings: int) -> None:
    """Hosts, their event types, and bookings of each kind; into tables without triggers."""
    for statement in PEOPLE:
        connection.exec_driver_sql(statement.format(hosts=hosts))
    for host in range(1, hosts + 1):
        for slug in OF_EVERY_HOST:
            _event_type(connection, slug, host)
    for slug in EVENT_TYPES:
        if slug not in OF_EVERY_HOST:
            _event_type(connection, slug, 1)
    connection.exec_driver_sql(
        """INSERT INTO "EventType" (title, slug, length, "teamId", "schedulingType")
           VALUES ('With anybody', 'team', 30, 1, 'roundRobin')"""
    )
    connection.exec_driver_sql(
        """INSERT INTO "Host" ("userId", "eventTypeId")
           SELECT u.id, e.id FROM users u, "EventType" e WHERE e.slug = 'team' AND u.id <= 3"""
    )
    connection.exec_driver_sql(OVERLAPPING)
    for statement in BOOKINGS:
        connection.exec_driver_sql(statement.format(own=len(OF_EVERY_HOST), hosts=hosts, bookings=bookings))


def _event_type(connection: Connection, slug: str, host: int) -> None:
    values = {"length": "30", **EVENT_TYPES[slug]}
    connection.exec_driver_sql(
        f"""INSERT INTO "EventType" (title, slug, "userId", {", ".join(values)})
            VALUES ('{slug}', '{slug}', {host}, {", ".join(values.values())})"""
    )
