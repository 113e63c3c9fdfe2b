"""pg8000 with one round trip a statement.

pg8000 spends three round trips on a statement with parameters (parse, describe, execute, each waited
for) and one more on BEGIN. Over a network each costs as much as the work itself. This connection sends
BEGIN, an opening statement (the tenant setting), and the statement in a single flush, and a COMMIT only
when a transaction is open. SQLAlchemy drives it like the stock one.

It also never loses step with the server. A whole message is encoded before its first byte is sent, so a
text that cannot be encoded sends nothing; and when an answer cannot be read to its end, whatever the
reason, the connection is closed, so that no later statement is given an earlier one's rows.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from socket import SHUT_RDWR
from struct import Struct
from typing import Any

from pg8000 import dbapi
from pg8000.converters import make_params
from pg8000.core import (
    BIND,
    COMMAND_COMPLETE,
    DESCRIBE,
    EMPTY_QUERY_RESPONSE,
    EXECUTE_MSG,
    NULL_BYTE,
    PARSE,
    PORTAL,
    READY_FOR_QUERY,
    SYNC_MSG,
    Context,
    _read,
    ci_unpack,
)

Statement = tuple[str, Sequence[Any]]

BEGIN: Statement = ("begin transaction", ())
COMMIT: Statement = ("commit", ())

_int32 = Struct("!i").pack
_int16 = Struct("!H").pack
_describe_portal = DESCRIBE + _int32(6) + PORTAL + NULL_BYTE
_null = _int32(-1)
# Portal and statement without names, all parameters as text.
_unnamed = NULL_BYTE + NULL_BYTE + _int16(0)


class OneFlushConnection(dbapi.Connection):  # type: ignore[misc]  # pg8000 has no annotations
    """A DBAPI connection; `round_trips` counts the times it waited for the server since it was made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._usock: Any
        self._sock: Any
        self.opening: Statement | None = None
        self.round_trips = 0

    def open_with(self, statement: str, values: Sequence[Any]) -> None:
        """Let the next transaction begin with `statement` ($1, $2 …), in the flush of its first one."""
        self.opening = (statement, values)

    def cursor(self) -> "OneFlushCursor":
        return OneFlushCursor(self)

    @property
    def is_closed(self) -> bool:
        return self._usock is None

    def close(self) -> None:
        """Say farewell where there is still somebody to hear it."""
        if not self.is_closed:
            super().close()

    def commit(self) -> None:
        self._require_open()
        self._end("commit")

    def rollback(self) -> None:
        self._end("rollback")

    def run(
        self, statement: str, values: Sequence[Any], stream: Any = None, *, last: bool = False
    ) -> Context:
        """Run one statement, beginning a transaction where none is open; return pg8000's context of it.

        The `last` one of a transaction takes the commit along; it is not reached when the statement fails.
        """
        asked = Context(statement, stream)
        before, after = self._due(), [COMMIT] if last else []
        messages = [*(self._message(*each) for each in before)]
        messages.append(self._message(statement, values, _describe_portal))
        messages += [*(self._message(*each) for each in after), SYNC_MSG]
        self._exchange(b"".join(messages), [*map(_unread, before), asked, *map(_unread, after)])
        return asked

    def _due(self) -> list[Statement]:
        if self._in_transaction or self.autocommit:
            return []
        opening, self.opening = self.opening, None
        return [BEGIN] if opening is None else [BEGIN, opening]

    def _end(self, command: str) -> None:
        self.opening = None
        if self._in_transaction:
            self._exchange(self._message(command, ()) + SYNC_MSG, [Context(command)])

    def _message(self, statement: str, values: Sequence[Any], describe: bytes = b"") -> bytes:
        """Parse, Bind, Describe and Execute of one statement, as the bytes of the extended protocol.

        Rows that nobody reads need not be described.
        """
        parameters = [_parameter(value) for value in make_params(self.py_types, values)]
        bind = b"".join((_unnamed, _int16(len(parameters)), *parameters, _int16(0)))
        return b"".join((_parse(statement), BIND, _int32(len(bind) + 4), bind, describe, EXECUTE_MSG))

    def _exchange(self, message: bytes, contexts: list[Context]) -> None:
        """Send a flush and read its answers; raise the first error that the server told."""
        self._require_open()
        self.round_trips += 1
        try:
            self._sock.write(message)
            self._sock.flush()
            self._read_answers(contexts)
        except BaseException as error:
            self._abandon()
            if isinstance(error, Exception):
                raise dbapi.InterfaceError("connection is closed: no whole answer came") from error
            raise
        for context in contexts:
            if context.error is not None:
                raise context.error

    def _read_answers(self, contexts: list[Context]) -> None:
        position, last, code = 0, len(contexts) - 1, None
        while code != READY_FOR_QUERY:
            code, length = ci_unpack(_read(self._sock, 5))
            data = _read(self._sock, length - 4)
            self.message_types[code](data, contexts[min(position, last)])
            position += code in (COMMAND_COMPLETE, EMPTY_QUERY_RESPONSE)

    def _abandon(self) -> None:
        """Close without a farewell: the server's side of the conversation is not known any more."""
        socket, file, self._usock, self._sock = self._usock, self._sock, None, None
        self._transaction_status = None
        with suppress(OSError, ValueError):
            socket.shutdown(SHUT_RDWR)
        # The file flushes what was not sent, which nobody takes any more.
        with suppress(OSError, ValueError):
            file.close()
        socket.close()

    def _require_open(self) -> None:
        if self.is_closed:
            raise dbapi.InterfaceError("connection is closed")


class OneFlushCursor(dbapi.Cursor):  # type: ignore[misc]  # pg8000 has no annotations
    """A DBAPI cursor of a `OneFlushConnection`."""

    def execute(self, operation: str, args: Sequence[Any] = (), stream: Any = None) -> None:
        if self._c is None:
            raise dbapi.InterfaceError("Cursor closed")
        statement = numbered(operation) if args else operation
        self._context = self._c.run(statement, args, stream)
        rows = self._context.rows
        self._row_iter = None if rows is None else iter(rows)


@lru_cache(maxsize=512)
def _parse(statement: str) -> bytes:
    """The message that names no types: the server finds them in the statement."""
    body: bytes = NULL_BYTE + statement.encode() + NULL_BYTE + _int16(0)
    return b"".join((PARSE, _int32(len(body) + 4), body))


def _unread(statement: Statement) -> Context:
    """A context that takes rows without looking into them."""
    return Context(statement[0], columns=())


@lru_cache(maxsize=512)
def numbered(operation: str) -> str:
    """`%s` placeholders as `$1`, `$2` …; the scan is slow and the statements are few."""
    convert: Callable[..., tuple[str, Any]] = dbapi.convert_paramstyle
    return convert("format", operation, ())[0]


def _parameter(value: str | None) -> bytes:
    if value is None:
        return _null
    encoded = value.encode()
    return _int32(len(encoded)) + encoded
