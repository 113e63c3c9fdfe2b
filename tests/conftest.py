"""A real Postgres for every worker, a database of its own for every test, and the handlers themselves."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import settings

from local.postgres import PostgresServer, temporary_postgres_server
from tests.databases import TestDatabase, prepared_template
from tests.functions import AUDIENCE, ISSUER, Api, LoadedFunction, load_function
from tests.schools import School, make_school

os.environ["PYTHONTZPATH"] = ""
os.environ["POWERTOOLS_METRICS_NAMESPACE"] = "BookingService"
os.environ["POWERTOOLS_SERVICE_NAME"] = "booking"

BASE_DOMAIN = "booking.test"

# The same examples at each run, so that the gate says something about the change and not about luck;
# `make fuzz` looks further.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("fresh", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "2000")), deadline=None)
settings.load_profile("fresh" if "FUZZ_EXAMPLES" in os.environ else "repeatable")

Load = Callable[..., LoadedFunction]
Clock = Callable[[datetime], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=1, help="how often each race is run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    rounds: int = metafunc.config.getoption("--rounds")
    if rounds > 1 and metafunc.definition.get_closest_marker("race"):
        metafunc.fixturenames.append("round_of_race")
        metafunc.parametrize("round_of_race", range(rounds))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server a worker process, with the migrated template database on it."""
    with temporary_postgres_server() as server:
        prepared_template(server.url)
        yield server


@pytest.fixture(scope="session")
def worker_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """The one that this worker's tests use in turn."""
    with TestDatabase.copy_of_template(postgres.url) as made:
        yield made


@pytest.fixture
def database(worker_database: TestDatabase) -> Iterator[TestDatabase]:
    """A migrated database without a school, which nobody else uses meanwhile."""
    yield worker_database
    worker_database.wipe()


@pytest.fixture
def own_database(postgres: PostgresServer) -> Iterator[TestDatabase]:
    """A migrated database for a test that changes its schema or breaks its connections."""
    with TestDatabase.copy_of_template(postgres.url) as made:
        yield made


@pytest.fixture
def school(database: TestDatabase) -> School:
    """The school `aurora`: one teacher in New York, weekdays 9 to 17, free lessons of 30 minutes."""
    return make_school(database, "aurora")


@pytest.fixture
def load(database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads a function's app.py anew, as a cold start does, under the given environment."""

    def loaded(name: str, **environment: str) -> LoadedFunction:
        variables = {
            "DATABASE_URL": database.app_url,
            "BASE_DOMAIN": BASE_DOMAIN,
            "API_HOSTS": f"api.{BASE_DOMAIN}",
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
            "NAMESERVER": "127.0.0.1:9",
            "PUBLIC_PORT": "443",
            "IMAGE_HOSTS": "images.test,.cdn.test",
            "STRIPE_API_URL": "http://127.0.0.1:9",
            "TENANT_SECRETS_KEY_ID": "no key",
            "IMMERSIO_HOST_SUFFIXES": ".immersio.com",
            **environment,
        }
        for variable, value in variables.items():
            monkeypatch.setenv(variable, value)
        return load_function(name)

    return loaded


@pytest.fixture
def api(load: Load) -> Iterator[Api]:
    """What students and integrators call, through the real handler."""
    function = load("booking_api")
    yield Api(function)
    function.close()


@pytest.fixture
def clock(api: Api, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the clock of what students call, which is read at the edge only."""

    def set_to(now: datetime) -> None:
        class Stopped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return now

        from shared.edge import holders

        for module in (api.function.module, *api.function.beside, holders):
            monkeypatch.setattr(module, "datetime", Stopped, raising=False)

    return set_to
