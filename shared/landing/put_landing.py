"""The school sets up its landing page."""

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Connection, text

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.errors import InvalidRequest
from shared.landing.queries import FIRST_TEMPLATE, get_landing, list_templates
from shared.landing.schemas import LandingOfStaff, LandingTerms
from shared.landing.urls import is_of
from shared.plans.check_plan import require_feature
from shared.staff.find_staff import StaffMember

# There may be no row to be locked yet. No id is negative.
_LOCK = text("SELECT pg_advisory_xact_lock(:tenant, -4)")
_COLUMNS = {
    "templateId": ":template_id",
    "primaryColor": ":primary_color",
    "secondaryColor": ":secondary_color",
    "logoUrl": ":logo_url",
    "heroImageUrl": ":hero_image_url",
    "pageTitle": ":page_title",
    "pageSubtitle": ":page_subtitle",
    "teacherBio": ":teacher_bio",
    "teacherImageUrl": ":teacher_image_url",
    "socialLinks": "CAST(:social_links AS jsonb)",
    "ctaButtonText": ":cta_button_text",
    "published": ":published",
    "seoSettings": "CAST(:seo_settings AS jsonb)",
    "updatedAt": "CAST(:now AS timestamptz) AT TIME ZONE 'UTC'",
}
_WRITE = text(f"""
    INSERT INTO "TenantLandingSettings" ("tenantId", {", ".join(f'"{name}"' for name in _COLUMNS)})
    VALUES (:tenant, {", ".join(_COLUMNS.values())})
    ON CONFLICT ("tenantId") DO UPDATE SET {", ".join(f'"{n}" = excluded."{n}"' for n in _COLUMNS)}
""")  # noqa: S608  # only the columns above are put in


def put_landing(  # what is asked, and what is allowed
    connection: Connection,
    staff: StaffMember,
    terms: LandingTerms,
    image_hosts: Collection[str],
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> LandingOfStaff:
    """The page as it is then.

    Raises what `check_unchanged` raises; InvalidRequest for images of other hosts and for a design that does
    not exist; PlanLimitReached for one that the plan does not have.
    """
    tenant = staff.tenant.id
    connection.execute(_LOCK, {"tenant": tenant})
    before = get_landing(connection, tenant)
    check_unchanged(before)
    _refuse_foreign(terms.images(), image_hosts)
    _require_template(connection, tenant, terms.template_id)
    connection.execute(_WRITE, {**_values(terms), "tenant": tenant, "now": now})
    after = get_landing(connection, tenant)
    subject, told = Subject("landing", tenant), changes_between(before, after)
    record_audit(connection, tenant, staff, "landing.updated", subject, now, told)
    return after


def _values(terms: LandingTerms) -> dict[str, Any]:
    values = dict(terms)
    for name in ("social_links", "seo_settings"):
        told = values[name] and values[name].model_dump(by_alias=True, exclude_none=True)
        values[name] = json.dumps(told) if told else None
    return values


def _refuse_foreign(images: dict[str, str], hosts: Collection[str]) -> None:
    foreign = [place for place, url in images.items() if not is_of(url, hosts)]
    if foreign:
        why = "must be at a host whose images are allowed"
        raise InvalidRequest(
            errors=[{"pointer": place, "code": "host_not_allowed", "detail": why} for place in foreign]
        )


def _require_template(connection: Connection, tenant_id: int, template_id: int) -> None:
    if template_id not in {each.id for each in list_templates(connection, tenant_id).templates}:
        raise InvalidRequest("there is no such design", pointer="/templateId")
    if template_id != FIRST_TEMPLATE:
        require_feature(connection, tenant_id, "landingTemplates")
