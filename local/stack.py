"""Everything of a run, started together and ended together."""

import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.aws import AwsServices, aws_services
from local.aws_resources import create_resources
from local.cloudformation import read_yaml
from local.database import Database, allow_logins, database, let_the_migrator_in
from local.fakes.immersio import immersio_app
from local.fakes.stripe import stripe_app
from local.functions import Functions, running_functions
from local.gateway import Gateway
from local.issuer import Issuer, load_issuer
from local.local_pages import LocalPages
from local.names import REGION, Names
from local.queues import RETRY_SECONDS, polled_queues
from local.schedules import Schedules, kept_schedules
from local.state import told_state
from local.template import Template
from local.template_reader import resolve_template
from local.web import listen, serving, url_of

BOOTSTRAP = Path(__file__).resolve().parents[1] / "migrations" / "bootstrap.sql"
AUDIENCE = "booking-service"
MAIL_FROM = "bookings@example.com"
UNKNOWN_DATABASE = Database("postgresql://owner@not-yet-known/booking")


@dataclass(frozen=True)
class Foundation:
    """What there is before the functions start: enough to migrate, to seed and to sign tokens."""

    api_url: str
    state_directory: Path
    names: Names
    template: Template
    database: Database
    aws: AwsServices
    issuer: Issuer
    stripe_url: str
    immersio_url: str


@dataclass(frozen=True)
class Stack:
    """A run; `state` is what .local/state.json says."""

    foundation: Foundation
    functions: Functions
    schedules: Schedules
    state: Mapping[str, Any]

    @property
    def api_url(self) -> str:
        return self.foundation.api_url


# Fills the database and gives its part of the state: tenants, superAdminToken, stripe, immersio.
Prepare = Callable[[Foundation], Mapping[str, Any]]
Progress = Callable[[str], None]


def migrated_and_seeded(foundation: Foundation) -> Mapping[str, Any]:
    # Not above: tests of this run do without the service that these two import.
    from local.seed import seed
    from local.vendors import connect_vendors
    from migrations.run import upgrade

    found_database = foundation.database
    # On a server of our own everything is as when deployed; on another one, whoever owns it migrates.
    migrator = let_the_migrator_in(found_database, BOOTSTRAP) if found_database.is_ours else None
    upgrade(migrator or found_database.owner_url)
    allow_logins(found_database)
    found = seed(foundation.database.owner_url, foundation.issuer)
    connect_vendors(foundation, found["tenants"])
    return found


def silent(_: str) -> None:
    """Says nothing."""


@contextmanager
def running_stack(
    root: Path,
    state_directory: Path,
    port: int = 0,
    database_url: str | None = None,
    *,
    prepare: Prepare = migrated_and_seeded,
    progress: Progress = silent,
    retry_after: int = RETRY_SECONDS,
) -> Iterator[Stack]:
    """Runs `root`/template.yaml, keeping its data in `state_directory`; several can run at once.

    `port` 0 takes a free one. `database_url` is the owner's; None starts a Postgres of our own. Messages
    that failed come again after `retry_after` seconds.
    """
    logs = state_directory / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    with ExitStack() as exits:
        listener = exits.enter_context(listen(port))
        foundation = exits.enter_context(founded(root, state_directory, database_url, listener, progress))
        progress("Filling the database")
        found = prepare(foundation)
        progress("Starting the functions")
        surroundings = {
            "AWS_ENDPOINT_URL": foundation.aws.endpoint_url,
            "PGPASSWORD": foundation.database.role_password,
            # Only here may a school's Immersio be on this machine.
            "IMMERSIO_ALLOW_LOOPBACK": "1",
        }
        template = foundation.template
        functions = exits.enter_context(running_functions(template, root, logs, surroundings))
        schedules = exits.enter_context(kept_schedules(template.schedules, functions))
        exits.enter_context(
            polled_queues(template, foundation.names, foundation.aws, functions, retry_after=retry_after)
        )
        state = {**described(foundation), **found}
        pages = LocalPages(template, functions, schedules, foundation.aws, foundation.issuer, state, logs)
        exits.enter_context(serving(Gateway(template, functions, foundation.issuer, pages), listener))
        exits.enter_context(told_state(state_directory / "state.json", state))
        yield Stack(foundation, functions, schedules, state)


@contextmanager
def founded(
    root: Path,
    state_directory: Path,
    database_url: str | None,
    listener: socket.socket,
    progress: Progress,
) -> Iterator[Foundation]:
    """Postgres and the AWS services start side by side; a template that does not fit stops both."""
    api_url = url_of(listener)
    issuer = load_issuer(f"{api_url}/_local/issuer", AUDIENCE, state_directory / "issuer.pem")
    document = read_yaml((root / "template.yaml").read_text(encoding="utf-8"))
    with ExitStack() as exits:
        aws_listener = exits.enter_context(listen())
        names = Names("booking", url_of(aws_listener), api_url)
        # What it cannot drive is refused before anything starts.
        planned = resolve_template(document, parameters(issuer, UNKNOWN_DATABASE), names)
        progress("Starting Postgres and the AWS services")
        with ThreadPoolExecutor(1) as threads:
            starting = threads.submit(exits.enter_context, database(state_directory, database_url))
            aws = exits.enter_context(
                aws_services(
                    aws_listener,
                    [names.key(logical_id) for logical_id in planned.keys],
                    state_directory / "kms-keys.json",
                    MAIL_FROM,
                    state_directory / "logs" / "aws.log",
                )
            )
            create_resources(aws, planned, names)
            found = starting.result()
        stripe_url, immersio_url = (exits.enter_context(serving(app())) for app in (stripe_app, immersio_app))
        told = {**parameters(issuer, found), "StripeApiUrl": stripe_url}
        template = resolve_template(document, told, names)
        yield Foundation(
            api_url, state_directory, names, template, found, aws, issuer, stripe_url, immersio_url
        )


def parameters(issuer: Issuer, found: Database) -> dict[str, str]:
    """The template's parameters in this run. Browsers take every name under localhost to this machine."""
    return {
        "Stage": "dev",
        "BaseDomain": "localhost",
        "ApiHosts": "127.0.0.1,localhost",
        "JwtIssuer": issuer.url,
        "JwtAudience": issuer.audience,
        "MailFrom": MAIL_FROM,
        "PublicPort": str(urlsplit(issuer.url).port),
        "DatabaseHost": found.host,
        "DatabasePort": str(found.port),
        "DatabaseName": found.name,
    }


def described(foundation: Foundation) -> dict[str, Any]:
    names, template = foundation.names, foundation.template
    return {
        "apiUrl": foundation.api_url,
        "databaseUrl": foundation.database.owner_url,
        "appDatabaseUrl": foundation.database.url_of("booking_app"),
        "tenants": {},
        "aws": {
            "endpointUrl": foundation.aws.endpoint_url,
            "region": REGION,
            "buckets": {logical_id: names.bucket(logical_id) for logical_id in template.buckets},
            "queues": {logical_id: names.queue_url(logical_id) for logical_id in template.queues},
        },
        "stripe": {"apiUrl": foundation.stripe_url, "controlUrl": f"{foundation.stripe_url}/_control"},
        "immersio": {"apiUrl": foundation.immersio_url, "controlUrl": f"{foundation.immersio_url}/_control"},
        "mailbox": f"{foundation.api_url}/_local/mail",
    }
