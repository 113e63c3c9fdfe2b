"""A whole run: what it leaves behind, what the next one finds, two of them side by side."""

import contextlib
import json
import os
import shutil
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.database import allow_logins, connected
from local.errors import LocalRunError, UnsupportedTemplate
from local.stack import Foundation, running_stack
from tests.local.conftest import NO_DATABASE
from tests.local.sample import write_sample


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    write_sample(tmp_path)
    yield tmp_path
    # Elsewhere, when the server's account cannot reach the folders of the tests.
    shutil.rmtree((tmp_path / ".local/postgres").resolve(), ignore_errors=True)


def nothing(_: Foundation) -> Mapping[str, Any]:
    return {}


def test_a_port_that_is_taken_is_told_before_anything_starts(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(LocalRunError, match=f"port {port} is taken"),
            running_stack(root, root / ".local", port, prepare=nothing),
        ):
            pass
    assert not (root / ".local/postgres").exists()


def test_an_unsupported_template_is_told_before_anything_starts(root: Path) -> None:
    template = root / "template.yaml"
    template.write_text(template.read_text() + "  Topic:\n    Type: AWS::SNS::Topic\n")
    with (
        pytest.raises(UnsupportedTemplate, match="Topic"),
        running_stack(root, root / ".local", prepare=nothing),
    ):
        pass
    assert not (root / ".local/postgres").exists()


def test_a_folder_that_is_missing_is_told(root: Path) -> None:
    (root / "functions/probe/app.py").unlink()
    (root / "functions/probe").rmdir()
    with (
        pytest.raises(LocalRunError, match="functions/probe"),
        running_stack(root, root / ".local", database_url=NO_DATABASE, prepare=nothing),
    ):
        pass


def test_when_filling_the_database_fails_nothing_stays_behind(root: Path) -> None:
    def fail(_: Foundation) -> Mapping[str, Any]:
        raise RuntimeError("no")

    before = children()
    with (
        pytest.raises(RuntimeError),
        running_stack(root, root / ".local", database_url=NO_DATABASE, prepare=fail),
    ):
        pass
    assert children() == before


def children() -> set[str]:
    """The processes that this one has started and that still are."""
    me = os.getpid()
    own = Path(f"/proc/{me}/task").glob("*/children")
    return {pid for path in own for pid in path.read_text().split()}


def test_a_run_ends_without_a_process_a_port_or_a_state_file(root: Path) -> None:
    before = children()
    with running_stack(root, root / ".local", database_url=NO_DATABASE, prepare=nothing) as stack:
        assert not stack.functions.invoke("HttpFunction", {"rawPath": "/"}).failed
        assert children() - before
        assert (root / ".local/state.json").exists()
    assert children() == before
    assert not (root / ".local/state.json").exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(stack.api_url, trust_env=False)


def test_the_run_has_a_database_of_its_own_and_lets_the_roles_in(root: Path) -> None:
    def with_role(foundation: Foundation) -> Mapping[str, Any]:
        with connected(foundation.database.owner_url) as connection:
            connection.run("CREATE ROLE booking_app")
        allow_logins(foundation.database)
        return {"tenants": {"aurora": {"host": "aurora.localhost"}}}

    with running_stack(root, root / ".local", prepare=with_role) as stack:
        state = json.loads((root / ".local/state.json").read_text())
        with connected(state["appDatabaseUrl"]) as connection:
            assert connection.run("SELECT current_user, current_database()") == [["booking_app", "booking"]]
        environment = stack.functions.invoke("ProbeFunction", {"do": "environment"}).payload
        assert environment["PGPASSWORD"] in state["appDatabaseUrl"]
        assert "aurora.localhost" in httpx.get(f"{stack.api_url}/_local", trust_env=False).text


def test_what_was_sealed_in_one_run_opens_in_the_next(root: Path) -> None:
    context = {"tenant": "1"}
    with running_stack(root, root / ".local", database_url=NO_DATABASE, prepare=nothing) as stack:
        key = stack.foundation.names.key("Key")
        kms = stack.foundation.aws.client("kms")
        sealed = kms.encrypt(KeyId=key, Plaintext=b"sk_1", EncryptionContext=context)["CiphertextBlob"]
        token = stack.foundation.issuer.token({"sub": "ana"})
    with running_stack(root, root / ".local", database_url=NO_DATABASE, prepare=nothing) as stack:
        kms = stack.foundation.aws.client("kms")
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            kms.decrypt(CiphertextBlob=sealed, EncryptionContext={"tenant": "2"})
        assert kms.decrypt(CiphertextBlob=sealed, EncryptionContext=context)["Plaintext"] == b"sk_1"
        assert stack.foundation.issuer.token({"sub": "ana"}).split(".")[0] == token.split(".")[0]


def test_two_runs_at_once_do_not_see_each_other(root: Path) -> None:
    with contextlib.ExitStack() as exits:
        first, second = (
            exits.enter_context(running_stack(root, root / name, database_url=NO_DATABASE, prepare=nothing))
            for name in ("one", "two")
        )
        bucket = first.foundation.names.bucket("Uploads")
        first.foundation.aws.client("s3").put_object(Bucket=bucket, Key="only-here", Body=b"")
        listed = second.foundation.aws.client("s3").list_objects_v2(Bucket=bucket)
        assert listed["KeyCount"] == 0
        assert first.api_url != second.api_url
        headers = {"Authorization": f"Bearer {first.foundation.issuer.token({'sub': 'ana'})}"}
        assert httpx.get(f"{first.api_url}/me", headers=headers, trust_env=False).status_code == 200
        assert httpx.get(f"{second.api_url}/me", headers=headers, trust_env=False).status_code == 401
