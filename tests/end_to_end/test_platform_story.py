"""The platform takes in a school, and what that school then is and uses, over HTTP and the real template."""

from typing import Any

import httpx
import pytest

from local.stack import Stack

TENANTS = "/v1/platform/tenants"
LILY = {
    "name": "Lily",
    "subdomain": "lily",
    "plan": "STARTER",
    "admin": {"name": "Lan", "email": "lan@lily.example"},
}


@pytest.fixture
def http(stack: Stack) -> Any:
    with httpx.Client(base_url=stack.api_url, trust_env=False, timeout=60) as client:
        yield client


def as_root(stack: Stack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.state['superAdminToken']}"}


def as_admin(stack: Stack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.state['tenants']['aurora']['adminToken']}"}


def offers(http: httpx.Client) -> httpx.Response:
    return http.get("/v1/event-types", headers={"X-Tenant": "lily"})


def test_nobody_else_gets_to_the_platforms_desk(stack: Stack, http: httpx.Client) -> None:
    assert http.get(TENANTS).status_code == 401
    refused = http.get(TENANTS, headers={**as_admin(stack), "X-Tenant": "aurora"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_school_is_taken_in_suspended_resumed_and_counted(stack: Stack, http: httpx.Client) -> None:
    root = as_root(stack)
    assert offers(http).status_code == 404
    made = http.post(TENANTS, json=LILY, headers={**root, "Idempotency-Key": "lily"})
    assert made.status_code == 201, made.text
    place = made.headers["location"]
    again = http.post(TENANTS, json=LILY, headers={**root, "Idempotency-Key": "lily"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
    assert offers(http).json() == {"eventTypes": []}

    assert http.post(f"{place}/suspend", json={"reason": "Unpaid"}, headers=root).status_code == 200
    assert (offers(http).status_code, offers(http).json()["code"]) == (403, "tenant_suspended")
    assert http.post(f"{place}/resume", headers=root).json()["status"] == "ACTIVE"
    assert offers(http).status_code == 200

    seen = http.get(place, headers=root).headers["etag"]
    first = http.patch(place, json={"plan": "GROWTH"}, headers={**root, "If-Match": seen})
    late = http.patch(place, json={"plan": "LITE"}, headers={**root, "If-Match": seen})
    assert (first.status_code, late.status_code) == (200, 412)

    run = http.post("/_local/schedules/UsageResetFunctionFirstOfMonth/run")
    assert run.status_code == 200, run.text
    used = http.get(f"{place}/usage", headers=root).json()
    assert (used["plan"], used["bookings"]) == ("GROWTH", {"used": 0, "allowed": 1_000, "percent": 0})


def test_an_admin_sees_what_their_school_uses_and_the_counters_are_right(
    stack: Stack, http: httpx.Client
) -> None:
    used = http.get("/v1/admin/usage", headers={**as_admin(stack), "X-Tenant": "aurora"})
    assert used.status_code == 200
    assert used.json()["plan"] == "PRO"
    http.post("/_local/schedules/UsageResetFunctionFirstOfMonth/run")
    recounted = http.post("/_local/functions/UsageResetFunction/invoke", json={"recount": True})
    assert recounted.json() == {"repaired": []}, recounted.text
