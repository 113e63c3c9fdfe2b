"""What the pages show of a school, in one statement: who it is, its landing page, what can be booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import NotFound, Problem
from shared.one_flush import OneFlushConnection
from shared.pages.landing import Landing, landing_of
from shared.pages.offers import Offer, Session, offers_of, sessions_of
from shared.tenant_scope import CURRENT_TENANT

# What a page can be read with; more is for integrators.
_MOST_OFFERS, _MOST_SESSIONS = 200, 6

_COLUMNS = """t.name, t.subdomain, t."customDomain", t."subscriptionStatus", t."subscriptionPlan", t.features,
           t.settings, (SELECT to_json(l) FROM "TenantLandingSettings" l WHERE l."tenantId" = t.id)"""
_OFFERED = """
    SELECT e.id, e.title, e.slug, e.description, e.length, e."isWorkshop" AS workshop,
           e."workshopPrice"::text AS price, e."workshopCurrency" AS currency,
           e.price AS calcom_price, e.currency AS calcom_currency, e."whitelistEnabled" AS whitelisted,
           e."requiresConfirmation" AS confirmed, e."refundWindowHours" AS refund_hours,
           count(*) OVER (PARTITION BY e.slug) AS namesakes,
           (SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', coalesce(u.name, ''))
                                     ORDER BY u.id), '[]')
            FROM "TeacherCourseAssignment" a JOIN users u ON u.id = a."teacherId"
            WHERE a."eventTypeId" = e.id AND a."tenantId" = t.id AND a."isPublished"
              AND u."tenantId" = t.id AND NOT u.locked) AS teachers
    FROM "EventType" e WHERE e."tenantId" = t.id AND e."isPublished"
"""
_SESSIONS = f"""
    SELECT s."sessionNumber" AS number, e.id AS event_type, s."startTime" || 'Z' AS starts,
           s."endTime" || 'Z' AS ends, u."timeZone" AS time_zone,
           CASE WHEN s."seatLimit" IS NULL THEN NULL
                WHEN EXISTS (SELECT FROM "WaitlistEntry" w WHERE w."sessionId" = s.id
                             AND w."tenantId" = t.id AND w.status = 'WAITING') THEN 0
                ELSE s."seatLimit" - s."seatsTaken" END AS seats_left
    FROM "WorkshopSession" s JOIN "EventType" e ON e.id = s."eventTypeId" AND e."tenantId" = t.id
    LEFT JOIN users u ON u.id = s."teacherId" AND u."tenantId" = t.id
    WHERE s."tenantId" = t.id AND e."isPublished" AND s."cancelledAt" IS NULL
      AND s."startTime" > $1::timestamptz AT TIME ZONE 'UTC'
    ORDER BY s."startTime", s.id LIMIT {_MOST_SESSIONS}
"""  # noqa: S608  # only the constant above is put in
_WHO = f'SELECT {_COLUMNS} FROM "Tenant" t WHERE t.id = {CURRENT_TENANT}'  # noqa: S608  # as above
_WITH_ONE = f"""
    SELECT {_COLUMNS}, (SELECT json_agg(o ORDER BY o.id) FROM ({_OFFERED}) o WHERE o.slug = $1)
    FROM "Tenant" t WHERE t.id = {CURRENT_TENANT}
"""  # noqa: S608  # as above
_WITH_ALL = f"""
    SELECT {_COLUMNS},
           (SELECT json_agg(o ORDER BY o.id) FROM ({_OFFERED} ORDER BY e.id LIMIT {_MOST_OFFERS}) o),
           (SELECT json_agg(s) FROM ({_SESSIONS}) s)
    FROM "Tenant" t WHERE t.id = {CURRENT_TENANT}
"""  # noqa: S608  # as above


class NoSchool(Problem):
    status, code, title = 404, "tenant_not_found", "No school lives at this address"


@dataclass(frozen=True, slots=True)
class School:
    """`offers` and `sessions` are those that were asked for."""

    name: str
    subdomain: str
    domain: str | None
    is_open: bool
    locale: Any
    landing: Landing
    offers: Sequence[Offer] = ()
    sessions: Sequence[Session] = ()


def find_school(connection: OneFlushConnection) -> School:
    """The school alone. Raises NoSchool."""
    return _school(connection, _WHO, ())


def find_school_and_offers(connection: OneFlushConnection, now: str) -> School:
    """With all that can be booked, and the workshops' next sessions after `now` (RFC 3339).

    Raises NoSchool.
    """
    return _school(connection, _WITH_ALL, (now,))


def find_school_and_offer(connection: OneFlushConnection, slug: str, number: str | None) -> School:
    """With the one that can be booked; Cal.com's may share a slug, then `number`, its id, tells which.

    Raises NoSchool, NotFound.
    """
    school = _school(connection, _WITH_ONE, (slug,))
    named = [offer for offer in school.offers if number is None or str(offer.id) == number][:1]
    if school.is_open and not named:
        raise NotFound
    return School(
        school.name, school.subdomain, school.domain, school.is_open, school.locale, school.landing, named
    )


def _school(connection: OneFlushConnection, statement: str, values: Sequence[str]) -> School:
    rows = connection.run(statement, values, last=True).rows
    if not rows:
        raise NoSchool
    name, subdomain, domain, status, plan, features, settings, landing, *lists = rows[0]
    settings = settings if isinstance(settings, dict) else {}
    offers = offers_of(lists[0] or []) if lists else []
    return School(
        name=name,
        subdomain=subdomain,
        domain=domain or None,
        is_open=status == "ACTIVE",
        locale=settings.get("locale"),
        landing=landing_of(landing or {}, plan, features),
        offers=offers,
        sessions=sessions_of(lists[1] or [], offers) if len(lists) > 1 else [],
    )
