"""The pages of a school."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from shared.edge.pages import Page
from shared.environment import required
from shared.errors import Problem
from shared.one_flush import OneFlushConnection
from shared.pages.find_school import (
    NoSchool,
    School,
    find_school,
    find_school_and_offer,
    find_school_and_offers,
)
from shared.pages.languages import language_of
from shared.pages.links import origin_of
from shared.pages.render_page import Reader, render_page
from shared.plain_database import PlainDatabase
from shared.telemetry import logger
from shared.tenants.address import tenant_address

# Long enough for a crowd that comes at once, short enough for who has just changed the page.
_KEPT = "public, max-age=60"
_NOT_FOUND = {"X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What the environment says; pydantic would take longer than all the rest."""

    database_url: str
    base_domain: str
    own_hosts: frozenset[str]
    public_port: int

    @classmethod
    def from_environment(cls) -> Self:
        """Raises KeyError or ValueError, which name what is missing."""
        hosts = os.environ.get("API_HOSTS", "").lower().split(",")
        return cls(
            database_url=required("DATABASE_URL"),
            base_domain=required("BASE_DOMAIN"),
            own_hosts=frozenset(host.strip() for host in hosts if host.strip()),
            public_port=int(required("PUBLIC_PORT")),
        )

    def origin_of(self, school: School) -> str:
        """Where the school is reached, whichever way this request came."""
        host = school.domain or f"{school.subdomain}.{self.base_domain}"
        return f"https://{host}" if self.public_port == 443 else f"http://{host}:{self.public_port}"


@dataclass(frozen=True, slots=True)
class Request:
    """`host` as API Gateway knows it; `named` is the header X-Tenant, which counts on the API's own host."""

    path: str
    query: Mapping[str, str]
    host: str
    named: str | None
    accepted: str | None
    at: datetime

    def reader(self, school: School | None) -> Reader:
        asked = self.query.get("lang")
        language = language_of(asked, self.accepted, school.locale if school else None)
        return Reader(language, asked == language, self.path)


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages share."""

    settings: PageSettings
    database: PlainDatabase

    def found(self, request: Request, find: Callable[[OneFlushConnection], School]) -> School:
        """What `find` finds at the address of the request."""
        own_hosts, base_domain = self.settings.own_hosts, self.settings.base_domain
        address = tenant_address(request.host, request.named, base_domain=base_domain, own_hosts=own_hosts)
        logger.append_keys(tenant=address.label or address.domain)
        return self.database.in_tenant(address.opening(), find)

    def html(self, name: str, request: Request, school: School, **told: Any) -> str:
        return render_page(name, request.reader(school), school, self.settings.origin_of(school), **told)


def home(site: Site, request: Request) -> Page:
    """The landing page; before it is published, what can be booked and nothing else."""
    school = site.found(request, lambda c: find_school_and_offers(c, request.at.isoformat()))
    name = f"landing/{school.landing.design}" if school.landing.is_published else "landing/plain"
    return _public(site, request, school, name)


def book(site: Site, request: Request, slug: str) -> Page:
    """Where one thing is booked. Raises NotFound for what is not offered."""
    number = request.query.get("type")
    school = site.found(request, lambda c: find_school_and_offer(c, slug, number))
    return _public(site, request, school, "book")


def of_holder(site: Site, request: Request, name: str) -> Page:
    """For whoever holds a token, also at a school that is closed; the script asks for what it opens.

    Nobody keeps or finds a page whose address may hold a token, and it shows nothing from elsewhere.
    """
    return Page(site.html(name, request, site.found(request, find_school)), headers=_NOT_FOUND)


def closed_or_gone(request: Request, problem: Problem) -> Page:
    """A problem as a page."""
    names = {404: "not_found", 503: "busy"}
    told = "no_school" if isinstance(problem, NoSchool) else names.get(problem.status, "wrong")
    return Page(
        render_page("message", request.reader(None), None, told=told),
        status=problem.status,
        headers=_NOT_FOUND,
    )


def _public(site: Site, request: Request, school: School, name: str) -> Page:
    if not school.is_open:
        return Page(site.html("message", request, school, told="closed"), status=403, headers=_NOT_FOUND)
    indexed = school.landing.is_published
    return Page(
        site.html(name, request, school, indexed=indexed),
        kept=_KEPT,
        images=tuple(origin_of(url) for url in school.landing.pictures),
        headers={} if indexed else _NOT_FOUND,
    )
