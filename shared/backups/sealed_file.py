"""A file sealed in chunks: none can be changed, swapped, left out or added without being noticed.

    magic, length of the header (4 bytes), header (JSON), then for each chunk its length (4 bytes) and AES-GCM

The header is clear, because it holds the wrapped key; its digest is bound to every chunk, and so are the
chunk's number and whether it is the last. A number is also the nonce: the key is the file's own.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, BinaryIO

from shared.backups.errors import RestoreRefused

MAGIC = b"BOOKBAK1"
CHUNK = 1 << 20
TAG = 16
LONGEST_HEADER = 16 * 1024
MOST_CHUNKS = 1 << 32

_length = Struct("!I")
_place = Struct("!IQ?")


@dataclass
class SealedWriter:
    """Write with `write`, and end with `close`: a file without its end is refused."""

    file: BinaryIO
    key: bytes = field(repr=False)
    header: Mapping[str, Any]
    bytes_written: int = 0
    _bound: bytes = b""
    _number: int = 0
    _waiting: bytearray = field(default_factory=bytearray, repr=False)

    def __post_init__(self) -> None:
        header = json.dumps(self.header, sort_keys=True, separators=(",", ":")).encode()
        self._bound = hashlib.sha256(MAGIC + header).digest()
        self._put(MAGIC + _length.pack(len(header)) + header)

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._seal(bytes(self._waiting[:CHUNK]), is_last=False)
            del self._waiting[:CHUNK]

    def close(self) -> None:
        self._seal(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _seal(self, chunk: bytes, *, is_last: bool) -> None:
        nonce, bound = _bindings(self._bound, self._number, is_last=is_last)
        sealed = _cipher(self.key).encrypt(nonce, chunk, bound)
        self._put(_length.pack(len(sealed)) + sealed)
        self._number += 1

    def _put(self, data: bytes) -> None:
        self.file.write(data)
        self.bytes_written += len(data)


@dataclass
class SealedReader:
    """The chunks of a file, each given out only after it was found to be as it was written.

    `read_header` comes first: it tells the wrapped key. Raises RestoreRefused("backup_unreadable").
    """

    file: BinaryIO
    _bound: bytes = b""

    def read_header(self) -> dict[str, Any]:
        if _exactly(self.file, len(MAGIC)) != MAGIC:
            raise _unreadable("not a backup")
        raw = _exactly(self.file, _length_of(_exactly(self.file, _length.size), LONGEST_HEADER))
        self._bound = hashlib.sha256(MAGIC + raw).digest()
        try:
            header = json.loads(raw)
        except ValueError:
            raise _unreadable("the header is not JSON") from None
        if not isinstance(header, dict):
            raise _unreadable("the header is not an object")
        return header

    def chunks(self, key: bytes) -> Iterator[bytes]:
        length, number = self.file.read(_length.size), 0
        while length:
            sealed = _exactly(self.file, _length_of(length, CHUNK + TAG))
            length = self.file.read(_length.size)
            yield _opened(key, sealed, _bindings(self._bound, number, is_last=not length))
            number += 1
        if not number:
            raise _unreadable("no chunks")


def _opened(key: bytes, sealed: bytes, bindings: tuple[bytes, bytes]) -> bytes:
    from cryptography.exceptions import InvalidTag

    nonce, bound = bindings
    try:
        chunk: bytes = _cipher(key).decrypt(nonce, sealed, bound)
    except (InvalidTag, ValueError):
        raise _unreadable("a chunk is not what was written") from None
    return chunk


def _cipher(key: bytes) -> Any:
    # Loaded with the first chunk: whoever lists backups needs none.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _bindings(bound: bytes, number: int, *, is_last: bool) -> tuple[bytes, bytes]:
    """The nonce of a chunk, and what is bound to it."""
    if number >= MOST_CHUNKS:
        raise ValueError("more chunks than one key may seal")
    return number.to_bytes(12, "big"), bound + _place.pack(1, number, is_last)


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        more = file.read(size - len(found))
        if not more:
            raise _unreadable("the file is cut")
        found += more
    return bytes(found)


def _length_of(raw: bytes, most: int) -> int:
    if len(raw) != _length.size:
        raise _unreadable("the file is cut")
    size: int = _length.unpack(raw)[0]
    if not 1 <= size <= most:
        raise _unreadable("a length that cannot be")
    return size


def _unreadable(detail: str) -> RestoreRefused:
    return RestoreRefused("backup_unreadable", detail)
