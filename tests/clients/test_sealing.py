"""A secret opens for the tenant and the column that it was sealed for, and for nothing else."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shared.clients.sealing import MOST_REMEMBERED, REMEMBERED_SECONDS, SealBroken, Sealer
from shared.errors import Busy

SECRET = "whsec_a_secret_that_nobody_may_read"
COLUMN = "stripeWebhookSecret"


@dataclass
class Clock:
    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@contextmanager
def kms_says(sealer: Sealer, *codes: str) -> Iterator[None]:
    """KMS answers Decrypt with these errors, one each, and is not to be asked again after them."""
    with Stubber(sealer._kms) as stub:
        for code in codes:
            stub.add_client_error("decrypt", code)
        yield


@pytest.mark.parametrize(
    ("tenant_id", "name"),
    [(2, COLUMN), (1, "stripeSecretKeyEncrypted"), (11, COLUMN), (1, "")],
)
def test_a_moved_secret_does_not_open(key_id: str, tenant_id: int, name: str) -> None:
    sealed = Sealer(key_id).seal(1, COLUMN, SECRET)
    with pytest.raises(SealBroken):
        Sealer(key_id).open(tenant_id, name, sealed)


def test_a_moved_secret_does_not_open_from_memory_either(key_id: str) -> None:
    sealer = Sealer(key_id)
    sealed = sealer.seal(1, COLUMN, SECRET)
    assert sealer.open(1, COLUMN, sealed) == SECRET
    with pytest.raises(SealBroken):
        sealer.open(2, COLUMN, sealed)
    with pytest.raises(SealBroken):
        sealer.open(1, "immersioApiKey", sealed)


@pytest.mark.parametrize(
    "text", ["", "v1:", SECRET, "v1:%%%", "v1:AAAA", "v1:é", "v2:AAAA", "v1:A", "v1:\ud800"]
)
def test_what_was_never_sealed_does_not_open(key_id: str, text: str) -> None:
    with pytest.raises(SealBroken):
        Sealer(key_id).open(1, COLUMN, text)


def test_a_changed_secret_does_not_open(key_id: str) -> None:
    sealed = Sealer(key_id).seal(1, COLUMN, SECRET)
    changed = sealed[:-6] + ("AAAA" if sealed[-6:-2] != "AAAA" else "BBBB") + sealed[-2:]
    with pytest.raises(SealBroken):
        Sealer(key_id).open(1, COLUMN, changed)


def test_a_secret_sealed_under_another_key_does_not_open(key_id: str) -> None:
    sealer = Sealer(key_id)
    with kms_says(sealer, "IncorrectKeyException"), pytest.raises(SealBroken):
        sealer.open(1, COLUMN, "v1:AAAA")


@pytest.mark.parametrize("plaintext", ["", "x" * 4_097, "é" * 2_049])
def test_nothing_and_too_much_is_not_sealed(key_id: str, plaintext: str) -> None:
    with pytest.raises(ValueError, match="1 to 4096 bytes"):
        Sealer(key_id).seal(1, COLUMN, plaintext)


def test_the_caller_is_told_to_try_again_when_kms_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(Busy):
        Sealer("key").seal(1, COLUMN, SECRET)


@pytest.mark.parametrize("code", ["ThrottlingException", "KMSInternalException"])
def test_the_caller_is_told_to_try_again_when_kms_has_too_much_to_do(key_id: str, code: str) -> None:
    sealer = Sealer(key_id)
    with kms_says(sealer, code), pytest.raises(Busy):
        sealer.open(1, COLUMN, "v1:AAAA")


@pytest.mark.parametrize("code", ["DisabledException", "AccessDeniedException"])
def test_a_key_that_may_not_be_used_is_an_operators_affair_and_no_broken_seal(key_id: str, code: str) -> None:
    sealer = Sealer(key_id)
    with kms_says(sealer, code), pytest.raises(ClientError, match=code):
        sealer.open(1, COLUMN, "v1:AAAA")


def test_what_was_sealed_opens_in_another_process(key_id: str) -> None:
    sealed = Sealer(key_id).seal(1, COLUMN, SECRET)
    assert sealed.startswith("v1:")
    assert Sealer(key_id).open(1, COLUMN, sealed) == SECRET


def test_sealing_twice_does_not_tell_that_both_are_equal(key_id: str) -> None:
    sealer = Sealer(key_id)
    assert sealer.seal(1, COLUMN, SECRET) != sealer.seal(1, COLUMN, SECRET)


def test_a_secret_in_use_is_opened_without_asking_kms_for_five_minutes(key_id: str) -> None:
    clock = Clock()
    sealer = Sealer(key_id, clock=clock)
    sealed = sealer.seal(1, COLUMN, SECRET)
    sealer.open(1, COLUMN, sealed)
    with kms_says(sealer, "AccessDeniedException"):
        clock.seconds += REMEMBERED_SECONDS - 1
        assert sealer.open(1, COLUMN, sealed) == SECRET
        clock.seconds += 1
        with pytest.raises(ClientError, match="AccessDeniedException"):
            sealer.open(1, COLUMN, sealed)


def test_memory_does_not_grow_without_end(key_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.clients.sealing.MOST_REMEMBERED", 3)
    sealer = Sealer(key_id)
    for tenant_id in range(1, 10):
        sealer.open(tenant_id, COLUMN, sealer.seal(tenant_id, COLUMN, SECRET))
    assert 1 <= len(sealer._opened) <= 3 < MOST_REMEMBERED


def test_neither_the_sealed_text_nor_the_sealer_shows_the_secret(key_id: str) -> None:
    sealer = Sealer(key_id)
    sealed = sealer.seal(1, COLUMN, SECRET)
    sealer.open(1, COLUMN, sealed)
    for shown in (sealed, repr(sealer), str(sealer), f"{sealer}"):
        assert SECRET not in shown


def test_the_error_shows_neither_the_text_nor_the_secret(key_id: str) -> None:
    sealed = Sealer(key_id).seal(1, COLUMN, SECRET)
    with pytest.raises(SealBroken) as broken:
        Sealer(key_id).open(2, COLUMN, sealed)
    assert str(broken.value) == ""
    assert broken.value.__suppress_context__
