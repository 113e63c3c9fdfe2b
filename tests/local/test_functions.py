"""Lambda on one machine: how functions fail, what they see, how many there are."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.functions import SANDBOXES
from local.sandbox import Invocation
from tests.local.conftest import Sample
from tests.waiting import eventually


def probe(sample: Sample, do: str, **more: Any) -> Invocation:
    return sample.stack.functions.invoke("ProbeFunction", {"do": do, **more})


def test_an_exception_has_the_shape_that_lambda_gives_it(sample: Sample) -> None:
    failed = probe(sample, "raise")
    assert failed.failed
    assert failed.payload["errorType"] == "ValueError"
    assert failed.payload["errorMessage"] == "no such school"
    assert any("app.py" in frame for frame in failed.payload["stackTrace"])


def test_a_function_over_its_time_is_ended(sample: Sample) -> None:
    failed = sample.stack.functions.invoke("HastyFunction", {"do": "sleep"})
    assert failed.failed
    assert failed.payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")


def test_a_process_that_ends_is_told_and_replaced(sample: Sample) -> None:
    failed = probe(sample, "exit")
    assert failed.payload["errorType"] == "Runtime.ExitError"
    assert failed.payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert not probe(sample, "process").failed


def test_a_handler_that_cannot_be_imported_says_so(sample: Sample) -> None:
    failed = sample.stack.functions.invoke("BrokenFunction", {})
    assert failed.payload["errorType"] == "Runtime.ImportModuleError"
    assert "there_is_no_such_module" in failed.payload["errorMessage"]


@pytest.mark.parametrize(
    ("do", "kind"), [("set", "Runtime.MarshalError"), ("large", "Function.ResponseSizeTooLarge")]
)
def test_an_answer_that_cannot_travel_is_an_error(sample: Sample, do: str, kind: str) -> None:
    assert probe(sample, do).payload["errorType"] == kind


def test_nothing_of_our_own_environment_reaches_a_function(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", "sk_live_mine")
    found = probe(sample, "environment").payload
    expected = {
        "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE", "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SHARED_CREDENTIALS_FILE",
        "GREETING", "IMMERSIO_ALLOW_LOOPBACK", "LAMBDA_TASK_ROOT", "LANG", "PATH", "PGPASSWORD", "TZ",
        "_HANDLER", "_X_AMZN_TRACE_ID",
    }  # fmt: skip
    # What the interpreter itself sets when the locale of LANG is not there.
    assert set(found) - {"LC_CTYPE"} == expected
    assert found["GREETING"] == "hello"
    assert found["AWS_ENDPOINT_URL"] == sample.stack.foundation.aws.endpoint_url


def test_the_context_is_that_of_the_template(sample: Sample) -> None:
    first, second = probe(sample, "context").payload, probe(sample, "context").payload
    assert first["name"] == "ProbeFunction"
    assert first["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:ProbeFunction"
    assert first["memory"] == "128"
    assert 0 < first["left"] <= 20_000
    assert first["id"] != second["id"]


def test_a_process_is_kept_for_the_next_event(sample: Sample) -> None:
    assert probe(sample, "process").payload == probe(sample, "process").payload


def test_events_at_the_same_time_have_processes_of_their_own(sample: Sample, tmp_path: Path) -> None:
    """None of them answers before all of them have come."""
    with ThreadPoolExecutor(4) as threads:
        meet = {"folder": str(tmp_path), "people": 4}
        answers = list(threads.map(lambda _: probe(sample, "meet", **meet), range(4)))
    assert len({answer.payload for answer in answers}) == 4


def test_beyond_the_limit_events_wait_for_a_free_process(sample: Sample) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: probe(sample, "process"), range(40)))
    assert not any(answer.failed for answer in answers)
    assert len({answer.payload for answer in answers}) <= SANDBOXES


def test_an_edit_is_seen_by_a_later_event(sample: Sample) -> None:
    app = sample.root / "functions" / "edited" / "app.py"
    app.write_text("def handler(event, context):\n    return event\n")
    edited = sample.stack.functions.pools["EditedFunction"]
    assert eventually(lambda: edited.invoke("mended").payload == "mended")
    app.write_text("def handler(event, context):\n    return 'edited again'\n")
    assert eventually(lambda: edited.invoke("mended").payload == "edited again")


def test_what_a_function_prints_is_in_its_log(sample: Sample) -> None:
    probe(sample, "raise")
    assert "ValueError: no such school" in (sample.root / ".local/logs/ProbeFunction.log").read_text()
