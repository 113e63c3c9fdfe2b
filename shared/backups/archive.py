"""The inside of a backup: tables as COPY writes them, one after the other, and a manifest at the end.

    {"table": "Booking", "columns": ["id", …]}
    rows
    \\.
    {"manifest": {…}}

All of it compressed. A line of COPY's text format is never `\\.`, so that ends a table.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.backups.errors import RestoreRefused
from shared.backups.manifest import Manifest, TableEntry

BLOCK = 256 * 1024
GZIP = 31
# Beyond it a file becomes little smaller, and the work doubles.
COMPRESSION = 3
END_OF_ROWS = b"\\.\n"
LONGEST_LINE = 1 << 20


class Sink(Protocol):
    def write(self, data: bytes) -> Any: ...


@dataclass
class RowCounter:
    """What goes by: rows, bytes and their digest."""

    rows: int = 0
    size: int = 0
    _digest: Any = field(default_factory=hashlib.sha256, repr=False)

    def count(self, data: bytes) -> None:
        self.rows += data.count(b"\n")
        self.size += len(data)
        self._digest.update(data)

    def entry(self, columns: Sequence[str]) -> TableEntry:
        return TableEntry(
            columns=list(columns), rows=self.rows, bytes=self.size, sha256=self._digest.hexdigest()
        )


@dataclass
class ArchiveWriter:
    """Writes into `sink`; what is given to it between `begin` and `end` are the rows of a table."""

    sink: Sink
    _packer: Any = field(default_factory=lambda: zlib.compressobj(COMPRESSION, wbits=GZIP), repr=False)
    _waiting: bytearray = field(default_factory=bytearray, repr=False)
    _counter: RowCounter = field(default_factory=RowCounter)

    def begin(self, table: str, columns: Sequence[str]) -> None:
        self._pack(_line({"table": table, "columns": list(columns)}))
        self._counter = RowCounter()

    def write(self, rows: bytes) -> None:
        """One row a call or many, whole ones."""
        self._waiting += rows
        if len(self._waiting) >= BLOCK:
            self._pass_on()

    def end(self, columns: Sequence[str]) -> TableEntry:
        self._pass_on()
        self._pack(END_OF_ROWS)
        return self._counter.entry(columns)

    def close(self, manifest: Manifest) -> None:
        self._pack(_line({"manifest": manifest.model_dump(mode="json", by_alias=True)}))
        self.sink.write(self._packer.flush())

    def _pass_on(self) -> None:
        block = bytes(self._waiting)
        self._waiting.clear()
        self._counter.count(block)
        self._pack(block)

    def _pack(self, data: bytes) -> None:
        packed = self._packer.compress(data)
        if packed:
            self.sink.write(packed)


@dataclass
class ArchiveReader:
    """Reads what an `ArchiveWriter` wrote: `headline`, and after that of a table its `rows` to their end.

    The manifest comes last. Raises RestoreRefused("backup_unreadable").
    """

    pieces: Iterator[bytes]
    _held: bytes = b""

    @classmethod
    def of(cls, chunks: Iterator[bytes]) -> "ArchiveReader":
        """`chunks` are those of the compressed archive."""
        return cls(_unpacked(chunks))

    def headline(self) -> dict[str, Any]:
        """{"table", "columns"} or {"manifest"}."""
        while b"\n" not in self._held:
            if len(self._held) > LONGEST_LINE:
                raise _unreadable("a line without an end")
            self._held += self._more()
        line, _, self._held = self._held.partition(b"\n")
        try:
            told = json.loads(line)
        except ValueError:
            raise _unreadable("a line that is not JSON") from None
        if not isinstance(told, dict):
            raise _unreadable("a line that is no object")
        return told

    def rows(self) -> Iterator[bytes]:
        """In pieces of any size."""
        # The first byte was given out before; a line break stands in for it at the beginning.
        seen = b"\n" + self._held
        while (end := seen.find(b"\n" + END_OF_ROWS)) < 0:
            if len(seen) > len(END_OF_ROWS) + 1:
                yield seen[1 : -len(END_OF_ROWS)]
                seen = seen[-len(END_OF_ROWS) - 1 :]
            seen += self._more()
        self._held = seen[end + 1 + len(END_OF_ROWS) :]
        if end:
            yield seen[1 : end + 1]

    def expect_end(self) -> None:
        if self._held or next(self.pieces, b""):
            raise _unreadable("something follows the manifest")

    def _more(self) -> bytes:
        piece = next(self.pieces, None)
        if piece is None:
            raise _unreadable("the archive is cut")
        return piece


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """In pieces of a size that memory does not feel, however small they were packed."""
    unpacker = zlib.decompressobj(GZIP)
    try:
        for chunk in chunks:
            packed = chunk
            while packed:
                piece = unpacker.decompress(packed, BLOCK)
                packed = unpacker.unconsumed_tail
                if piece:
                    yield piece
        rest = unpacker.flush()
    except zlib.error:
        raise _unreadable("what is inside is not compressed") from None
    if rest:
        yield rest


def _line(told: dict[str, Any]) -> bytes:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _unreadable(detail: str) -> RestoreRefused:
    return RestoreRefused("backup_unreadable", detail)
