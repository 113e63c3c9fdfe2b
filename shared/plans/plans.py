"""What each plan allows. A school's own columns come from these when it gets the plan, and may differ."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

PlanName = Literal["LITE", "STARTER", "GROWTH", "PRO", "ENTERPRISE"]
Feature = Literal["customDomain", "whitelist", "immersioSync", "workshops", "landingTemplates"]
Limit = Literal["maxTeachers", "maxBookingsPerMonth", "maxEventTypes"]

FEATURES: tuple[Feature, ...] = get_args(Feature)

# The column maxTeachers has no null: this many is unlimited.
UNLIMITED_TEACHERS = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Plan:
    """None is unlimited. Bookings are those of a month (UTC), event types the published ones."""

    max_teachers: int | None
    max_bookings_per_month: int | None
    max_event_types: int | None
    features: frozenset[Feature]


_STARTER: frozenset[Feature] = frozenset({"workshops", "whitelist"})
_GROWTH: frozenset[Feature] = _STARTER | {"immersioSync", "landingTemplates"}
_PRO: frozenset[Feature] = _GROWTH | {"customDomain"}

PLANS: dict[PlanName, Plan] = {
    "LITE": Plan(1, 50, 3, frozenset()),
    "STARTER": Plan(3, 200, 10, _STARTER),
    "GROWTH": Plan(10, 1_000, 50, _GROWTH),
    "PRO": Plan(50, 5_000, 200, _PRO),
    "ENTERPRISE": Plan(None, None, None, _PRO),
}


def features_by(plan: PlanName, own: Any) -> frozenset[Feature]:
    """The plan's features, and what `own` (`Tenant.features`, a document or None) says otherwise of each."""
    said = overrides_of(own)
    withheld = {name for name, granted in said.items() if not granted}
    return frozenset((PLANS[plan].features | said.keys()) - withheld)


def overrides_of(own: Any) -> dict[Feature, bool]:
    """What `Tenant.features` says otherwise than the plan; what is no feature in it says nothing."""
    said = own if isinstance(own, dict) else {}
    return {name: said[name] for name in FEATURES if isinstance(said.get(name), bool)}
