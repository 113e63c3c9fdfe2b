"""What the document says is what the service does, and what it does not say is refused: over real HTTP.

Schemathesis asks every operation with what its schema allows and with what it does not, each with all
checks, and follows the links from answer to question.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from local.stack import Stack, running_stack
from shared.database import driver_url
from tests.databases import TestDatabase
from tests.invariants import broken_invariants

ROOT = Path(__file__).resolve().parents[2]
# A few that are the same each time, or fresh ones by what `make fuzz` is told: each is a request or several.
FUZZED = int(os.environ.get("FUZZ_EXAMPLES", "0"))
EXAMPLES = ["--max-examples", str(max(FUZZED // 10, 5))]
EXAMPLES += [] if FUZZED else ["--generation-deterministic"]

# Whoever guesses is told to wait, which would hide from Schemathesis all that comes after; here every
# request comes from a line of its own.
NOBODY_ASKS_TWICE = (
    """CREATE FUNCTION another_line() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN NEW.subject := gen_random_uuid()::text; RETURN NEW; END $$""",
    """CREATE TRIGGER another_line BEFORE INSERT ON "RequestCount"
       FOR EACH ROW EXECUTE FUNCTION another_line()""",
)

# API Gateway tells 404 for a method that a path does not have. A missing manage token is like a wrong one:
# nothing is there. What no schema can say is refused by 422, which `hooks` looks at more closely. A school
# has so many backups a day, which is told by 429.
SETTINGS = """
hooks = "tests.conformance.hooks"
headers = {{ "X-Tenant" = "{school}" }}

[auth.openapi.StaffToken]
bearer = "{token}"

[checks.unsupported_method]
enabled = false

[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "404", "422"]

# The token may be in the link instead of the header, which is what is left out there.
[[operations]]
include-path-regex = "^/v1/(bookings|waitlist-entries)/"
checks.ignored_auth.enabled = false

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]
"""


@dataclass(frozen=True)
class Service:
    """A whole local run, and its database as its owner sees it."""

    stack: Stack
    database: TestDatabase


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_stack(ROOT, tmp_path_factory.mktemp("run"), retry_after=1) as stack:
        url = str(stack.state["databaseUrl"])
        owner = create_engine(driver_url(url), isolation_level="AUTOCOMMIT")
        database = TestDatabase(url, url, url, owner)
        for statement in NOBODY_ASKS_TWICE:
            database.rows(statement)
        yield Service(stack, database)
        owner.dispose()


def token_of(state: Any, school: str, role: str) -> str:
    if role == "super admin":
        return str(state["superAdminToken"])
    of_school = state["tenants"][school]
    return str(of_school["adminToken"] if role == "admin" else of_school["teachers"][0]["token"])


def phases_of(role: str) -> list[str]:
    """Every limit of every schema is tried by an admin; what others may not do is mostly refused before."""
    return [] if FUZZED or role == "admin" else ["--phases", "examples,fuzzing,stateful"]


@pytest.mark.hypothesis
@pytest.mark.parametrize(
    ("school", "role"), [("aurora", "admin"), ("lotus", "teacher"), ("lotus", "super admin")]
)
def test_the_service_keeps_to_its_document(service: Service, tmp_path: Path, school: str, role: str) -> None:
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS.format(school=school, token=token_of(service.stack.state, school, role)))
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings)),
            *(
                "run",
                f"{service.stack.api_url}/openapi.json",
                "--warnings",
                "off",
                *EXAMPLES,
                *phases_of(role),
            ),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-30_000:] + ran.stderr[-5_000:]
    assert broken_invariants(service.database) == []
