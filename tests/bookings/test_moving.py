"""A lesson moves: the old time is free, the new one is taken, the money stays, the old link is used up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bookings.life import Staff, book, cancel, events, key_of, messages, move, pay, row_of
from tests.bookings.requests import MAI, lesson, next_monday
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school

At = Callable[[datetime], None]
TUESDAY = timedelta(days=1)


def test_without_its_token_nothing_is_moved(api: Api, school: School) -> None:
    made = book(api, school, next_monday(9))
    assert move(api, {**made, "manageToken": "wrong"}, next_monday(10)).code == "booking_not_found"
    assert move(api, {**made, "uid": "nothing"}, next_monday(10)).code == "booking_not_found"


def test_at_another_school_the_token_moves_nothing(api: Api, school: School, database: TestDatabase) -> None:
    make_school(database, "lotus")
    made = book(api, school, next_monday(9))
    api.tenant = "lotus"
    assert move(api, made, next_monday(10)).code == "booking_not_found"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"start": None},
        {"start": "2030-01-01"},
        {"start": "2030-01-01T09:00:00Z", "sessionNumber": 1},
        {"sessionNumber": 1, "teacherId": 1},
        {"sessionNumber": 0},
        {"sessionNumber": 1},
        {"start": "2030-01-01T09:00:00Z", "tenantId": 1},
    ],
)
def test_a_place_that_is_none_is_refused(api: Api, school: School, body: dict[str, Any]) -> None:
    made = book(api, school, next_monday(9))
    answer = api.post(f"/v1/bookings/{made['uid']}/reschedule", body, headers=key_of(made))
    assert (answer.status, answer.code) == (422, "invalid_request")


def test_what_has_begun_is_not_moved_by_its_student(api: Api, school: School, at: At) -> None:
    made = book(api, school, next_monday(9))
    at(next_monday(9))
    assert move(api, made, next_monday(15)).code == "booking_over"


def test_where_only_the_school_moves_the_student_is_refused(api: Api, admin: Staff, school: School) -> None:
    school.change("EventType", school.lesson_id, disableRescheduling=True)
    made = book(api, school, next_monday(9))
    assert (move(api, made, next_monday(10)).status) == 403
    assert move(api, made, next_monday(10)).code == "rescheduling_disabled"
    assert staff_moves(admin, made["uid"], next_monday(10)).status == 201


def staff_moves(staff: Staff, uid: str, start: datetime, **more: Any) -> Any:
    return staff.post(f"/{uid}/reschedule", {"start": start.isoformat(), **more})


def test_after_the_notice_only_the_school_moves(api: Api, admin: Staff, school: School, at: At) -> None:
    school.change("EventType", school.lesson_id, minimumRescheduleNotice=60)
    first, second = book(api, school, next_monday(9)), book(api, school, next_monday(10))
    at(next_monday(8))
    assert move(api, first, next_monday(15)).status == 201
    at(next_monday(9) + timedelta(seconds=1))
    refused = move(api, second, next_monday(16))
    assert (refused.status, refused.code) == (409, "too_late_to_reschedule")
    assert refused.json["noticeMinutes"] == 60
    assert staff_moves(admin, second["uid"], next_monday(16)).status == 201


def test_a_time_that_is_not_offered_changes_nothing(api: Api, school: School, database: TestDatabase) -> None:
    made = book(api, school, next_monday(9))
    for start in (next_monday(8), next_monday(9, 10), next_monday(17)):
        answer = move(api, made, start)
        assert (answer.status, answer.code) == (422, "slot_not_offered")
    assert row_of(database, made["uid"])["status"] == "accepted"
    assert broken_invariants(database) == []


def test_within_the_booking_notice_only_the_school_moves(
    api: Api, admin: Staff, school: School, at: At
) -> None:
    made = book(api, school, next_monday(12))
    school.change("EventType", school.lesson_id, minimumBookingNotice=120)
    at(next_monday(8))
    assert move(api, made, next_monday(9)).code == "slot_not_offered"
    assert staff_moves(admin, made["uid"], next_monday(9)).status == 201


def test_nobody_moves_into_the_past(api: Api, admin: Staff, school: School, at: At) -> None:
    made = book(api, school, next_monday(12))
    at(next_monday(11))
    assert move(api, made, next_monday(10)).code == "slot_not_offered"
    assert staff_moves(admin, made["uid"], next_monday(10)).code == "slot_not_offered"


def test_a_time_that_somebody_else_has_changes_nothing(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    made, _ = book(api, school, next_monday(9)), book(api, school, next_monday(10))
    before = row_of(database, made["uid"])
    for answer in (move(api, made, next_monday(10)), staff_moves(admin, made["uid"], next_monday(10))):
        assert (answer.status, answer.code) == (409, "slot_taken")
    assert row_of(database, made["uid"]) == before
    assert database.value('SELECT count(*) FROM "Booking"') == 2
    assert broken_invariants(database) == []


def test_what_was_cancelled_is_not_moved(api: Api, school: School) -> None:
    made = book(api, school, next_monday(9))
    cancel(api, made)
    answer = move(api, made, next_monday(10))
    assert (answer.status, answer.code) == (409, "booking_not_active")
    assert answer.json["bookingStatus"] == "cancelled"


def test_a_hold_that_has_run_out_is_not_moved(api: Api, school: School, database: TestDatabase) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    database.rows('UPDATE "Booking" SET "holdExpiresAt" = now() - interval \'1 day\'')
    assert move(api, made, next_monday(10)).code == "booking_not_active"


def test_at_a_suspended_school_nothing_is_moved(api: Api, admin: Staff, school: School) -> None:
    made = book(api, school, next_monday(9))
    school.change("Tenant", school.id, subscriptionStatus="SUSPENDED")
    assert move(api, made, next_monday(10)).code == "tenant_suspended"
    assert staff_moves(admin, made["uid"], next_monday(10)).code == "tenant_suspended"


def test_who_does_not_teach_it_is_not_found(api: Api, school: School, database: TestDatabase) -> None:
    other = make_school(database, "lotus")
    made = book(api, school, next_monday(9))
    for teacher in (other.teacher_id, school.admin_id, 2_000_000):
        assert move(api, made, next_monday(10), teacherId=teacher).code == "teacher_not_found"


def test_the_lesson_goes_on_at_the_new_time_under_a_new_token(
    api: Api, school: School, database: TestDatabase
) -> None:
    made = book(api, school, next_monday(9), notes="Travel")
    answer = move(api, made, next_monday(11))
    assert answer.status == 201
    child = answer.json
    assert answer.headers["location"] == f"/v1/bookings/{child['uid']}"
    assert child["uid"] != made["uid"]
    assert child["manageToken"] != made["manageToken"]
    assert child["start"].endswith("+07:00")
    assert datetime.fromisoformat(child["start"]) == next_monday(11)
    seen = api.get(f"/v1/bookings/{child['uid']}", headers=key_of(child)).json
    assert (seen["status"], seen["notes"], seen["sequence"]) == ("accepted", "Travel", 1)
    assert (seen["rescheduledFrom"], seen["attendee"]["email"]) == (made["uid"], MAI["email"])
    old, new = row_of(database, made["uid"]), row_of(database, child["uid"])
    assert new["iCalUID"] == old["iCalUID"]
    assert (old["status"], old["rescheduled"], old["rescheduledBy"]) == ("cancelled", True, MAI["email"])
    assert broken_invariants(database) == []


def test_the_old_link_still_tells_where_it_went_and_does_nothing_more(api: Api, school: School) -> None:
    made = book(api, school, next_monday(9))
    child = move(api, made, next_monday(11)).json
    seen = api.get(f"/v1/bookings/{made['uid']}", headers=key_of(made)).json
    assert (seen["status"], seen["rescheduledTo"]) == ("cancelled", child["uid"])
    assert child["manageToken"] not in str(seen)
    for answer in (move(api, made, next_monday(12)), cancel(api, made)):
        assert (answer.status, answer.code) == (409, "booking_moved")


def test_the_old_time_is_free_for_the_next(api: Api, school: School, database: TestDatabase) -> None:
    made = book(api, school, next_monday(9))
    move(api, made, next_monday(11))
    statuses = [api.post("/v1/bookings", lesson(school, next_monday(hour))).status for hour in (9, 11)]
    assert statuses == [201, 409]
    assert broken_invariants(database) == []


def test_a_lesson_moves_into_its_own_time(api: Api, school: School, database: TestDatabase) -> None:
    school.change("EventType", school.lesson_id, slotInterval=15, beforeEventBuffer=10, afterEventBuffer=10)
    made = book(api, school, next_monday(9))
    child = move(api, made, next_monday(9, 15)).json
    back = move(api, child, next_monday(9)).json
    assert datetime.fromisoformat(back["start"]) == next_monday(9)
    assert row_of(database, back["uid"])["iCalSequence"] == 2
    (place,) = database.rows('SELECT * FROM "TeacherOccupancy"')
    assert place["busyUntil"] - place["endTime"] == timedelta(minutes=10)
    assert broken_invariants(database) == []


def test_a_lesson_moves_to_another_teacher_who_is_told_as_is_the_old_one(
    api: Api, school: School, database: TestDatabase
) -> None:
    second = school.add_teacher()
    made = book(api, school, next_monday(9), teacherId=school.teacher_id)
    child = move(api, made, next_monday(9), teacherId=second).json
    assert child["teacher"] == {"id": second, "name": "Teacher 2"}
    old, new = row_of(database, made["uid"]), row_of(database, child["uid"])
    assert new["title"] == "Conversation between Teacher 2 and Mai Nguyen"
    moved = {"bookingId": new["id"], "previousId": old["id"], "by": "ATTENDEE"}
    assert messages(database) == [
        ("booking.rescheduled", moved),
        ("booking.rescheduled", {**moved, "to": "teacher"}),
        ("booking.cancelled", {"bookingId": old["id"], "to": "teacher", "by": "ATTENDEE"}),
    ]
    assert broken_invariants(database) == []


def test_it_is_written_down_from_where_to_where(api: Api, school: School, database: TestDatabase) -> None:
    made = book(api, school, next_monday(9))
    child = move(api, made, next_monday(11)).json
    times = {"from": next_monday(9), "to": next_monday(11)}
    told = {name: at.astimezone(UTC).isoformat() for name, at in times.items()}
    assert events(database) == [("RESCHEDULED", "ATTENDEE", None, {**told, "uid": child["uid"]})]
    assert [topic for topic, _ in messages(database)] == ["booking.rescheduled"] * 2


def test_the_money_goes_along(api: Api, school: School, database: TestDatabase) -> None:
    made = book(api, school, next_monday(9))
    pay(school, made["uid"])
    child = move(api, made, next_monday(11)).json
    assert database.value('SELECT "bookingId" FROM "Payment"') == row_of(database, child["uid"])["id"]
    assert database.value('SELECT count(*) FROM "Refund"') == 0


def test_a_move_is_no_booking_of_the_plans_month(api: Api, school: School, database: TestDatabase) -> None:
    school.change("Tenant", school.id, maxBookingsPerMonth=1)
    made = book(api, school, next_monday(9))
    assert move(api, made, next_monday(11)).status == 201
    assert database.value('SELECT "bookingsCount" FROM "TenantUsage"') == 1


def test_the_whitelist_is_not_asked_again(api: Api, school: School, database: TestDatabase) -> None:
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    school.allow(MAI["email"])
    made = book(api, school, next_monday(9))
    database.rows('DELETE FROM "WhitelistEntry"')
    child = move(api, made, next_monday(11)).json
    assert row_of(database, child["uid"])["whitelistVerified"]


def test_a_request_that_waits_goes_on_waiting_until_its_new_start(
    api: Api, school: School, database: TestDatabase
) -> None:
    school.change("EventType", school.lesson_id, requiresConfirmation=True)
    made = book(api, school, next_monday(9))
    child = move(api, made, next_monday(11)).json
    assert child["status"] == "pending"
    row = row_of(database, child["uid"])
    assert row["holdExpiresAt"] == row["startTime"]
    assert broken_invariants(database) == []


def test_a_full_day_lets_its_own_lesson_move_within_it(
    api: Api, school: School, database: TestDatabase
) -> None:
    database.rows("""UPDATE "EventType" SET "bookingLimits" = '{"PER_DAY": 1}'""")
    made, other = book(api, school, next_monday(9)), book(api, school, next_monday(9) + TUESDAY)
    assert move(api, other, next_monday(11)).code == "slot_taken"
    assert move(api, made, next_monday(11)).status == 201


def test_the_same_key_gets_the_first_answer_again(api: Api, school: School, database: TestDatabase) -> None:
    made, key = book(api, school, next_monday(9)), {"Idempotency-Key": "m1"}
    first = move(api, made, next_monday(11), key)
    again = move(api, made, next_monday(11).astimezone(UTC), key)
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["idempotent-replayed"] == "true"
    assert move(api, made, next_monday(12), key).code == "idempotency_key_reused"
    assert move(api, {**made, "manageToken": "wrong"}, next_monday(11), key).code == "booking_not_found"
    assert first.json["manageToken"] not in database.value(
        """SELECT string_agg(answer::text, ' ') FROM "IdempotencyKey" """
    )


def test_the_school_moves_without_being_shown_the_token(
    api: Api, admin: Staff, school: School, database: TestDatabase
) -> None:
    made, key = book(api, school, next_monday(9)), {"Idempotency-Key": "s1"}
    body = {"start": next_monday(11).isoformat()}
    first = admin.post(f"/{made['uid']}/reschedule", body, headers=key)
    again = admin.post(f"/{made['uid']}/reschedule", body, headers=key)
    assert (first.status, first.json["rescheduledFrom"]) == (201, made["uid"])
    assert (again.status, again.json) == (201, first.json)
    assert first.headers["location"] == f"/v1/admin/bookings/{first.json['uid']}"
    token = row_of(database, first.json["uid"])["manageToken"]
    assert token not in first.text
    assert events(database)[0][:3] == ("RESCHEDULED", "STAFF", school.admin_id)
    assert row_of(database, made["uid"])["rescheduledBy"] == school.admin_email
    assert broken_invariants(database) == []
