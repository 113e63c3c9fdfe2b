"""Whoever changes a backup makes none of it: one refusal, whatever was done to it, and nothing is changed."""

import random
from collections.abc import Iterator

import pytest

from shared.backups import sealed_file
from shared.backups.errors import RestoreRefused
from shared.backups.identity import Identity
from shared.backups.sealed_file import MAGIC
from tests.backups.files import BackupFile, Vaulted

FLIPS = 60
LENGTH = 4


@pytest.fixture
def backup(vault: Vaulted, filled: int, monkeypatch: pytest.MonkeyPatch) -> BackupFile:
    """In several chunks."""
    monkeypatch.setattr(sealed_file, "CHUNK", 1024)
    return vault.back_up(filled)


def refused(vault: Vaulted, backup: BackupFile) -> bool:
    """Whether it is refused as it should be, and the school stays."""
    school = 'SELECT to_jsonb(t)::text FROM "Tenant" t ORDER BY id'
    before = vault.database.rows(school)
    with pytest.raises(RestoreRefused) as refusal:
        vault.restore(backup)
    return refusal.value.code == "backup_unreadable" and vault.database.rows(school) == before


def parts(content: bytes) -> list[bytes]:
    """The header, and the chunks with their lengths."""
    ends = [len(MAGIC) + LENGTH + int.from_bytes(content[len(MAGIC) : len(MAGIC) + LENGTH], "big")]
    while ends[-1] < len(content):
        ends.append(ends[-1] + LENGTH + int.from_bytes(content[ends[-1] : ends[-1] + LENGTH], "big"))
    return [content[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def rearranged(content: bytes) -> Iterator[bytes]:
    header, first, second, *rest = parts(content)
    assert len(rest) >= 2
    last = rest[-1]
    yield b"".join([header, second, first, *rest])
    yield b"".join([header, second, *rest])
    yield b"".join([header, first, first, second, *rest])
    yield b"".join([header, first, second, *rest[:-1]])
    yield b"".join([header, first, second, *rest, last])
    yield header
    yield header + last
    yield content + b"\x00"
    yield b""


def test_a_bit_that_was_flipped_anywhere_is_noticed(vault: Vaulted, backup: BackupFile) -> None:
    chance = random.Random(20)
    places = [*range(0, 40, 7), *(chance.randrange(len(backup.content)) for _ in range(FLIPS))]
    for place in places:
        flipped = bytearray(backup.content)
        flipped[place] ^= 1 << chance.randrange(8)
        assert refused(vault, backup.changed(bytes(flipped))), place


def test_chunks_that_were_swapped_left_out_or_added_are_noticed(vault: Vaulted, backup: BackupFile) -> None:
    for number, content in enumerate(rearranged(backup.content)):
        assert refused(vault, backup.changed(content)), number


def test_a_file_that_was_cut_anywhere_is_noticed(vault: Vaulted, backup: BackupFile) -> None:
    chance = random.Random(7)
    for _ in range(20):
        assert refused(vault, backup.changed(backup.content[: chance.randrange(len(backup.content))]))


def test_a_header_of_another_backup_opens_nothing(vault: Vaulted, backup: BackupFile) -> None:
    other = vault.back_up(backup.identity.tenant_id)
    mixed = parts(other.content)[0] + b"".join(parts(backup.content)[1:])
    assert refused(vault, backup.changed(mixed))
    assert refused(vault, BackupFile(other.identity, mixed, other.manifest))


def test_a_whole_backup_in_the_place_of_another_is_noticed(vault: Vaulted, backup: BackupFile) -> None:
    other = vault.back_up(backup.identity.tenant_id)
    assert refused(vault, backup.changed(other.content))
    foreign = Identity(backup.identity.tenant_id + 1, backup.identity.backup_id)
    assert refused(vault, BackupFile(foreign, backup.content, backup.manifest))


def test_a_file_that_is_no_backup_is_refused(vault: Vaulted, backup: BackupFile) -> None:
    for content in (b"PK\x03\x04", MAGIC, MAGIC + b"\x00\x00\x00\x02[]", MAGIC + b"\xff" * 100):
        assert refused(vault, backup.changed(content))


def test_what_was_not_changed_is_restored(vault: Vaulted, backup: BackupFile) -> None:
    assert len(parts(backup.content)) >= 5
    assert b"".join(parts(backup.content)) == backup.content
    assert vault.restore(backup).rows == backup.rows_of_place
