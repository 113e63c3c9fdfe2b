"""Which route an HTTP API picks: the exact path before one with parameters before a greedy one, the
method before ANY, `$default` last (API Gateway Developer Guide, «Routing API requests»).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from local.template import Route

PARAMETER = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True)
class CompiledRoute:
    """`rank` sorts the more exact route first."""

    route: Route
    pattern: re.Pattern[str]
    rank: tuple[tuple[int, ...], bool]


@dataclass(frozen=True)
class Match:
    route: Route
    parameters: Mapping[str, str]


def compiled(routes: Iterable[Route]) -> list[CompiledRoute]:
    return sorted((compile_route(route) for route in routes), key=lambda one: one.rank)


def compile_route(route: Route) -> CompiledRoute:
    path = route.event.path
    if path == "$default":
        return CompiledRoute(route, re.compile(".*", re.DOTALL), ((9,), True))
    ranks = tuple(segment_rank(segment) for segment in path.split("/"))
    pattern = "".join(
        re.escape(part) if index % 3 == 0 else group(part, PARAMETER.split(path)[index + 1])
        for index, part in enumerate(PARAMETER.split(path))
        if index % 3 != 2
    )
    return CompiledRoute(route, re.compile(pattern), (ranks, route.method == "ANY"))


def segment_rank(segment: str) -> int:
    found = PARAMETER.fullmatch(segment)
    if found is None:
        return 0
    return 2 if found[2] else 1


def group(name: str, greedy: str) -> str:
    return f"(?P<{name}>.+)" if greedy else f"(?P<{name}>[^/]+)"


def match(routes: Iterable[CompiledRoute], method: str, path: str) -> Match | None:
    """`path` is decoded, as an HTTP API has it; `routes` come from `compiled`."""
    for one in routes:
        if one.route.method in (method, "ANY") or one.route.key == "$default":
            found = one.pattern.fullmatch(path)
            if found is not None:
                return Match(one.route, found.groupdict())
    return None
