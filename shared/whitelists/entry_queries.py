"""Who is on a list."""

from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, text

from shared.event_types.errors import EventTypeNotFound
from shared.whitelists.entry_schemas import (
    WhitelistEntriesQuery,
    WhitelistEntryList,
    WhitelistEntryView,
    cursor_after,
)

COLUMNS = """
    id, "eventTypeId" AS event_type_id, email, "addedAt" AT TIME ZONE 'UTC' AS added_at,
    "addedBy" AS added_by
"""
_OFFERED = text('SELECT EXISTS (SELECT FROM "EventType" WHERE id = :event_type AND "tenantId" = :tenant)')
_LIST = text(f"""
    SELECT {COLUMNS} FROM "WhitelistEntry"
    WHERE "tenantId" = :tenant AND "eventTypeId" = :event_type AND email > :after
      AND (CAST(:search AS text) IS NULL OR position(CAST(:search AS text) IN email) > 0)
    ORDER BY email LIMIT :limit
""").bindparams(bindparam("search", type_=Text))  # noqa: S608  # only a constant is put in


def require_event_type(connection: Connection, tenant_id: int, event_type_id: int) -> None:
    """Raises EventTypeNotFound."""
    asked = {"tenant": tenant_id, "event_type": event_type_id}
    if not connection.execute(_OFFERED, asked).scalar_one():
        raise EventTypeNotFound


def list_whitelist_entries(
    connection: Connection, tenant_id: int, query: WhitelistEntriesQuery
) -> WhitelistEntryList:
    """A page of the addresses, in their order. Raises EventTypeNotFound."""
    found = connection.execute(_LIST, {
        "tenant": tenant_id,
        "event_type": query.event_type_id,
        "search": query.search,
        "after": query.cursor or "",
        "limit": query.limit + 1,
    }).all()  # fmt: skip
    if not found:
        require_event_type(connection, tenant_id, query.event_type_id)
    page = found[: query.limit]
    return WhitelistEntryList(
        whitelist_entries=[entry_view(row) for row in page],
        next_cursor=cursor_after(page[-1].email) if len(found) > len(page) else None,
    )


def entry_view(row: Row[Any]) -> WhitelistEntryView:
    return WhitelistEntryView(**row._mapping)
