"""What people do, over HTTP, through the same handlers and template that Lambda runs."""

import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from local.database import connected
from local.greeting import booking_lines
from local.stack import Stack
from tests.waiting import eventually


@pytest.fixture
def http(stack: Stack) -> Any:
    with httpx.Client(base_url=stack.api_url, trust_env=False, timeout=60) as client:
        yield client


def perform(line: str) -> httpx.Response:
    """Do what a curl line of the greeting says, as curl would."""
    words = shlex.split(line)
    assert words[:3] == ["curl", "-sw", r"\n%{http_code}\n"]
    url, options = words[3], words[4:]
    headers = dict(value.split(": ", 1) for flag, value in pairwise(options) if flag == "-H")
    body = options[options.index("-d") + 1]
    return httpx.post(url, headers=headers, content=body, trust_env=False, timeout=60)


def as_admin(stack: Stack, subdomain: str) -> dict[str, str]:
    token = stack.state["tenants"][subdomain]["adminToken"]
    return {"X-Tenant": subdomain, "Authorization": f"Bearer {token}"}


def event_type(stack: Stack, slug: str, subdomain: str = "aurora") -> int:
    offered = stack.state["tenants"][subdomain]["eventTypes"]
    return next(int(one["id"]) for one in offered if one["slug"] == slug)


def free_slot(http: httpx.Client, event_type_id: int, subdomain: str = "aurora") -> str:
    start = datetime.now(UTC).date() + timedelta(days=2)
    ask = {"start": str(start), "end": str(start + timedelta(days=7))}
    found = http.get(f"/v1/event-types/{event_type_id}/slots", params=ask, headers={"X-Tenant": subdomain})
    return str(found.json()["slots"][0]["start"])


def run_schedule(http: httpx.Client, name: str) -> Any:
    answer = http.post(f"/_local/schedules/{name}/run")
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def stack_database(stack: Stack) -> Iterator[Callable[[str], Any]]:
    """Runs a statement as the owner of the run's database, whom no policy binds."""
    with connected(stack.foundation.database.owner_url) as connection:
        yield connection.run


def test_the_three_lines_of_the_greeting_book_refuse_and_repeat(stack: Stack) -> None:
    lines = [line.strip() for line in booking_lines(stack.api_url, stack.state["tenants"]) if "curl" in line]
    first, refused, repeated = (perform(line) for line in lines)
    assert first.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")
    assert (repeated.status_code, repeated.json()["uid"]) == (201, first.json()["uid"])


def test_a_student_books_on_the_schools_host_and_gets_a_mail_with_a_calendar_file(
    stack: Stack, http: httpx.Client
) -> None:
    lesson = event_type(stack, "giao-tiep", "lotus")
    booking = {
        "eventTypeId": lesson,
        "start": free_slot(http, lesson, "lotus"),
        "attendee": {
            "name": "Nguyễn Thị Mai",
            "email": "story@example.com",
            "timeZone": "Asia/Ho_Chi_Minh",
            "locale": "vi",
        },
    }
    port = stack.api_url.rsplit(":", 1)[1]
    made = http.post("/v1/bookings", json=booking, headers={"Host": f"lotus.localhost:{port}"})
    assert made.status_code == 201, made.text
    run_schedule(http, "EveryMinute")

    def mail() -> Any:
        mails = http.get("/_local/mail.json").json()
        return next((each for each in mails if "story@example.com" in each["to"]), None)

    received = eventually(mail)
    assert "Đã đặt lịch" in received["subject"]
    assert received["attachments"] == ["booking.ics"]
    link = next(word for word in received["text"].split() if word.startswith("http"))
    assert f"://lotus.localhost:{port}/" in link
    page, _, key = link.replace("lotus.localhost", "127.0.0.1").partition("#manageToken=")
    there = {"Host": f"lotus.localhost:{port}"}
    assert http.get(page, headers=there).status_code == 200
    seen = http.get(
        f"/v1/bookings/{page.rpartition('/')[2]}", headers={**there, "X-Manage-Token": unquote(key)}
    )
    assert seen.json()["uid"] == made.json()["uid"]


def test_an_admin_uploads_a_list_and_who_is_on_it_may_book(stack: Stack, http: httpx.Client) -> None:
    club = event_type(stack, "alumni-club")
    booking = {
        "eventTypeId": club,
        "start": free_slot(http, club),
        "attendee": {"name": "Lan", "email": "lan@example.com", "timeZone": "UTC"},
    }
    refused = http.post("/v1/bookings", json=booking, headers={"X-Tenant": "aurora"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_whitelisted")

    admin = as_admin(stack, "aurora")
    made = http.post(
        "/v1/admin/whitelist-imports", json={"eventTypeId": club, "mode": "merge"}, headers=admin
    )
    assert made.status_code == 201, made.text
    upload = made.json()["upload"]
    content = "E-mail;Tên\nLAN@example.com;Lan\nkhông phải;X\n".encode("utf-8-sig")
    posted = httpx.post(upload["url"], data=upload["fields"], files={"file": content}, trust_env=False)
    assert posted.status_code == 204

    def finished() -> Any:
        told = http.get(f"/v1/admin/whitelist-imports/{made.json()['id']}", headers=admin).json()
        return told if told["status"] in ("COMPLETED", "FAILED") else None

    told = eventually(finished)
    assert (told["status"], told["rowsAdded"], told["rowsRejected"]) == ("COMPLETED", 1, 1)
    assert [line["line"] for line in told["rejectedLines"]] == [3]
    assert http.post("/v1/bookings", json=booking, headers={"X-Tenant": "aurora"}).status_code == 201


def test_courses_of_immersio_become_drafts_of_their_own_school(stack: Stack, http: httpx.Client) -> None:
    run_schedule(http, "SyncImmersio")

    drafts = """
        SELECT t.subdomain, e.title FROM "EventType" e JOIN "Tenant" t ON t.id = e."tenantId"
        WHERE e."immersioCourseId" IS NOT NULL AND NOT e."isPublished" ORDER BY e.title
    """

    def all_three() -> Any:
        with stack_database(stack) as rows:
            found = rows(drafts)
        return found if len(found) == 3 else None

    assert eventually(all_three) == [
        ["aurora", "English A2"],
        ["aurora", "English B1"],
        ["lotus", "Tiếng Anh giao tiếp"],
    ]


def test_what_stripe_tells_a_school_is_kept_once(stack: Stack, http: httpx.Client) -> None:
    event = {
        "type": "charge.succeeded",
        "data": {"object": {"id": "ch_story", "object": "charge"}},
        "times": 3,
    }
    for school in ("aurora", "lotus"):
        told = httpx.post(
            f"{stack.state['stripe']['controlUrl']}/events",
            json={**event, "apiKey": f"sk_test_{school}"},
            trust_env=False,
            timeout=60,
        )
        assert told.status_code < 300, told.text
    with stack_database(stack) as rows:
        kept = rows("""SELECT count(*), count(DISTINCT "tenantId") FROM "WebhookEvent"
                       WHERE payload->'data'->'object'->>'id' = 'ch_story'""")
    assert kept == [[2, 2]]


def test_a_forged_webhook_is_refused(stack: Stack, http: httpx.Client) -> None:
    path = stack.state["tenants"]["aurora"]["stripeWebhookUrl"].removeprefix(stack.api_url)
    answer = http.post(path, content=b"{}", headers={"Stripe-Signature": "t=1,v1=00"})
    assert (answer.status_code, answer.json()["code"]) == (400, "signature_invalid")


def test_the_month_is_opened_for_every_school_as_often_as_asked(stack: Stack, http: httpx.Client) -> None:
    first = run_schedule(http, "FirstOfMonth")
    assert first == run_schedule(http, "FirstOfMonth")
    with connected(stack.state["databaseUrl"]) as connection:
        assert [[first["tenants"]]] == [*connection.run('SELECT count(*) FROM "Tenant"')]


def test_a_token_of_one_school_opens_nothing_at_another(stack: Stack, http: httpx.Client) -> None:
    mine = http.get("/v1/admin/me", headers=as_admin(stack, "aurora"))
    theirs = http.get("/v1/admin/me", headers={**as_admin(stack, "aurora"), "X-Tenant": "lotus"})
    assert (mine.status_code, mine.json()["role"]) == (200, "TENANT_ADMIN")
    assert (theirs.status_code, theirs.json()["code"]) == (403, "forbidden")


def test_the_logs_hold_the_request_and_the_school_and_no_address(stack: Stack, http: httpx.Client) -> None:
    lesson = event_type(stack, "conversation")
    booking = {
        "eventTypeId": lesson,
        "start": free_slot(http, lesson),
        "attendee": {"name": "Secret Name", "email": "secret@example.com", "timeZone": "UTC"},
        "notes": "secret notes",
    }
    made = http.post("/v1/bookings", json=booking, headers={"X-Tenant": "aurora"}).json()
    logs = stack.foundation.state_directory / "logs" / "BookingApiFunction.log"
    written = logs.read_text().split("\n")[:-1]
    lines = [json.loads(line) for line in written if line.startswith("{")]
    answered = [line for line in lines if line.get("route") == "POST /v1/bookings"]
    assert answered
    assert all(line["request_id"] and line["tenant"] for line in answered)
    for each in logs.parent.iterdir():
        text = each.read_text(errors="replace")
        for secret in ("secret@example.com", "Secret Name", "secret notes", made["manageToken"]):
            assert secret not in text, each.name


def test_the_migration_function_finds_nothing_left_to_do(stack: Stack, http: httpx.Client) -> None:
    told = http.post("/_local/functions/DbMigrateFunction/invoke", json={})
    assert told.status_code == 200, told.text
    assert told.json()["from"] == told.json()["to"]
