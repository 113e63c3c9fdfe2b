"""Lists and rejected lines as CSV that a spreadsheet opens as what it is: text."""

from typing import Any, BinaryIO

from sqlalchemy import Connection, TextClause, text

# What begins so, the second four being fullwidth, would be a formula. After an apostrophe it is text; an
# import takes that away again.
_FORMULA = r"^[-=+@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]"
_SAFE = f"CASE WHEN {{0}} ~ '{_FORMULA}' THEN '''' || {{0}} ELSE {{0}} END"
LINES_IN_A_BLOCK, BLOCKS_AT_ONCE = 1_000, 20
# One statement, so one moment: a list that is replaced meanwhile is the old one or the new one.
_DECLARE = """
    DECLARE written NO SCROLL CURSOR FOR
    SELECT string_agg(line, E'\\r\\n' ORDER BY place) AS text, count(*) AS lines
    FROM ({lines}) AS told (place, line) GROUP BY (place - 1) / {block} ORDER BY min(place)
"""
_FETCH = text(f"FETCH {BLOCKS_AT_ONCE} FROM written")


def _cursor(lines: str) -> TextClause:
    return text(_DECLARE.format(lines=lines, block=LINES_IN_A_BLOCK))


_ENTRIES = _cursor(f"""
    SELECT row_number() OVER (ORDER BY email),
           {_SAFE.format("email")} || ',' || to_char("addedAt", 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM "WhitelistEntry" WHERE "tenantId" = :tenant AND "eventTypeId" = :event_type
""")  # noqa: S608  # only constants are put in
_REJECTED = _cursor(f"""
    SELECT row_number() OVER (ORDER BY "lineNumber"),
           "lineNumber" || ',"' || replace({_SAFE.format("value")}, '"', '""') || '",' || reason
    FROM "WhitelistRejection" WHERE "tenantId" = :tenant AND "importId" = CAST(:import AS uuid)
""")  # noqa: S608  # the same


def write_entries(connection: Connection, tenant_id: int, event_type_id: int, file: BinaryIO) -> int:
    """The whole list of an event type, by address; how many lines follow the header."""
    return _write(connection, _ENTRIES, {"tenant": tenant_id, "event_type": event_type_id}, file,
                  "email,addedAt")  # fmt: skip


def write_rejected_lines(connection: Connection, tenant_id: int, import_id: Any, file: BinaryIO) -> int:
    """All that an import rejected, by line; how many there are."""
    return _write(connection, _REJECTED, {"tenant": tenant_id, "import": str(import_id)}, file,
                  "line,value,reason")  # fmt: skip


def _write(
    connection: Connection, cursor: TextClause, values: dict[str, Any], file: BinaryIO, header: str
) -> int:
    # A transaction that is run anew writes anew.
    file.truncate(0)
    file.seek(0)
    # The mark tells Excel that it is UTF-8.
    file.write(f"\ufeff{header}\r\n".encode())
    connection.execute(cursor, values)
    written = 0
    while blocks := connection.execute(_FETCH).all():
        for block in blocks:
            file.write(f"{block.text}\r\n".encode())
            written += block.lines
    return written
