"""How schools are told to the platform, and what is asked of them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.fields import Document
from shared.plans.plans import Feature, PlanName

TenantStatus = Literal["ACTIVE", "SUSPENDED", "CANCELLED"]


class LimitsView(Document):
    max_teachers: int | None = Field(None, description="Absent: unlimited")
    max_bookings_per_month: int | None = Field(None, description="In a month (UTC); absent: unlimited")
    max_event_types: int | None = Field(None, description="Published ones; absent: unlimited")


class TenantView(Document):
    id: int
    name: str
    subdomain: str
    custom_domain: str | None = None
    plan: PlanName
    status: TenantStatus
    limits: LimitsView
    features: list[Feature] = Field(description="What the school may use, by its plan and by what differs")
    created_at: datetime
    updated_at: datetime


class TenantList(Document):
    tenants: list[TenantView]
    next_cursor: str | None = Field(None, description="Absent on the last page")


class TenantsQuery(Document):
    plan: PlanName | None = None
    status: TenantStatus | None = None
    search: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = (
        Field(None, description="A part of the name, the subdomain or the domain, in any case")
    )
    cursor: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")] | None = Field(
        None, description="`nextCursor` of the page before"
    )
    limit: int = Field(50, ge=1, le=100)
