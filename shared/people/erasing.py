"""What is erased of a person, table by table; a new table is in here, or a test asks why not.

Parameters: tenant, email (lower case), user (the account's id or null), bookings (they come to these), now,
and the MARKS.
What names them is overwritten only where it still does, so that a second time changes nothing.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ARRAY, Integer, TextClause, bindparam, text

from shared.people.find_person import ERASED_DOMAIN

# What stands where a name and the end of an address were.
MARKS = {"erased": "Erased", "domain": ERASED_DOMAIN}


def _statement(sql: str) -> TextClause:
    made = text(sql)
    return made.bindparams(bindparam("bookings", type_=ARRAY(Integer))) if ":bookings" in sql else made


# Letters to them that wait; what is told to others goes out.
_MAILS = """
    UPDATE "OutboxMessage" SET "handledAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
           "errorCode" = 'person_erased'
    WHERE "tenantId" = :tenant AND "handledAt" IS NULL AND (
        coalesce(payload->>'to', 'attendee') = 'attendee' AND topic ~ '^(booking|seat|waitlist)[.]'
            AND (payload->>'bookingId' = ANY(CAST(:bookings AS text[]))
                 OR EXISTS (SELECT FROM jsonb_array_elements_text(
                                CASE jsonb_typeof(payload->'bookingIds') WHEN 'array'
                                THEN payload->'bookingIds' ELSE '[]' END) each
                            WHERE each = ANY(CAST(:bookings AS text[])))
                 OR payload->>'waitlistEntryId' IN (SELECT id::text FROM "WaitlistEntry"
                        WHERE "tenantId" = :tenant AND lower(email) = :email))
        OR payload->>'userId' = CAST(:user AS text))
"""
_INVITATION = """
    UPDATE "Invitation" SET "tokenHash" = NULL
    WHERE "tenantId" = :tenant AND "userId" = CAST(:user AS int) AND "tokenHash" IS NOT NULL
"""
_WAITING = """
    UPDATE "WaitlistEntry" SET name = :erased, email = 'waiting-' || id || :domain,
           token = md5(gen_random_uuid()::text), "requestHash" = NULL, "idempotencyKey" = NULL,
           "timeZone" = 'UTC', locale = 'en', "updatedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC',
           status = CASE status WHEN 'WAITING' THEN 'LEFT' ELSE status END
    WHERE "tenantId" = :tenant AND lower(email) = :email
"""
_WHITELIST = """DELETE FROM "WhitelistEntry" WHERE "tenantId" = :tenant AND lower(email) = :email"""
_REJECTIONS = """
    UPDATE "WhitelistRejection" SET value = ''
    WHERE "tenantId" = :tenant AND strpos(lower(value), :email) > 0
"""
_KEYS = """
    DELETE FROM "IdempotencyKey" WHERE "tenantId" = :tenant
      AND ("bookingId" = ANY(:bookings) OR strpos(lower(answer::text), :email) > 0)
"""
# A booking of ours is known by having a token, so it gets one that nobody knows. The teacher's address that
# Cal.com keeps with it is not theirs, unless they are the teacher.
_BOOKINGS = """
    UPDATE "Booking" b SET title = coalesce((SELECT e.title FROM "EventType" e
               WHERE e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"), :erased),
           description = NULL, location = NULL, "customInputs" = NULL, responses = NULL, metadata = NULL,
           "smsReminderNumber" = NULL, "cancellationReason" = NULL, "rejectionReason" = NULL,
           "ratingFeedback" = NULL, "reassignReason" = NULL, "oneTimePassword" = NULL,
           "idempotencyKey" = NULL,
           "manageToken" = CASE WHEN "manageToken" IS NOT NULL THEN md5(gen_random_uuid()::text) END
    WHERE "tenantId" = :tenant AND id = ANY(:bookings)
"""
_GIVEN = """
    UPDATE "Booking" b SET title = coalesce((SELECT e.title FROM "EventType" e
               WHERE e.id = b."eventTypeId" AND e."tenantId" = b."tenantId"), :erased)
    WHERE "tenantId" = :tenant AND "userId" = CAST(:user AS int)
      AND strpos(title, (SELECT name FROM users WHERE id = CAST(:user AS int) AND "tenantId" = :tenant
                             AND name NOT IN ('', :erased))) > 0
"""
_BY_THEM = """
    UPDATE "Booking" SET
        "cancelledBy" = CASE WHEN lower("cancelledBy") <> :email THEN "cancelledBy" END,
        "rescheduledBy" = CASE WHEN lower("rescheduledBy") <> :email THEN "rescheduledBy" END,
        "userPrimaryEmail" = CASE WHEN lower("userPrimaryEmail") <> :email THEN "userPrimaryEmail" END
    WHERE "tenantId" = :tenant
      AND :email IN (lower("cancelledBy"), lower("rescheduledBy"), lower("userPrimaryEmail"))
"""
_HISTORY = """
    UPDATE "BookingEvent" SET details = NULLIF(details - '{reason,name,email,notes}'::text[], '{}')
    WHERE "tenantId" = :tenant AND "bookingId" = ANY(:bookings)
      AND details ?| '{reason,name,email,notes}'::text[]
"""
_PAYMENTS = """
    UPDATE "Payment" SET data = '{}'
    WHERE "tenantId" = :tenant AND "bookingId" = ANY(:bookings) AND data <> '{}'
"""
# The page at Stripe shows the address that was typed there.
_CHECKOUTS = """
    UPDATE "Checkout" SET url = NULL
    WHERE "tenantId" = :tenant AND url IS NOT NULL AND id IN (
        SELECT "checkoutId" FROM "Payment" WHERE "tenantId" = :tenant AND "bookingId" = ANY(:bookings))
"""
# What Stripe told is only a hint to ask it again: without its object, nothing is looked up.
_EVENTS = """
    UPDATE "WebhookEvent" SET payload = jsonb_build_object('id', payload->'id', 'type', payload->'type',
               'livemode', payload->'livemode', 'data', jsonb_build_object('object', jsonb_strip_nulls(
                   jsonb_build_object('id', payload#>'{data,object,id}',
                                      'object', payload#>'{data,object,object}',
                                      'payment_intent', payload#>'{data,object,payment_intent}',
                                      'charge', payload#>'{data,object,charge}',
                                      'metadata', jsonb_build_object(
                                          'checkout', payload#>'{data,object,metadata,checkout}')))))
    WHERE "tenantId" = :tenant AND (strpos(lower(payload::text), :email) > 0 OR EXISTS (
        SELECT FROM "Payment" p JOIN "Checkout" c ON c.id = p."checkoutId" AND c."tenantId" = p."tenantId"
        WHERE p."tenantId" = :tenant AND p."bookingId" = ANY(:bookings)
          AND (payload#>>'{data,object,id}' IN (c."sessionId", c."paymentIntentId")
               OR payload#>>'{data,object,payment_intent}' = c."paymentIntentId")))
      AND (payload#>'{data,object}') - '{id,object,payment_intent,charge,metadata}'::text[] <> '{}'
"""
_SYNC = """
    UPDATE "ImmersioSyncLog" SET "errorMessage" = NULL, metadata = NULL
    WHERE "tenantId" = :tenant
      AND (strpos(lower("errorMessage"::text), :email) > 0 OR strpos(lower(metadata::text), :email) > 0)
"""
# Immersio keeps what it was told: a lesson that was given is not told again, with other names. What was
# cancelled still is, for which it takes their id there.
_PUSHES = """
    UPDATE "ImmersioPush" p SET "dueAt" = NULL, "deadAt" = NULL, "studentId" = NULL
    WHERE p."tenantId" = :tenant AND p."bookingId" = ANY(:bookings)
      AND EXISTS (SELECT FROM "Booking" b WHERE b.id = p."bookingId" AND b."tenantId" = :tenant
                  AND b.status = 'accepted')
      AND :email = (SELECT lower(a.email) FROM "Attendee" a
                    WHERE a."bookingId" = p."bookingId" AND a."tenantId" = :tenant ORDER BY a.id LIMIT 1)
"""
_ABSENCES = """
    UPDATE "OutOfOfficeEntry" SET notes = NULL
    WHERE "tenantId" = :tenant AND "userId" = CAST(:user AS int) AND notes IS NOT NULL
"""
_SCHEDULES = """
    UPDATE "Schedule" SET name = :erased
    WHERE "tenantId" = :tenant AND "userId" = CAST(:user AS int) AND name <> :erased
"""
_ATTENDEES = """
    UPDATE "Attendee" SET name = :erased, email = 'attendee-' || id || :domain,
           "timeZone" = 'UTC', locale = 'en', "phoneNumber" = NULL
    WHERE "tenantId" = :tenant AND lower(email) = :email
"""
_ACCOUNT = """
    UPDATE users SET name = :erased, email = 'user-' || id || :domain, username = NULL, bio = NULL,
           "timeZone" = 'UTC', locale = NULL, "avatarUrl" = NULL, metadata = NULL, "emailVerified" = NULL,
           "identityProviderId" = NULL, "twoFactorSecret" = NULL, "backupCodes" = NULL, theme = NULL,
           "brandColor" = NULL, "darkBrandColor" = NULL, "appTheme" = NULL, "referralLinkId" = NULL,
           "immersioUserId" = NULL, locked = true
    WHERE "tenantId" = :tenant AND id = CAST(:user AS int) AND right(email, length(:domain)) <> :domain
"""

# In this order: what is found by a name goes before the name.
ERASE: Mapping[str, Sequence[TextClause]] = {
    table: tuple(map(_statement, statements))
    for table, statements in {
        "OutboxMessage": (_MAILS,),
        "WaitlistEntry": (_WAITING,),
        "WhitelistEntry": (_WHITELIST,),
        "WhitelistRejection": (_REJECTIONS,),
        "IdempotencyKey": (_KEYS,),
        "WebhookEvent": (_EVENTS,),
        "Booking": (_BOOKINGS, _GIVEN, _BY_THEM),
        "BookingEvent": (_HISTORY,),
        "Payment": (_PAYMENTS,),
        "Checkout": (_CHECKOUTS,),
        "ImmersioSyncLog": (_SYNC,),
        "ImmersioPush": (_PUSHES,),
        "OutOfOfficeEntry": (_ABSENCES,),
        "Schedule": (_SCHEDULES,),
        "Invitation": (_INVITATION,),
        "Attendee": (_ATTENDEES,),
        "users": (_ACCOUNT,),
    }.items()
}
