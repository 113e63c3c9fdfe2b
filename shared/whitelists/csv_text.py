"""The bytes of an uploaded file as lines of text, however long the file is and whoever wrote it."""

import codecs
from collections.abc import Iterator
from io import IncrementalNewlineDecoder, StringIO
from itertools import chain

from shared.whitelists.errors import FileRefused

LARGEST_FILE = 50 * 1024 * 1024
LONGEST_LINE = 64 * 1024

_HEAD = 8
_OTHER_FORMATS = (
    b"PK\x03\x04",  # zip, and so .xlsx and .ods
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",  # JPEG
    b"%PDF",
    b"\x1f\x8b",  # gzip
    b"7z\xbc\xaf",
    b"Rar!",
    b"{\\rtf",
    b"<!DOCTYPE",
    b"<html",
    b"<?xml",
    b"\xd0\xcf\x11\xe0",  # .xls
)


def text_lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Lines that end in a single newline, the last one perhaps in none; nothing held but one chunk.

    Bytes that are no text become U+FFFD, so that one mangled line does not cost the others. Raises
    FileRefused with file_too_large, not_a_csv or line_too_long.
    """
    head, rest = _parted(_counted(chunks))
    if head.startswith(_OTHER_FORMATS):
        raise FileRefused("not_a_csv")
    pending = ""
    for text in _decoded(chain([head], rest), _encoding(head)):
        block = pending + text
        end = block.rfind("\n") + 1
        yield from _checked(StringIO(block[:end]))
        pending = block[end:]
        if len(pending) > LONGEST_LINE:
            raise FileRefused("line_too_long")
    if pending:
        yield pending


def _counted(chunks: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > LARGEST_FILE:
            raise FileRefused("file_too_large")
        yield chunk


def _parted(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Enough bytes to know the format by, and the chunks after them."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD:
            break
    return head, chunks


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # An address begins with an ASCII character, half of which is zero in UTF-16.
    zeros = [byte == 0 for byte in head[:4]]
    if zeros == [False, True, False, True]:
        return "utf-16-le"
    if zeros == [True, False, True, False]:
        return "utf-16-be"
    return "utf-8-sig"


def _decoded(chunks: Iterator[bytes], encoding: str) -> Iterator[str]:
    """Text whose line ends, of whatever kind, are newlines."""
    decoder = IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)(errors="replace"), translate=True
    )
    for chunk in chain(chunks, [None]):
        text = decoder.decode(b"", final=True) if chunk is None else decoder.decode(chunk)
        if "\0" in text:
            raise FileRefused("not_a_csv")
        yield text


def _checked(lines: StringIO) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise FileRefused("line_too_long")
        yield line
