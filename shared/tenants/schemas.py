"""How schools are told to the platform, and what is asked of them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from shared.fields import AsWhole, Document, EmailAddress, Locale, Name, Notes, Search, TimeZone
from shared.plans.plans import Feature, PlanName
from shared.tenants.subdomain import LABEL

TenantStatus = Literal["ACTIVE", "SUSPENDED", "CANCELLED"]

Subdomain = Annotated[
    str,
    StringConstraints(pattern=f"^{LABEL.pattern}$"),
    Field(description="A label of a host name, in lower case", max_length=63),
]
_Limit = Annotated[int, Field(ge=0, le=1_000_000_000, strict=True), AsWhole]


class LimitsView(Document):
    max_teachers: int | None = Field(None, description="Not locked ones; absent: unlimited")
    max_bookings_per_month: int | None = Field(None, description="In a month (UTC); absent: unlimited")
    max_event_types: int | None = Field(None, description="Published ones; absent: unlimited")


class TenantView(Document):
    id: int
    name: str
    subdomain: str
    custom_domain: str | None = None
    plan: PlanName
    status: TenantStatus
    status_reason: str | None = Field(None, description="Why it is suspended or cancelled")
    status_changed_at: datetime | None = None
    limits: LimitsView
    features: list[Feature] = Field(description="What the school may use, by its plan and what differs")
    feature_overrides: dict[Feature, bool] = Field(description="What differs from the plan")
    created_at: datetime
    updated_at: datetime


class TenantList(Document):
    tenants: list[TenantView]
    next_cursor: str | None = Field(None, description="Absent on the last page")


class TenantsQuery(Document):
    plan: PlanName | None = None
    status: TenantStatus | None = None
    search: Search | None = Field(
        None, description="A part of the name, the subdomain or the domain, in any case"
    )
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")] | None = Field(
        None, description="`nextCursor` of the page before"
    )
    limit: int = Field(50, ge=1, le=100)


class FirstAdmin(Document):
    name: Name
    email: EmailAddress
    time_zone: TimeZone = "UTC"


class NewTenant(Document):
    name: Name
    subdomain: Subdomain
    plan: PlanName = "LITE"
    locale: Locale = Field("en", description="The school's language, and its first admin's")
    admin: FirstAdmin = Field(description="Is invited by mail")


class LimitChanges(Document):
    """What is left out stays; null is unlimited."""

    max_teachers: _Limit | None = None
    max_bookings_per_month: _Limit | None = None
    max_event_types: _Limit | None = None


class TenantChanges(Document):
    """What is left out stays. A plan brings its limits along; `limits` set single ones apart from it."""

    name: Name | None = None
    plan: PlanName | None = None
    limits: LimitChanges = Field(default_factory=LimitChanges)
    features: dict[Feature, StrictBool | None] = Field(
        default_factory=dict, description="Granted or withheld whatever the plan; null: as the plan says"
    )


class Suspension(Document):
    reason: Annotated[Notes, Field(min_length=1, max_length=500)] = Field(
        description="For the platform's people; the school's visitors are not told"
    )


class Cancelling(Document):
    reason: Annotated[Notes, Field(max_length=500)] | None = None
