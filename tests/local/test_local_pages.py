"""What is under /_local, and who does not get there."""

import json

import pytest

from tests.local.conftest import Sample


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_strange_page_or_name_gets_nothing(sample: Sample, headers: dict[str, str]) -> None:
    assert sample.http.post("/_local/functions/HttpFunction/invoke", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_local/functions/Unknown/invoke", "{}", 404),
        ("/_local/functions/ProbeFunction/invoke", "{", 400),
        ("/_local/nowhere", "", 404),
    ],
)
def test_what_it_cannot_do_is_refused(sample: Sample, path: str, body: str, status: int) -> None:
    assert sample.http.post(path, content=body).status_code == status


@pytest.mark.parametrize("name", ["unknown.log", "..%2Fissuer.pem", "..%2f..%2fnotes.jsonl"])
def test_only_logs_are_shown_as_logs(sample: Sample, name: str) -> None:
    assert sample.http.get(f"/_local/logs/{name}").status_code == 404


def test_a_failure_looks_like_that_of_lambdas_invoke(sample: Sample) -> None:
    response = sample.http.post("/_local/functions/ProbeFunction/invoke", json={"do": "raise"})
    assert (response.status_code, response.headers["x-amz-function-error"]) == (200, "Unhandled")
    assert response.json()["errorType"] == "ValueError"


def test_a_function_answers_a_given_event(sample: Sample) -> None:
    response = sample.http.post("/_local/functions/ProbeFunction/invoke", json={"do": "context"})
    assert "x-amz-function-error" not in response.headers
    assert response.json()["name"] == "ProbeFunction"


def test_the_page_leads_everywhere(sample: Sample) -> None:
    page = sample.http.get("/_local").text
    for part in (
        "state.json",
        "/_local/mail",
        "/openapi.json",
        "NoteFunctionMonthly",
        "ProbeFunction",
        "aws.log",
    ):
        assert part in page


def test_mails_are_read_and_shown_without_running_what_they_carry(sample: Sample) -> None:
    ses = sample.stack.foundation.aws.client("ses")
    raw = (
        "From: School <bookings@example.com>\r\nTo: ana@example.com\r\nSubject: <script>alert(1)</script>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee you <b>soon</b>\r\n"
        '--b\r\nContent-Type: text/calendar\r\nContent-Disposition: attachment; filename="lesson.ics"\r\n\r\n'
        "BEGIN:VCALENDAR\r\n--b--\r\n"
    )
    ses.send_raw_email(RawMessage={"Data": raw.encode()})
    mail = sample.http.get("/_local/mail.json").json()[0]
    assert mail["from"] == "School <bookings@example.com>"
    assert mail["to"] == ["ana@example.com"]
    assert mail["subject"] == "<script>alert(1)</script>"
    assert mail["text"].strip() == "See you <b>soon</b>"
    assert mail["attachments"] == ["lesson.ics"]
    assert mail["sentAt"]
    page = sample.http.get("/_local/mail", headers={"Accept": "text/html"}).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert sample.http.get("/_local/mail").json()[0] == mail


def test_a_mail_of_an_unverified_sender_is_refused(sample: Sample) -> None:
    ses = sample.stack.foundation.aws.client("ses")
    with pytest.raises(ses.exceptions.MessageRejected):
        ses.send_raw_email(RawMessage={"Data": b"From: x@y.example\r\nTo: a@b.example\r\n\r\nhi"})


def test_the_state_is_the_same_on_disk_and_over_http(sample: Sample) -> None:
    state = sample.http.get("/_local/state.json").json()
    assert state == json.loads((sample.root / ".local/state.json").read_text())
    assert state["apiUrl"] == sample.stack.api_url
    assert state["aws"]["buckets"] == {"Uploads": "booking-uploads"}
    assert state["aws"]["queues"]["Inbox"].endswith("/123456789012/booking-Inbox")
    assert (sample.root / ".local/state.json").stat().st_mode & 0o777 == 0o600
