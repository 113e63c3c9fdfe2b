"""The page about plans says what the code does."""

from pathlib import Path

import pytest

from shared.plans.plans import PLANS, PlanName

PAGE = (Path(__file__).resolve().parents[2] / "docs/plans.md").read_text(encoding="utf-8")


def rows_of_the_page() -> dict[str, list[str]]:
    """The cells of each row, by the plan."""
    lines = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("|")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


@pytest.mark.parametrize("name", PLANS)
def test_the_limits_are_those_of_the_code(name: PlanName) -> None:
    plan = PLANS[name]
    limits = (plan.max_teachers, plan.max_bookings_per_month, plan.max_event_types)
    assert rows_of_the_page()[name][:3] == [
        "unlimited" if limit is None else f"{limit:,}" for limit in limits
    ]


def test_the_features_are_those_of_the_code() -> None:
    told, so_far = rows_of_the_page(), set[str]()
    for name, plan in PLANS.items():
        cell = told[name][3]
        if cell != "all":
            so_far |= set(cell.replace("+", "").replace(",", " ").split())
        assert so_far == plan.features
