"""What a browser asks a school for: its landing page, where to book, and what was booked."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import unquote

from school_pages import PageSettings, Request, Site, book, closed_or_gone, home, of_holder
from shared.edge.one_route import Event, header_of
from shared.edge.pages import Page, page_handler
from shared.errors import NotFound, Problem
from shared.plain_database import PlainDatabase
from static_pages import icon, picture, robots, static

settings = PageSettings.from_environment()
database = PlainDatabase(settings.database_url)
site = Site(settings, database)

# By the path's first part; API Gateway lets through only the routes of the template.
PAGES: dict[str, Callable[[Request, str], Page]] = {
    "": lambda request, _: home(site, request),
    "book": lambda request, slug: book(site, request, slug),
    "bookings": lambda request, _: of_holder(site, request, "booking"),
    "waitlist": lambda request, _: of_holder(site, request, "waitlist"),
    "assets": lambda request, name: static(name, request.query),
    "templates": lambda _, name: picture(name),
    "robots.txt": lambda _, __: robots(),
    "favicon.ico": lambda _, __: icon(),
}


def answer(event: Event) -> Page:
    kind, _, name = str(event["rawPath"])[1:].partition("/")
    if kind not in PAGES:
        raise NotFound
    return PAGES[kind](_request(event), unquote(name))


def failed(event: Event, problem: Problem) -> Page:
    told: Page = closed_or_gone(_request(event), problem)
    return told


def _request(event: Event) -> Request:
    return Request(
        query=event.get("queryStringParameters") or {},
        host=str(event["requestContext"]["domainName"]),
        named=header_of(event, "x-tenant"),
        accepted=header_of(event, "accept-language"),
        at=datetime.now(UTC),
    )


handler = page_handler(answer, failed)
