"""Rows into a table by COPY, as fast as the server takes them and in flat memory."""

from collections.abc import Iterator

from sqlalchemy import Connection

from shared.sqlstates import sqlstate


def copy_rows(connection: Connection, statement: str, rows: Iterator[bytes]) -> int:
    """Run `COPY … FROM STDIN` with `rows` in COPY's text format; how many rows the server took.

    When `rows` raises, nothing is copied and the connection is closed: half a stream was sent, and the
    server would take whatever followed for the rest of it.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement, (), stream=rows)  # type: ignore[call-arg]  # pg8000's own argument
    except BaseException as error:
        # SQLAlchemy does not see what its cursors do not run.
        if sqlstate(error) is None:
            connection.invalidate(error)
        raise
    return int(cursor.rowcount)
