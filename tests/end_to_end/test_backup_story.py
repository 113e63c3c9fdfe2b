"""A school is backed up and comes back as another one, over HTTP, queues and schedules."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from local.stack import Stack
from tests.end_to_end.test_stories import as_admin

LONGEST_SECONDS = 60


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.api_url, trust_env=False, timeout=60) as client:
        yield client


def done(look: Callable[[], Any]) -> Any:
    """What `look` tells once it is neither waiting nor running."""
    last = time.monotonic() + LONGEST_SECONDS
    while (told := look())["status"] in ("PENDING", "RUNNING") and time.monotonic() < last:
        time.sleep(0.2)
    assert told["status"] == "COMPLETED", told
    return told


def test_a_school_that_was_backed_up_stands_beside_itself(stack: Stack, http: httpx.Client) -> None:
    admin = as_admin(stack, "aurora")
    root = {"Authorization": f"Bearer {stack.state['superAdminToken']}"}
    school = stack.state["tenants"]["aurora"]["id"]
    sweep = "/_local/schedules/TenantBackupFunctionCarryOutBackups/run"

    backup = http.post("/v1/admin/backups", headers=admin).json()
    assert http.post(sweep).is_success
    made = done(lambda: http.get(f"/v1/admin/backups/{backup['id']}", headers=admin).json())
    assert made["rows"] > 20

    wanted = {"backupId": backup["id"], "as": {"name": "Aurora again", "subdomain": "aurora-again"}}
    asked = http.post(f"/v1/platform/tenants/{school}/restore", json=wanted, headers=root)
    assert asked.status_code == 202, asked.text
    assert http.post(sweep).is_success
    restored = done(lambda: http.get(asked.headers["location"], headers=root).json())
    assert restored["tenantId"] != school

    offered, of_the_copy = (
        http.get("/v1/event-types", headers={"X-Tenant": name}).json()["eventTypes"]
        for name in ("aurora", "aurora-again")
    )
    assert [each["slug"] for each in of_the_copy] == [each["slug"] for each in offered] != []
    assert not {each["id"] for each in of_the_copy} & {each["id"] for each in offered}
