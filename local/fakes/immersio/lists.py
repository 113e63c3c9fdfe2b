"""Lists in pages: checked parameters, cursors that expire, rows in the order of (updated_at, id)."""

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Self

from local.fakes.immersio.refusals import Refused
from local.fakes.immersio.times import instant_of, timestamp

TOMBSTONES_STAY = timedelta(days=30)
PARAMETERS = {"updated_since", "cursor", "limit", "include_deleted"}
DELETED = "tobedeleted"

Row = dict[str, Any]
Place = tuple[str, str]


@dataclass(frozen=True)
class ListQuery:
    """The checked parameters of a list."""

    updated_since: str = ""
    after: Place = ("", "")
    limit: int = 50
    include_deleted: bool = False

    @classmethod
    def of(cls, parameters: dict[str, str], now: datetime) -> Self:
        if unknown := set(parameters) - PARAMETERS:
            raise Refused(400, "unknown_parameter", ", ".join(sorted(unknown)))
        limit, deleted = parameters.get("limit", "50"), parameters.get("include_deleted", "false")
        if not limit.isdecimal() or not 1 <= int(limit) <= 200:
            raise Refused(400, "invalid_limit", limit)
        if deleted not in {"true", "false"}:
            raise Refused(400, "invalid_include_deleted", deleted)
        since = parameters.get("updated_since")
        if since is not None and instant_of(since, "invalid_updated_since") < now - TOMBSTONES_STAY:
            raise Refused(410, "cursor_expired")
        cursor = parameters.get("cursor")
        after = ("", "") if cursor is None else place_of(cursor, now)
        return cls(since or "", after, int(limit), deleted == "true")

    def wants(self, row: Row) -> bool:
        """Of those after the cursor."""
        return row["updated_at"] >= self.updated_since and (self.include_deleted or row["status"] != DELETED)


def page_of(rows: Sequence[Row], query: ListQuery, now: datetime) -> dict[str, Any]:
    """The envelope of a page of rows that are in order; tombstones that are too old are forgotten."""
    forgotten = timestamp(now - TOMBSTONES_STAY)
    rest = islice(rows, bisect_right(rows, query.after, key=place), None)
    kept = (row for row in rest if row["status"] != DELETED or row["updated_at"] >= forgotten)
    found = list(islice(filter(query.wants, kept), query.limit + 1))
    page = found[: query.limit]
    more = len(found) > query.limit
    return {
        "data": page,
        "next_cursor": cursor_at(place(page[-1]), now) if more else None,
        "as_of": timestamp(now),
    }


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=place)


def place(row: Row) -> Place:
    return row["updated_at"], str(row["id"])


def cursor_at(where: Place, now: datetime) -> str:
    return base64.urlsafe_b64encode(json.dumps([*where, timestamp(now)]).encode()).decode()


def place_of(cursor: str, now: datetime) -> Place:
    try:
        updated_at, row_id, issued = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError):
        raise Refused(400, "invalid_cursor") from None
    if instant_of(issued, "invalid_cursor") < now - TOMBSTONES_STAY:
        raise Refused(410, "cursor_expired")
    return updated_at, row_id
