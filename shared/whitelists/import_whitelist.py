"""An uploaded list becomes the whitelist of an event type, whole or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, text

from shared.one_flush import Statement
from shared.tenant_scope import opening
from shared.whitelists.copy_rows import copy_rows
from shared.whitelists.errors import FileRefused, WhitelistImportNotFound
from shared.whitelists.read_addresses import Row as Line
from shared.whitelists.read_addresses import read_addresses

ROWS_IN_A_MESSAGE = 2_000
# A statement ends well within the seconds that a connection waits for an answer.
LINES_IN_A_STATEMENT = 200_000

# A second delivery waits for the first, or comes again. Not the import's row: that tells the progress.
LOCK_IMPORT = text("SELECT pg_advisory_xact_lock(hashtextextended('whitelist import', :import_hash))")
BEGIN = text("""
    SELECT "tenantId" AS tenant_id, "eventTypeId" AS event_type_id, mode, "emailHeader" AS email_header,
           status, "createdBy" AS created_by,
           "failureCode" AS failure_code, "rowsRead" AS rows_read, "rowsAdded" AS rows_added,
           "rowsAlreadyThere" AS rows_already_there, "rowsRemoved" AS rows_removed,
           "rowsRejected" AS rows_rejected
    FROM "WhitelistImport" WHERE id = CAST(:id AS uuid)
""")
# COPY lasts as long as the upload is read, which is longer than any request may take.
PREPARE = text("""
    SELECT set_config('statement_timeout', '600s', true), set_config('lock_timeout', '25s', true)
""")
STAGE = text("""
    CREATE TEMPORARY TABLE staged_address (line integer NOT NULL, address text NOT NULL, reason text)
    ON COMMIT DROP
""")
COPY = "COPY staged_address FROM STDIN"
MEASURE = text("ANALYZE staged_address")
# Two imports into one list go one after the other, so that each finds what the other left.
LOCK_LIST = text("SELECT pg_advisory_xact_lock(hashtextextended('whitelist', :event_type_id))")
REMOVE = text("""
    DELETE FROM "WhitelistEntry" w
    WHERE w."eventTypeId" = :event_type_id AND w."tenantId" = :tenant_id
      AND NOT EXISTS (SELECT FROM staged_address s WHERE s.address = w.email AND s.reason IS NULL)
""")
# Sorted, because neighbours in the file are seldom neighbours in the indexes.
ADD = text("""
    INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email, "addedBy", "addedAt")
    SELECT :tenant_id, :event_type_id, address, :created_by, CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    FROM staged_address WHERE reason IS NULL AND line > :after AND line <= :until
    ORDER BY address
    ON CONFLICT ("eventTypeId", email) DO NOTHING
""")
LAST_LINE = text("SELECT coalesce(max(line), 0) FROM staged_address")
REJECT = text("""
    INSERT INTO "WhitelistRejection" ("tenantId", "importId", "lineNumber", value, reason)
    SELECT :tenant_id, CAST(:id AS uuid), line, address, reason FROM staged_address
    WHERE reason IS NOT NULL AND line > :after AND line <= :until
""")
FINISH = text("""
    UPDATE "WhitelistImport"
    SET status = :status, "failureCode" = :failure_code, "rowsRead" = :read, "rowsAdded" = :added,
        "rowsAlreadyThere" = :already_there, "rowsRemoved" = :removed, "rowsRejected" = :rejected,
        "percentDone" = 100, "finishedAt" = CAST(:now AS timestamptz) AT TIME ZONE 'UTC'
    WHERE id = CAST(:id AS uuid)
""")

# Told which part of the work is done, from 0 to 1.
Progress = Callable[[float], None]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an import. Each line that was read is added, already there, or rejected."""

    status: Literal["COMPLETED", "FAILED"]
    failure_code: str | None = None
    read: int = 0
    added: int = 0
    already_there: int = 0
    removed: int = 0
    rejected: int = 0


def untold(_: float) -> None:
    """For whoever is not waiting."""


def of_import(import_id: UUID) -> Statement:
    """Opens a transaction that sees the rows of the school which asked for the import, and of no other."""
    return opening("tenant_id_of_import($1::uuid)", str(import_id))


def earlier_outcome(connection: Connection, import_id: UUID) -> Outcome | None:
    """What came of the import; None while it waits. Raises WhitelistImportNotFound."""
    return _earlier(_asked(connection, import_id))


def import_whitelist(
    connection: Connection,
    import_id: UUID,
    chunks: Iterator[bytes],
    now: datetime,
    tell: Progress = untold,
) -> Outcome:
    """Make the list of the file's bytes; a file that cannot be read changes no list.

    Run once for an import, however often it is called: later calls do not touch `chunks`. `tell` is told
    how much of the decision is made. Raises WhitelistImportNotFound.
    """
    connection.execute(LOCK_IMPORT, {"import_hash": hash_of(import_id)})
    asked = _asked(connection, import_id)
    earlier = _earlier(asked)
    if earlier is not None:
        return earlier
    outcome = _carry_out(connection, import_id, asked, chunks, now, tell)
    connection.execute(FINISH, {**asdict(outcome), "id": str(import_id), "now": now})
    return outcome


def hash_of(import_id: UUID) -> int:
    """Of the id, as many bits as a lock has."""
    return int.from_bytes(import_id.bytes[:8], signed=True)


def _asked(connection: Connection, import_id: UUID) -> Row[Any]:
    asked = connection.execute(BEGIN, {"id": str(import_id)}).one_or_none()
    if asked is None:
        raise WhitelistImportNotFound
    return asked


def _carry_out(
    connection: Connection,
    import_id: UUID,
    asked: Row[Any],
    chunks: Iterator[bytes],
    now: datetime,
    tell: Progress,
) -> Outcome:
    refusals: list[FileRefused] = []
    connection.execute(PREPARE)
    connection.execute(STAGE)
    rows = read_addresses(chunks, asked.email_header)
    read = copy_rows(connection, COPY, _messages(_until_refused(rows, refusals)))
    if refusals:
        return Outcome("FAILED", refusals[0].code)
    if not read:
        return Outcome("FAILED", "empty_file")
    connection.execute(MEASURE)
    of_import = {"tenant_id": asked.tenant_id, "id": str(import_id)}
    rejected = sum(_by_slices(connection, REJECT, of_import, untold))
    if rejected == read and asked.mode == "replace":
        return Outcome("FAILED", "no_addresses", read=read, rejected=rejected)
    connection.execute(LOCK_LIST, {"event_type_id": asked.event_type_id})
    the_list = {"tenant_id": asked.tenant_id, "event_type_id": asked.event_type_id}
    removed = connection.execute(REMOVE, the_list).rowcount if asked.mode == "replace" else 0
    whose = {**the_list, "created_by": asked.created_by, "now": now}
    added = sum(_by_slices(connection, ADD, whose, tell))
    return Outcome("COMPLETED", None, read, added, read - rejected - added, removed, rejected)


def _until_refused(rows: Iterator[Line], refusals: list[FileRefused]) -> Iterator[Line]:
    """The rows up to where the file is found to be none: COPY then ends in good order."""
    try:
        yield from rows
    except FileRefused as refusal:
        refusals.append(refusal)


def _messages(rows: Iterator[Line]) -> Iterator[bytes]:
    """Rows in COPY's text format, many to a message."""
    while several := list(islice(rows, ROWS_IN_A_MESSAGE)):
        yield "".join(map(_copied, several)).encode()


def _copied(row: Line) -> str:
    line, address, reason = row
    if reason is None:
        return f"{line}\t{address}\t\\N\n"
    return f"{line}\t{address.translate(_ESCAPES)}\t{reason}\n"


def _by_slices(
    connection: Connection, statement: TextClause, values: dict[str, Any], tell: Progress
) -> Iterator[int]:
    """Run `statement` over all lines, some at a time; how many rows it wrote each time."""
    last = connection.execute(LAST_LINE).scalar_one()
    for after in range(0, last, LINES_IN_A_STATEMENT):
        lines = {"after": after, "until": after + LINES_IN_A_STATEMENT}
        yield connection.execute(statement, {**values, **lines}).rowcount
        tell(min(1.0, lines["until"] / last))


def _earlier(asked: Row[Any]) -> Outcome | None:
    if asked.status not in ("COMPLETED", "FAILED"):
        return None
    return Outcome(
        asked.status,
        asked.failure_code,
        asked.rows_read,
        asked.rows_added,
        asked.rows_already_there,
        asked.rows_removed,
        asked.rows_rejected,
    )
