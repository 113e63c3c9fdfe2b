"""The same school twice: alone in its database, and beside another that has everything it has."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from ipaddress import ip_address
from itertools import count
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import boto3
import pytest

from local.fakes.immersio import World as ImmersioWorld
from local.fakes.immersio import immersio_app
from local.fakes.immersio.schools import School as ImmersioSchool
from local.fakes.stripe import stripe_app
from local.web import serving
from shared.clients.sealing import Sealer
from shared.payments.stripe_access import KEY_COLUMN
from shared.payments.webhook_secrets import seal_webhook_secrets
from tests.clients.kms import kms_key
from tests.databases import TestDatabase
from tests.domains.dns_server import serving_dns
from tests.functions import AUDIENCE, ISSUER, Answer, Api, LoadedFunction, function_of, load_function
from tests.isolation.attempts import digests
from tests.isolation.catalogue import rows
from tests.isolation.fill_school import fill_school
from tests.isolation.recipes import LESSON, NOW, ROOT, Call, Names
from tests.schools import School, make_school

BASE_DOMAIN, BUCKET = "booking.test", "uploads"
# What is drawn at random, or from the clock of boto3: a booking's uid begins with the time.
RANDOM = re.compile(
    rf"(?<={int(NOW.timestamp() * 1000):012x})[0-9a-f]{{20}}"
    r'|(?<="manageToken":")[^"]+|(?<="token":")[^"]+'
    r'|(?<="requestId": ")[^"]+|(?<=X-Amz-)(Date|Signature|Credential)=[^&"]+'
    r'|(?<="x-amz-)(date|signature|credential)":"[^"]+|(?<="policy":")[^"]+|(?<=whitelist-exports/)[^.]+'
)

# Each request comes from another line: how many there were is no matter here.
SOURCES = count(int(ip_address("10.0.0.1")))

NOBODY = Names(
    host=f"nowhere.{BASE_DOMAIN}",
    domain="www.nowhere.example",
    admin="nobody@nowhere.test",
    event_type=2_000_000,
    teacher=2_000_001,
    uid="0" * 32,
    token="nobody's",
    import_id=str(uuid5(NAMESPACE_DNS, "nowhere")),
    endpoint="we_nowhere",
    secret="whsec_nowhere",
    workshop=2_000_002,
    offer="f" * 32,
    entry=2_000_003,
    invitation=2_000_004,
    thing=2_100_000,
    listed=2_000_100,
    tenant=2_000_004,
    backup=str(uuid5(NAMESPACE_DNS, "nowhere's")),
)

CONTENT = (
    """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime",
                              "createdAt", "manageToken")
       VALUES (:tenant, :uid, :teacher, :event_type, 'Conversation', :start, CAST(:start AS timestamp)
               + interval '30 minutes', :now, :token)""",
    """INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone")
       SELECT :tenant, id, :host, 'mai@example.com', 'Asia/Ho_Chi_Minh' FROM "Booking" WHERE uid = :uid""",
    """INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email, "addedAt")
       VALUES (:tenant, :event_type, 'mai@example.com', :now)""",
    """INSERT INTO "WhitelistEntry" (id, "tenantId", "eventTypeId", email, "addedAt")
       SELECT :listed + n, :tenant, :event_type, 'listed' || n || '@example.com', :now
       FROM generate_series(0, 5) n""",
    """INSERT INTO "WhitelistImport" (id, "tenantId", "eventTypeId", mode, "createdAt")
       VALUES (CAST(:import_id AS uuid), :tenant, :event_type, 'merge', :now)""",
    """INSERT INTO "WhitelistRejection" ("tenantId", "importId", "lineNumber", value, reason)
       VALUES (:tenant, CAST(:import_id AS uuid), 1, :host, 'not_an_address')""",
    """INSERT INTO "WebhookEndpoint" (id, "tenantId", provider) VALUES (:endpoint, :tenant, 'STRIPE')""",
    """INSERT INTO "TenantLandingSettings" ("tenantId", "pageTitle", "templateId", published, "updatedAt")
       VALUES (:tenant, :host, 3, true, :now)""",
    """INSERT INTO "TenantBackup" (id, "tenantId", cause, status, "objectKey", "createdAt")
       VALUES (CAST(:backup AS uuid), :tenant, 'DAILY', 'COMPLETED', :host,
               CAST(:now AS timestamp) - interval '1 day')""",
    """INSERT INTO "TenantRestore" (id, "tenantId", "backupId", mode, status, "createdAt")
       VALUES (CAST(:backup AS uuid), :tenant, CAST(:backup AS uuid), 'IN_PLACE', 'FAILED', :now)""",
    """INSERT INTO "WebhookEndpoint" (id, "tenantId", provider)
       VALUES (:endpoint || '-hints', :tenant, 'IMMERSIO')""",
    """INSERT INTO "ImmersioSyncLog" ("tenantId", "syncType", direction, "resourceType", "resourceId", status,
                                      "syncedAt")
       VALUES (:tenant, 'COURSE', 'PULL', 'course', :host, 'SUCCESS', :now)""",
    """INSERT INTO "ImmersioSyncState" ("tenantId", stream, "lastSucceededAt")
       VALUES (:tenant, 'courses', :now)""",
    """INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount") VALUES (:tenant, 2030, 6, 7)""",
)
# A booking for each change that an operation makes, by the numbers of the recipes, on days of their own; one
# has begun.
CHANGES = (
    """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime",
                              "createdAt", "manageToken", status, "holdExpiresAt", "refundableUntil")
       SELECT :tenant, :uid || '-' || change || '-' || n, :teacher, :event_type, 'Conversation', starts,
              starts + interval '30 minutes', :now, :token, CAST(status AS "BookingStatus"),
              CASE status WHEN 'pending' THEN starts END, starts
       FROM (VALUES ('cancel', 3, 'accepted'), ('move', 4, 'accepted'), ('confirm', 5, 'pending'),
                    ('reject', 6, 'pending'), ('staff-cancel', 8, 'accepted'), ('staff-move', 9, 'accepted'),
                    ('no-show', -14, 'accepted')) AS made (change, days, status),
            generate_series(0, 5) n,
            LATERAL (SELECT CAST(:start AS timestamp) + days * interval '1 day' - n * interval '1 hour')
                AS place (starts)""",
    """INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone")
       SELECT :tenant, id, :host, 'mai@example.com', 'Asia/Ho_Chi_Minh' FROM "Booking"
       WHERE uid LIKE :uid || '-%' ORDER BY id""",
    """INSERT INTO "Payment" ("tenantId", uid, "bookingId", amount, fee, currency, success, refunded, data,
                              "externalId")
       SELECT :tenant, uid, id, 1500, 0, 'eur', true, false, '{}', 'pi_' || uid FROM "Booking"
       WHERE uid LIKE :uid || '-%' ORDER BY id""",
    """INSERT INTO "Checkout" (id, "tenantId", status, amount, currency, livemode, "holdUntil", "expiresAt",
                               "paidAt", "createdAt")
       SELECT CAST(md5(uid) AS uuid), :tenant, 'PAID', 1500, 'eur', false, :now, :now, :now, :now
       FROM "Booking" WHERE uid LIKE :uid || '-no-show-%' ORDER BY id""",
    """UPDATE "Payment" SET "checkoutId" = CAST(md5(uid) AS uuid)
       WHERE "tenantId" = :tenant AND uid LIKE :uid || '-no-show-%'""",
)
# A seat is taken in each session; the second's is offered to somebody, and somebody waits for the first's.
SESSIONS = (
    """INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "teacherId", "seatLimit",
                                      "startTime", "endTime")
       SELECT :tenant, :workshop, n, :teacher, 1, CAST(:start AS timestamp) + n * interval '7 days',
              CAST(:start AS timestamp) + n * interval '7 days' + interval '1 hour'
       FROM generate_series(1, 3) n""",
    """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", "workshopSessionNumber", title,
                              "startTime", "endTime", "createdAt", "manageToken", status, "holdExpiresAt")
       SELECT :tenant, CASE "sessionNumber" WHEN 2 THEN :offer ELSE md5(:offer || "sessionNumber") END,
              :teacher, :workshop, "sessionNumber", 'Workshop', "startTime", "endTime", :now, :token,
              CAST(CASE "sessionNumber" WHEN 2 THEN 'pending' ELSE 'accepted' END AS "BookingStatus"),
              CASE "sessionNumber" WHEN 2 THEN "startTime" END
       FROM "WorkshopSession" WHERE "eventTypeId" = :workshop ORDER BY "sessionNumber" """,
    """INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone")
       SELECT :tenant, id, :host, 'mai@example.com', 'Asia/Ho_Chi_Minh' FROM "Booking"
       WHERE "eventTypeId" = :workshop ORDER BY id""",
    """INSERT INTO "WaitlistEntry" (id, "tenantId", "sessionId", "bookingId", name, email, "timeZone", token,
                                    status, "createdAt", "updatedAt")
       SELECT :entry + s."sessionNumber" - 1, :tenant, s.id, CASE s."sessionNumber" WHEN 2 THEN b.id END,
              :host, 'lan@example.com', 'Asia/Ho_Chi_Minh', :token,
              CASE s."sessionNumber" WHEN 2 THEN 'OFFERED' ELSE 'WAITING' END, :now, :now
       FROM "WorkshopSession" s JOIN "Booking" b ON b."eventTypeId" = s."eventTypeId"
           AND b."workshopSessionNumber" = s."sessionNumber"
       WHERE s."eventTypeId" = :workshop AND s."sessionNumber" < 3""",
)
# What the staff changes (0 to 5), removes (10 to 15), and gives to teach (20 to 25).
THINGS = (
    """INSERT INTO "EventType" (id, "tenantId", title, slug, length, "isPublished")
       SELECT :thing + 10 * kind + n, :tenant, :host, 'thing-' || kind || '-' || n, 30, false
       FROM generate_series(0, 2) kind, generate_series(0, 5) n""",
    """INSERT INTO users (id, "tenantId", "tenantRole", name, email, uuid, locked)
       SELECT :thing + 10 * kind + n, :tenant, 'TEACHER', :host, kind || '-' || n || '@' || :host,
              md5(:host || kind || n)::uuid, kind = 1
       FROM generate_series(0, 1) kind, generate_series(0, 5) n""",
    """INSERT INTO users (id, "tenantId", name, email, uuid)
       VALUES (:thing + 30, :tenant, :host, 'mai@example.com', md5(:host)::uuid)""",
    """INSERT INTO "Schedule" (id, "tenantId", "userId", name, "timeZone")
       SELECT :thing + 10 * kind + n, :tenant, :teacher, :host, 'Europe/Paris'
       FROM generate_series(0, 1) kind, generate_series(0, 5) n""",
    """INSERT INTO "OutOfOfficeEntry" (id, "tenantId", "userId", uuid, start, "end", "createdAt", "updatedAt")
       SELECT :thing + 10 * kind + n, :tenant, :teacher, md5(:host || kind || n), '2031-03-03', '2031-03-03',
              :now, :now
       FROM generate_series(0, 1) kind, generate_series(0, 5) n""",
    """INSERT INTO "TeacherCourseAssignment" (id, "tenantId", "eventTypeId", "teacherId")
       SELECT :thing + 10 * kind + n, :tenant, :event_type, :thing + 10 * kind + n
       FROM generate_series(0, 1) kind, generate_series(0, 5) n""",
    """UPDATE "TeacherCourseAssignment" SET "createdAt" = :now, "updatedAt" = :now
       WHERE "tenantId" = :tenant""",
    """UPDATE users SET created = :now WHERE "tenantId" = :tenant""",
    """UPDATE "EventType" SET "createdAt" = :now WHERE "tenantId" = :tenant""",
)
SUPER_ADMIN = f"""
    INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
    SELECT '{ROOT}', 'Root', id, 'SUPER_ADMIN', gen_random_uuid() FROM "Tenant" WHERE subdomain = 'default'
"""
# The admin's own invitation, which the token accepts, one to be taken back, and some to be sent again.
INVITATIONS = (
    """INSERT INTO users ("tenantId", "tenantRole", uuid, email, name)
       SELECT :tenant, 'TENANT_ADMIN', gen_random_uuid(), 'invited' || n || '.' || :admin, :host
       FROM generate_series(1, 8) n""",
    """INSERT INTO "Invitation" (id, "tenantId", "userId", "tokenHash", "sentAt", "expiresAt", "createdAt")
       SELECT :invitation + row_number() OVER (ORDER BY id) - 1, :tenant, id,
              CASE email WHEN :admin THEN encode(sha256(convert_to(:token, 'UTF8')), 'hex') END, :now,
              CAST(:now AS timestamp) + interval '7 days', :now
       FROM users WHERE "tenantId" = :tenant AND "tenantRole" = 'TENANT_ADMIN' ORDER BY id""",
)
# Proven, beside the one by which the school is found here.
DOMAIN = (
    """INSERT INTO "CustomDomain" ("tenantId", domain, challenge, status, "verifiedAt", "checkedAt",
                                   "createdAt")
       VALUES (:tenant, 'lessons.' || :domain, md5(:domain), 'ACTIVE', :now, :now, :now)""",
)
# People whom nothing else is about: one is told of, the others are forgotten.
PEOPLE = (
    """INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email, "addedAt")
       SELECT :tenant, :event_type, 'kim' || n || '@example.com', :now FROM generate_series(0, 9) n""",
)
# The same keys and the same events, used before.
RIVALRY = (
    """INSERT INTO "IdempotencyKey" ("tenantId", key, "requestHash", "bookingId", answer)
       SELECT :tenant, 'key ' || n, 'another', b.id, '{}' FROM "Booking" b, generate_series(0, 9) n
       WHERE b.uid = :uid""",
    """INSERT INTO "WebhookEvent" ("tenantId", provider, "eventId", type, payload)
       SELECT :tenant, 'STRIPE', 'evt_' || n, 'x', '{}' FROM generate_series(0, 9) n""",
)


class Stopped(datetime):
    """The clock at the edge of a function."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return NOW


@dataclass
class World:
    """A database, and the functions over it."""

    database: TestDatabase
    environment: dict[str, str]
    functions: dict[str, LoadedFunction] = field(default_factory=dict)

    def answer(self, call: Call) -> Answer:
        """With what is drawn at random blotted out."""
        name = function_of(call.method, call.path)
        told = Api(self._function(name), tenant=None).request(
            call.method,
            call.path,
            body=call.body,
            headers=call.headers,
            host=call.host,
            claims=call.claims,
            source_ip=str(ip_address(next(SOURCES))),
        )
        headers = {name: RANDOM.sub("…", value) for name, value in told.headers.items()}
        return Answer(told.status, headers, RANDOM.sub("…", told.text))

    def _function(self, name: str) -> LoadedFunction:
        if name not in self.functions:
            with pytest.MonkeyPatch.context() as patch:
                for variable, value in self.environment.items():
                    patch.setenv(variable, value)
                self.functions[name] = load_function(name)
            loaded = self.functions[name]
            for module in (loaded.module, *loaded.beside):
                if hasattr(module, "datetime"):
                    module.datetime = Stopped  # type: ignore[attr-defined]
        return self.functions[name]


@dataclass
class Worlds:
    """`aurora` is the same in both, ids included; `lotus` was added to the second after it."""

    alone: World
    together: World
    aurora: Names
    lotus: Names

    def state_of_lotus(self) -> str:
        """Changes with any write to any of its rows."""
        with self.together.database.owner.connect() as connection:
            (school,) = rows(connection, """SELECT id FROM "Tenant" WHERE subdomain = 'lotus'""")
            # Whoever knocks at its own door is counted there.
            connection.exec_driver_sql('DELETE FROM "RequestCount"')
            return digests(connection)[school["id"]]

    def draw_level(self) -> None:
        """What is made from now on gets the same numbers in both."""
        drawn = (
            "SELECT sequencename AS name, last_value AS last FROM pg_sequences WHERE last_value IS NOT NULL"
        )
        for sequence in self.together.database.rows(drawn):
            self.alone.database.rows(
                "SELECT setval(CAST(:name AS regclass), :last)",
                name=f'"{sequence["name"]}"',
                last=sequence["last"],
            )


@contextmanager
def made_worlds(server_url: str) -> Iterator[Worlds]:
    with ExitStack() as exits:
        patch = exits.enter_context(pytest.MonkeyPatch.context())
        key = exits.enter_context(kms_key(patch))
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        stripe_url = exits.enter_context(serving(stripe_app(retry_waits=[])))
        dns = exits.enter_context(serving_dns())
        for domain in ("www.aurora.example", "www.lotus.example"):
            challenge = md5(domain.encode(), usedforsecurity=False).hexdigest()
            dns.texts[f"_booking-challenge.lessons.{domain}"] = [challenge]
        worlds = []
        for _ in range(2):
            database = exits.enter_context(TestDatabase.copy_of_template(server_url))
            database.rows(SUPER_ADMIN)
            variables = environment(database, key, stripe_url) | {"NAMESERVER": dns.address}
            worlds.append(World(database, variables))
        immersio = ImmersioWorld()
        immersio_url = exits.enter_context(serving(immersio_app(immersio)))
        for name in ("aurora", "lotus"):
            immersio.schools[f"key-{name}"] = ImmersioSchool(f"key-{name}", ["secret"])
        alone, together = worlds
        aurora = [_settled(world, key, immersio_url, "aurora") for world in worlds]
        assert aurora[0] == aurora[1]
        lotus = _settled(together, key, immersio_url, "lotus", *RIVALRY)
        with together.database.owner.connect() as connection:
            fill_school(connection, "lotus")
        made = Worlds(alone, together, aurora[0], lotus)
        made.draw_level()
        yield made
        for world in worlds:
            for function in world.functions.values():
                function.close()


def environment(database: TestDatabase, key: str, stripe_url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": database.app_url,
        "OPS_DATABASE_URL": database.ops_url,
        "BASE_DOMAIN": BASE_DOMAIN,
        "API_HOSTS": f"api.{BASE_DOMAIN}",
        "JWT_ISSUER": ISSUER,
        "JWT_AUDIENCE": AUDIENCE,
        "UPLOADS_BUCKET": BUCKET,
        "TENANT_SECRETS_KEY_ID": key,
        "PUBLIC_PORT": "443",
        "IMAGE_HOSTS": "images.test",
        "STRIPE_API_URL": stripe_url,
        "IMMERSIO_HOST_SUFFIXES": ".immersio.com",
        "IMMERSIO_ALLOW_LOOPBACK": "1",
    }


def _settled(world: World, key: str, immersio_url: str, subdomain: str, *more: str) -> Names:
    """The school with something of everything that an operation may ask for."""
    school = make_school(world.database, subdomain)
    names = _names(school)
    values = vars(names) | {
        "start": LESSON.astimezone(NOW.tzinfo).replace(hour=19, tzinfo=None),
        "now": NOW.replace(tzinfo=None),
    }
    for statement in (*CONTENT, *CHANGES, *SESSIONS, *THINGS, *INVITATIONS, *DOMAIN, *PEOPLE, *more):
        asked = {name: value for name, value in values.items() if re.search(rf"(?<!:):{name}\b", statement)}
        world.database.rows(statement, **asked)
    sealer = Sealer(key)
    school.change(
        "Tenant",
        school.id,
        stripeWebhookSecret=seal_webhook_secrets(sealer, school.id, [names.secret]),
        stripeSecretKeyEncrypted=sealer.seal(school.id, KEY_COLUMN, f"sk_test_{subdomain}"),
        stripeLivemode=False,
        immersioApiUrl=immersio_url,
        immersioApiKey=sealer.seal(school.id, "immersioApiKey", f"key-{subdomain}"),
        immersioApiSecret=sealer.seal(school.id, "immersioApiSecret", "secret"),
        immersioWebhookSecret=sealer.seal(school.id, "immersioWebhookSecret", names.secret),
        customDomain=names.domain,
    )
    return names


def _names(school: School) -> Names:
    mark = uuid5(NAMESPACE_DNS, school.subdomain)
    return Names(
        host=f"{school.subdomain}.{BASE_DOMAIN}",
        domain=f"www.{school.subdomain}.example",
        admin=school.admin_email,
        event_type=school.lesson_id,
        teacher=school.teacher_id,
        uid=mark.hex,
        token=f"token of {school.subdomain}",
        import_id=str(mark),
        endpoint=f"we_{mark.hex}",
        secret=f"whsec_{school.subdomain}",
        workshop=school.add_event_type("workshop", length=60, isWorkshop=True, seatLimit=1),
        offer=uuid5(mark, "offer").hex,
        entry=1_000 * school.id,
        invitation=1_000 * school.id,
        thing=10_000 * school.id,
        listed=1_000_000 + 1_000 * school.id,
        tenant=school.id,
        backup=str(uuid5(mark, "backup")),
    )
