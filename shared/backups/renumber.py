"""The rows of a copy get ids of their own, and whatever names a row names it by its new one."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from shared.backups.catalogue import Table, listed, quoted
from shared.backups.detach import other_value
from shared.backups.stage_backup import staged

# Named, and no reference that the database keeps.
ALSO_NAMED: Mapping[tuple[str, str], str] = {("users", "defaultScheduleId"): "Schedule"}
UID = "uid of a booking"
NAMED_AS_TEXT: Mapping[tuple[str, str], str] = {
    ("Booking", "uid"): UID,
    ("Booking", "iCalUID"): UID,
    ("Booking", "fromReschedule"): UID,
}
# By column, what its documents name under which key.
NAMED_IN_DOCUMENTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("OutboxMessage", "payload"): {
        "bookingId": "Booking",
        "bookingIds": "Booking",
        "previousId": "Booking",
        "waitlistEntryId": "WaitlistEntry",
        "userId": "users",
    },
    ("BookingEvent", "details"): {"uid": UID, "fromTeacherId": "users", "toTeacherId": "users"},
}

MOVED = """
    CREATE TEMPORARY TABLE moved (
        what text NOT NULL, old text NOT NULL, new text NOT NULL, PRIMARY KEY (what, old)
    ) ON COMMIT DROP
"""
OF_NUMBERS = "INSERT INTO moved SELECT {what}, id, nextval({sequence}) FROM (TABLE {staged} ORDER BY id) s"
OF_UUIDS = "INSERT INTO moved SELECT {what}, id, gen_random_uuid() FROM {staged}"
OF_UIDS = "INSERT INTO moved SELECT {what}, uid, replace(gen_random_uuid()::text, '-', '') FROM {staged}"


def renumber(connection: Connection, tables: Mapping[str, Table], tenant_id: int) -> None:
    """Give the staged rows new ids; they become those of the school `tenant_id`."""
    connection.exec_driver_sql(MOVED)
    for table in tables.values():
        if table.has_own_ids and table.name != "Tenant":
            connection.exec_driver_sql(_new_ids(table))
    connection.exec_driver_sql(OF_UIDS.format(what=_literal(UID), staged=staged("Booking")))
    connection.exec_driver_sql("ANALYZE moved")
    for table in tables.values():
        _rewrite(connection, tables, table, tenant_id)


def _new_ids(table: Table) -> str:
    what, source = _literal(table.name), staged(table.name)
    if table.sequence is not None:
        return OF_NUMBERS.format(what=what, staged=source, sequence=_literal(table.sequence))
    return OF_UUIDS.format(what=what, staged=source)


def _rewrite(connection: Connection, tables: Mapping[str, Table], table: Table, tenant_id: int) -> None:
    values = ", ".join(
        f"{_value(tables, table, column, tenant_id)} AS {quoted(column)}" for column in table.columns
    )
    target, rewritten = staged(table.name), staged(f"again {table.name}")
    for statement in (
        f"CREATE TEMPORARY TABLE {rewritten} (LIKE {quoted(table.name)} INCLUDING DEFAULTS) ON COMMIT DROP",
        f"INSERT INTO {rewritten} ({listed(table.columns)}) SELECT {values} FROM {target} s",  # noqa: S608
        f"DROP TABLE {target}",
        f"ALTER TABLE {rewritten} RENAME TO {target}",
        f"ANALYZE {target}",
    ):
        connection.exec_driver_sql(statement)


def _value(tables: Mapping[str, Table], table: Table, column: str, tenant_id: int) -> str:
    """The SQL of a column's value in the copy, over the staged row `s`."""
    place = (table.name, column)
    if column == table.tenant_column:
        return str(int(tenant_id))
    if (other := other_value(*place)) is not None:
        return other
    if place in NAMED_IN_DOCUMENTS:
        return _document(_of(column), NAMED_IN_DOCUMENTS[place])
    if place in NAMED_AS_TEXT:
        # Of what is not in the backup the name stays, and names nothing.
        return f"coalesce({_renamed(NAMED_AS_TEXT[place], _of(column), 'text')}, {_of(column)})"
    return _id_or_itself(tables, table, column)


def _id_or_itself(tables: Mapping[str, Table], table: Table, column: str) -> str:
    named = ALSO_NAMED.get((table.name, column)) or table.references.get(column)
    if column == "id" and table.has_own_ids:
        named = table.name
    if named is None or named == "LandingTemplate":
        return _of(column)
    # What names a row of Cal.com's other tables stays with the other school.
    return _renamed(named, _of(column), table.columns[column]) if named in tables else "NULL"


def _of(column: str) -> str:
    return f"s.{quoted(column)}"


def _renamed(what: str, old: str, kind: str) -> str:
    """The new name; NULL for what names nothing that was backed up."""
    return f"(SELECT new::{kind} FROM moved WHERE what = {_literal(what)} AND old = {old}::text)"  # noqa: S608


def _document(column: str, keys: Mapping[str, str]) -> str:
    """The document with other names under these keys; what names nothing any more is left out."""
    gone = ", ".join(_literal(key) for key in keys)
    renamed = ", ".join(_entries(column, keys))
    return f"({column} - ARRAY[{gone}]) || jsonb_strip_nulls(jsonb_build_object({renamed}))"


def _entries(column: str, keys: Mapping[str, str]) -> Iterator[str]:
    for key, what in keys.items():
        kind = "to_jsonb(new)" if what == UID else "to_jsonb(new::bigint)"
        old = f"{column}->>{_literal(key)}"
        one = f"(SELECT {kind} FROM moved WHERE what = {_literal(what)} AND old = {old})"  # noqa: S608
        many = f"""(SELECT jsonb_agg({kind} ORDER BY place)
                    FROM jsonb_array_elements_text({column}->{_literal(key)}) WITH ORDINALITY o (name, place)
                    JOIN moved ON what = {_literal(what)} AND old = name)"""  # noqa: S608
        is_list = f"jsonb_typeof({column}->{_literal(key)}) = 'array'"
        yield f"{_literal(key)}, CASE WHEN {is_list} THEN {many} ELSE {one} END"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
