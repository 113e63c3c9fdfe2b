"""How each page of a school is asked for, and what tells them from the operations of the API."""

from collections.abc import Callable

from shared.openapi.operation import Operation
from tests.isolation.recipes import Call, Names, get

PAGE_RECIPES: dict[str, Callable[[Names], Call]] = {
    "homePage": lambda names: get(names, "/"),
    "bookPage": lambda names: get(names, "/book/conversation", type=names.event_type),
    "bookingPage": lambda names: get(names, f"/bookings/{names.uid}", manageToken=names.token),
    "waitlistPage": lambda names: get(names, f"/waitlist/{names.entry}", manageToken=names.token),
    "asset": lambda names: get(names, "/assets/theme.css"),
    "preview": lambda names: get(names, "/templates/personal-tutor.jpg"),
    "robots": lambda names: get(names, "/robots.txt"),
    "icon": lambda names: get(names, "/favicon.ico"),
}
PATHS = {
    "homePage": "/",
    "bookPage": "/book/{slug}",
    "bookingPage": "/bookings/{uid}",
    "waitlistPage": "/waitlist/{id}",
    "asset": "/assets/{name}",
    "preview": "/templates/{name}",
    "robots": "/robots.txt",
    "icon": "/favicon.ico",
}
PAGES = [
    Operation("GET", path, name, "For browsers", "Pages", None, media_type="text/html")
    for name, path in PATHS.items()
]
