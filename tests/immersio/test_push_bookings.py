"""Bookings arrive at Immersio, each once, as they are."""

from datetime import timedelta
from typing import Any

import pytest

from shared.clients.immersio import HttpImmersio, rfc3339
from shared.database import connect_database, in_tenant
from shared.immersio.pull_stream import Outcome
from shared.immersio.pushed_bookings import redrive_pushes
from shared.tenant_scope import of_tenant
from tests.bookings.life import book, cancel, move, row_of
from tests.bookings.requests import MAI, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.immersio.connected import FastTime, pull, state
from tests.immersio.fake_school import FakeSchool
from tests.schools import School


@pytest.fixture
def sold(connected: School, there: FakeSchool) -> School:
    """The school's lesson is of the course c1."""
    there.put({"id": "c1", "title": "Conversation"})
    connected.change("EventType", connected.lesson_id, immersioCourseId="c1")
    return connected


def push(school: School, there: FakeSchool, clock: FastTime | None = None, **options: Any) -> Any:
    return pull(school, there, stream="bookings", clock=clock, **options)


def pushes(database: TestDatabase) -> list[dict[str, Any]]:
    return database.rows('SELECT * FROM "ImmersioPush" ORDER BY "bookingId"')


def there_now(there: FakeSchool) -> dict[str, str]:
    """The status of each booking there, by uid."""
    return {row["id"]: row["status"] for row in there.rows["bookings"]}


# ── What is not pushed ──────────────────────────────────────────────────────────────────────────
def test_a_booking_of_no_course_is_not_pushed(api: Api, connected: School, there: FakeSchool) -> None:
    book(api, connected, next_monday(9))
    assert push(connected, there).counts == {}
    assert there.rows["bookings"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"subscriptionStatus": "SUSPENDED"},
        {"immersioApiKey": None},
        {"settings": '{"immersioSync": "off"}'},
        {"subscriptionPlan": "STARTER"},
    ],
    ids=str,
)
def test_of_a_school_that_is_not_connected_nothing_is_pushed(
    api: Api, sold: School, there: FakeSchool, changes: dict[str, Any]
) -> None:
    book(api, sold, next_monday(9))
    sold.change("Tenant", sold.id, **changes)
    assert push(sold, there).outcome is Outcome.NOT_TO_BE_SYNCED
    assert there.requests == []


def test_a_request_that_waits_for_the_school_is_pushed_when_it_is_confirmed(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    sold.change("EventType", sold.lesson_id, requiresConfirmation=True)
    made = book(api, sold, next_monday(9))
    push(sold, there)
    assert there.rows["bookings"] == []
    database.rows("""UPDATE "Booking" SET status = 'accepted' WHERE uid = :u""", u=made["uid"])
    push(sold, there)
    assert there_now(there) == {made["uid"]: "accepted"}


def test_what_was_cancelled_before_immersio_heard_of_it_is_nothing(
    api: Api, sold: School, there: FakeSchool
) -> None:
    cancel(api, book(api, sold, next_monday(9)))
    assert push(sold, there).counts == {}
    assert there.requests == []


# ── What arrives ────────────────────────────────────────────────────────────────────────────────
def test_a_booking_arrives_with_its_enrolment(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    start = next_monday(9)
    made = book(api, sold, start, attendee={**MAI, "name": "Nguyễn Thị Mai", "locale": "vi"})
    assert push(sold, there).counts == {"pushed": 1}
    rows = there.rows
    (booking,), (enrolment,), (student,) = rows["bookings"], rows["enrollments"], rows["students"]
    assert {name: booking[name] for name in ("id", "course_id", "status", "paid", "amount_minor")} == {
        "id": made["uid"], "course_id": "c1", "status": "accepted", "paid": False, "amount_minor": 0,
    }  # fmt: skip
    assert booking["start_at"] == rfc3339(start)
    assert enrolment["source_ref"] == made["uid"]
    assert row_of(database, made["uid"])["immersioEnrollmentId"] == enrolment["id"]
    told = student["email"], student["given_name"], student["family_name"]
    assert told == ("mai@example.com", "Mai", "Nguyễn Thị")
    kinds = [row["syncType"] for row in database.rows('SELECT "syncType" FROM "ImmersioSyncLog" ORDER BY id')]
    assert kinds == ["ENROLLMENT", "BOOKING"]


def test_nothing_is_told_twice(api: Api, sold: School, there: FakeSchool) -> None:
    book(api, sold, next_monday(9))
    push(sold, there)
    asked = len(there.requests)
    assert push(sold, there).counts == {}
    assert len(there.requests) == asked


def test_what_is_cancelled_is_taken_away(api: Api, sold: School, there: FakeSchool) -> None:
    made = book(api, sold, next_monday(9))
    push(sold, there)
    cancel(api, made)
    assert push(sold, there).counts == {"removed": 1}
    assert there_now(there) == {made["uid"]: "tobedeleted"}
    assert [row["status"] for row in there.rows["enrollments"]] == ["tobedeleted"]


def test_what_is_moved_is_another_booking_there(api: Api, sold: School, there: FakeSchool) -> None:
    made = book(api, sold, next_monday(9))
    push(sold, there)
    moved = move(api, made, next_monday(11)).json
    push(sold, there)
    assert there_now(there) == {made["uid"]: "tobedeleted", moved["uid"]: "accepted"}


def test_what_a_school_sold_before_it_was_connected_arrives_too(
    api: Api, sold: School, there: FakeSchool
) -> None:
    sold.change("Tenant", sold.id, settings='{"immersioSync": "off"}')
    made = book(api, sold, next_monday(9))
    push(sold, there)
    sold.change("Tenant", sold.id, settings="{}")
    push(sold, there)
    assert there_now(there) == {made["uid"]: "accepted"}


def test_what_calcom_itself_wrote_arrives_too(
    sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    start = next_monday(9).astimezone(tz=None)
    database.rows(
        """WITH made AS (
             INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime",
                                    status)
             VALUES (:t, 'of-calcom', :u, :e, 'A', :s, CAST(:s AS timestamp) + interval '30 minutes',
                     'accepted') RETURNING id)
           INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone")
           SELECT :t, id, 'Mai', 'mai@example.com', 'Europe/Paris' FROM made""",
        t=sold.id, u=sold.teacher_id, e=sold.lesson_id, s=start.replace(tzinfo=None),
    )  # fmt: skip
    push(sold, there)
    assert there_now(there) == {"of-calcom": "accepted"}


# ── Faults ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error_after", "reset", "html", "wrong_json"])
@pytest.mark.parametrize("skip", [0, 1])
def test_an_answer_that_was_lost_is_asked_for_again_and_has_one_effect(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase, kind: str, skip: int
) -> None:
    made = book(api, sold, next_monday(9))
    there.fault(kind, skip=skip)
    clock = FastTime()
    assert push(sold, there, clock).counts == {"failed": 1}
    (waiting,) = pushes(database)
    assert (waiting["attempts"], waiting["deadAt"]) == (1, None)
    clock.wait(60)
    assert push(sold, there, clock).counts == {"pushed": 1}
    writes = [(each["kind"], each["uid"]) for each in there.rows["writes"]]
    assert sorted(writes) == [("booking", made["uid"]), ("enrollment", made["uid"])]


def test_that_immersio_knows_something_newer_is_a_success(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    book(api, sold, next_monday(9))
    there.fault("stale", times=2, method="PUT")
    assert push(sold, there).counts == {"pushed": 1}
    (done,) = pushes(database)
    assert (done["dueAt"], done["errorCode"]) == (None, None)


def test_what_immersio_will_never_take_is_given_up_at_once_and_can_be_redriven(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    made = book(api, sold, next_monday(9))
    there.fault("status", status=422, code="no_such_thing")
    clock = FastTime()
    assert push(sold, there, clock).counts == {"failed": 1}
    (dead,) = pushes(database)
    assert dead["deadAt"] is not None
    clock.wait(24 * 60 * 60)
    assert push(sold, there, clock).counts == {}
    for redriven in (1, 0):
        assert redrive(database, sold, clock) == redriven
    assert push(sold, there, clock).counts == {"pushed": 1}
    assert there_now(there) == {made["uid"]: "accepted"}


def redrive(database: TestDatabase, school: School, clock: FastTime) -> int:
    engine = connect_database(database.app_url)
    try:
        return in_tenant(engine, of_tenant(school.id), lambda c: redrive_pushes(c, school.id, clock.now()))
    finally:
        engine.dispose()


def test_what_fails_for_a_day_is_given_up(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    book(api, sold, next_monday(9) + timedelta(days=7))
    clock = FastTime()
    there.fault("status", status=503, times=1000)
    for _ in range(30):
        push(sold, there, clock)
        clock.wait(60 * 60)
    (waiting,) = pushes(database)
    assert waiting["deadAt"] - waiting["failingSince"] >= timedelta(hours=24)
    assert waiting["attempts"] > 5
    failed = database.value("""SELECT count(*) FROM "ImmersioSyncLog" WHERE status = 'FAILED'""")
    assert failed == waiting["attempts"]


def test_while_the_host_is_left_alone_no_booking_is_to_blame(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    book(api, sold, next_monday(9))
    there.fault("rate_limited", seconds=120)
    clock = FastTime()
    assert push(sold, there, clock).code == "rate_limited"
    assert push(sold, there, clock).code == "left_alone"
    (waiting,) = pushes(database)
    assert (waiting["attempts"], waiting["deadAt"]) == (0, None)
    assert state(database, sold, "bookings")["lastErrorCode"] == "left_alone"
    clock.wait(121)
    assert push(sold, there, clock).counts == {"pushed": 1}


# ── Versions ────────────────────────────────────────────────────────────────────────────────────
class SlowWorker(HttpImmersio):
    """Its booking reaches Immersio only after somebody else's whole work."""

    meanwhile: Any = None

    def put_booking(self, uid: str, document: dict[str, Any]) -> None:
        meanwhile, SlowWorker.meanwhile = SlowWorker.meanwhile, None
        if meanwhile:
            meanwhile()
        super().put_booking(uid, document)


def test_a_write_that_is_late_does_not_bring_back_what_is_over(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    made = book(api, sold, next_monday(9))
    push(sold, there)
    database.rows("""UPDATE "Booking" SET paid = true WHERE uid = :u""", u=made["uid"])

    def meanwhile() -> None:
        cancel(api, made)
        push(sold, there)

    SlowWorker.meanwhile = meanwhile
    pull(sold, there.client(SlowWorker), stream="bookings")
    assert there_now(there) == {made["uid"]: "tobedeleted"}


def test_without_a_newer_version_it_would(api: Api, sold: School, there: FakeSchool) -> None:
    """The twin: a tombstone alone remembers no version that the late write could be compared with."""
    made = book(api, sold, next_monday(9))
    push(sold, there)
    there.client().delete_booking(made["uid"])
    (booking,) = there.rows["bookings"]
    late = {name: booking[name] for name in ("course_id", "student_id", "start_at", "end_at", "amount_minor",
                                             "currency")}  # fmt: skip
    late |= {"status": "accepted", "paid": True, "version": booking["version"] + 1}
    there.client().put_booking(made["uid"], late)
    assert there_now(there) == {made["uid"]: "accepted"}


def test_a_version_grows_even_when_what_we_remember_is_lost(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase
) -> None:
    made = book(api, sold, next_monday(9))
    clock = FastTime()
    push(sold, there, clock)
    database.rows('DELETE FROM "ImmersioPush"')
    database.rows("""UPDATE "Booking" SET paid = true WHERE uid = :u""", u=made["uid"])
    clock.wait(60)
    push(sold, there, clock)
    assert [row["paid"] for row in there.rows["bookings"]] == [True]


def test_a_lesson_that_was_given_is_not_pushed_again_when_its_student_is_erased(
    api: Api, sold: School, there: FakeSchool, database: TestDatabase, load: Load
) -> None:
    for hour in (9, 10):
        book(api, sold, next_monday(hour))
    assert push(sold, there).counts == {"pushed": 2}
    database.rows("""UPDATE "Booking" SET "startTime" = "startTime" - interval '14 days',
                     "endTime" = "endTime" - interval '14 days'""")
    push(sold, there)
    told = len(there.requests)
    # One of them has changed, and nobody was told yet.
    database.rows(
        'UPDATE "ImmersioPush" SET "dueAt" = now() WHERE "bookingId" = (SELECT min(id) FROM "Booking")'
    )
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    erased = Api(function).post(
        f"/v1/admin/people/{MAI['email']}/erase", {}, claims={"email": sold.admin_email}
    )
    function.close()
    assert (erased.status, erased.json["bookings"]) == (200, 2)
    assert push(sold, there).counts == {}
    assert len(there.requests) == told
    assert [row["studentId"] for row in pushes(database)] == [None, None]


def test_of_whom_it_was_cancelled_for_immersio_still_hears_when_they_are_erased(
    api: Api, sold: School, there: FakeSchool, load: Load
) -> None:
    uid = book(api, sold, next_monday(9))["uid"]
    push(sold, there)
    function = load("admin_api", UPLOADS_BUCKET="uploads")
    Api(function).post(
        f"/v1/admin/people/{MAI['email']}/erase",
        {"cancelFutureBookings": True},
        claims={"email": sold.admin_email},
    )
    function.close()
    push(sold, there)
    assert there_now(there)[uid] == "tobedeleted"
