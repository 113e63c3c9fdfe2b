"""The sessions of a workshop, as students and as the staff see them, and one that is cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import make_school
from tests.workshops.workshop import FIRST, Workshop, cancel, make_workshop

BOOKINGS = "/v1/bookings"


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def cancel_session(admin: Api, workshop: Workshop, number: int, body: Any = None) -> Answer:
    path = f"{workshop.admin_path}/sessions/{number}/cancel"
    return admin.post(path, body or {}, claims=workshop.claims)


@pytest.mark.parametrize(
    "query", ["timeZone=Mars", "limit=0", "cursor=x", "cursor=1-", "cursor=9999999999999-1", "other=1"]
)
def test_a_page_that_cannot_be_is_invalid(api: Api, workshop: Workshop, query: str) -> None:
    assert refused(api.get(f"{workshop.path}?{query}")) == (422, "invalid_request")


def test_what_the_school_does_not_offer_has_no_sessions(api: Api, workshop: Workshop) -> None:
    theirs = make_workshop(make_school(workshop.school.database, "lotus"))
    assert refused(api.get(theirs.path)) == (404, "event_type_not_found")
    workshop.school.change("EventType", workshop.id, isPublished=False)
    assert refused(api.get(workshop.path)) == (404, "event_type_not_found")
    api.tenant = "nowhere"
    assert refused(api.get(workshop.path)) == (404, "tenant_not_found")


def test_a_suspended_school_shows_no_sessions(api: Api, workshop: Workshop) -> None:
    workshop.school.change("Tenant", workshop.school.id, subscriptionStatus="SUSPENDED")
    assert refused(api.get(workshop.path)) == (403, "tenant_suspended")


def test_a_lesson_has_no_sessions(api: Api, workshop: Workshop) -> None:
    assert api.get(f"/v1/event-types/{workshop.school.lesson_id}/sessions").json["sessions"] == []


def test_the_sessions_to_come_are_shown_on_the_askers_clock(api: Api, workshop: Workshop) -> None:
    workshop.add_session(7, start=FIRST - timedelta(days=7000))
    workshop.school.change("WorkshopSession", workshop.add_session(2), cancelledAt="2030-01-01")
    workshop.add_session(1)
    told = api.get(f"{workshop.path}?timeZone=Asia/Ho_Chi_Minh").json
    assert told == {
        "eventTypeId": workshop.id,
        "timeZone": "Asia/Ho_Chi_Minh",
        "sessions": [
            {
                "sessionNumber": 1,
                "start": "2035-01-09T22:00:00+07:00",
                "end": "2035-01-09T23:30:00+07:00",
                "teacher": {"id": workshop.school.teacher_id, "name": "Teacher 1"},
                "seatLimit": 3,
                "seatsLeft": 3,
                "waitlistLength": 0,
                "bookable": True,
            }
        ],
    }


def test_what_is_shown_as_bookable_can_be_booked_and_nothing_else(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1, seats=1)
    workshop.add_session(2, seats=None)
    workshop.add_session(3, seats=1)
    workshop.add_session(4, start=datetime.now(UTC) + timedelta(minutes=90))
    workshop.school.change("EventType", workshop.id, minimumBookingNotice=120)
    api.post(BOOKINGS, workshop.seat(3, who=5))
    shown = {one["sessionNumber"]: one for one in api.get(workshop.path).json["sessions"]}
    assert {n: one.get("reason") for n, one in shown.items()} == {1: None, 2: None, 3: "full", 4: "too_late"}
    for number, one in shown.items():
        assert (api.post(BOOKINGS, workshop.seat(number)).status == 201) is one["bookable"]


def test_a_workshop_that_nobody_can_pay_for_is_shown_but_not_bookable(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    workshop.school.change("EventType", workshop.id, workshopPrice=15)
    (one,) = api.get(workshop.path).json["sessions"]
    assert (one["bookable"], one["reason"]) == (False, "payment")


def test_the_pages_together_are_all_sessions_by_their_start(
    api: Api, admin_api: Api, workshop: Workshop
) -> None:
    for number, week in ((1, 4), (2, 1), (3, 3), (4, 0), (5, 2)):
        workshop.add_session(number, start=FIRST + timedelta(days=7 * week))
    seen, page = [], api.get(f"{workshop.path}?limit=2").json
    while True:
        seen += [one["sessionNumber"] for one in page["sessions"]]
        if "nextCursor" not in page:
            break
        page = api.get(f"{workshop.path}?limit=2&cursor={page['nextCursor']}").json
    assert seen == [4, 2, 5, 3, 1]
    path = f"{workshop.admin_path}/sessions?limit=3"
    first = admin_api.get(path, claims=workshop.claims).json
    rest = admin_api.get(f"{path}&cursor={first['nextCursor']}", claims=workshop.claims).json
    assert [one["sessionNumber"] for page in (first, rest) for one in page["sessions"]] == [1, 2, 3, 4, 5]
    assert "nextCursor" not in rest


def test_the_staff_sees_seats_and_who_waits(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.add_session(1, seats=1)
    api.post(BOOKINGS, workshop.seat(1))
    workshop.wait(api)
    (one,) = admin_api.get(f"{workshop.admin_path}/sessions", claims=workshop.claims).json["sessions"]
    assert (one["seatsTaken"], one["seatLimit"], one["waiting"]) == (1, 1, 1)


def test_the_staff_of_another_school_sees_nothing(admin_api: Api, workshop: Workshop) -> None:
    lotus = make_school(workshop.school.database, "lotus")
    admin_api.tenant = "lotus"
    told = admin_api.get(f"{workshop.admin_path}/sessions", claims={"email": lotus.admin_email})
    assert refused(told) == (404, "event_type_not_found")


def test_a_session_that_is_not_there_is_not_cancelled(admin_api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    assert refused(cancel_session(admin_api, workshop, 2)) == (404, "session_not_found")
    theirs = make_workshop(make_school(workshop.school.database, "lotus"))
    theirs.add_session(1)
    path = f"{theirs.admin_path}/sessions/1/cancel"
    assert refused(admin_api.post(path, {}, claims=workshop.claims)) == (404, "event_type_not_found")


def test_cancelling_a_session_cancels_all_its_bookings_and_no_others(
    api: Api, admin_api: Api, workshop: Workshop
) -> None:
    for number in (1, 2):
        workshop.add_session(number, seats=2)
    for who in (0, 1):
        api.post(BOOKINGS, workshop.series(who=who))
    workshop.wait(api)
    told = cancel_session(admin_api, workshop, 1, {"reason": "The teacher is ill."}).json
    assert (told["bookingsCancelled"], told["seatsTaken"], told["waiting"]) == (2, 0, 0)
    assert "cancelledAt" in told
    assert workshop.taken() == {1: 0, 2: 2}
    assert workshop.entries() == ["CLOSED"]
    statuses = workshop.school.database.rows(
        """SELECT "workshopSessionNumber" AS n, status::text AS status, "cancellationReason" AS why
           FROM "Booking" ORDER BY n, id"""
    )
    ill, fine = ("cancelled", "The teacher is ill."), ("accepted", None)
    assert [(row["status"], row["why"]) for row in statuses] == [ill, ill, fine, fine]
    assert len([one for one in workshop.topics("booking.cancelled") if "to" not in one]) == 2
    assert len(workshop.topics("waitlist.closed")) == 1
    assert broken_invariants(workshop.school.database) == []


def test_a_session_cancelled_again_stays_as_it_is(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    api.post(BOOKINGS, workshop.seat(1))
    first, again = (cancel_session(admin_api, workshop, 1) for _ in range(2))
    assert (first.status, again.status) == (200, 200)
    assert again.json == {**first.json, "bookingsCancelled": 0}


def test_the_teachers_time_is_free_again(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    cancel_session(admin_api, workshop, 1)
    assert workshop.school.database.value('SELECT count(*) FROM "TeacherOccupancy"') == 0


def test_one_students_cancellation_never_ends_the_session(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    first, _ = (api.post(BOOKINGS, workshop.seat(1, who=who)).json for who in (0, 1))
    cancel(api, first)
    (one,) = api.get(workshop.path).json["sessions"]
    assert (one["seatsLeft"], one["bookable"]) == (2, True)
    assert workshop.school.database.value("""SELECT count(*) FROM "Booking" WHERE status = 'accepted'""") == 1


def test_cancelling_a_session_gives_everybody_their_money_back(
    api: Api, admin_api: Api, workshop: Workshop
) -> None:
    workshop.add_session(1)
    for who in (0, 1):
        api.post(BOOKINGS, workshop.seat(1, who=who))
    workshop.school.database.rows(
        """INSERT INTO "Payment" (uid, "tenantId", "bookingId", amount, fee, currency, success, refunded,
                                  data, "externalId")
           SELECT uid, "tenantId", id, 1500, 0, 'eur', true, false, '{}', uid FROM "Booking" """
    )
    cancel_session(admin_api, workshop, 1)
    refunds = workshop.school.database.rows('SELECT reason, status, amount FROM "Refund"')
    assert refunds == [{"reason": "SCHOOL", "status": "PENDING", "amount": 1500}] * 2


def test_the_teacher_is_told_once_that_a_session_is_off(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    for who in range(3):
        api.post(BOOKINGS, workshop.seat(1, who=who))
    cancel_session(admin_api, workshop, 1)
    told = [payload.get("to", "attendee") for payload in workshop.topics("booking.cancelled")]
    assert sorted(told) == ["attendee"] * 3 + ["teacher"]


def test_the_staff_see_who_comes_to_a_session(api: Api, admin_api: Api, workshop: Workshop) -> None:
    workshop.add_session(1)
    workshop.add_session(2)
    comes = api.post(BOOKINGS, workshop.seat(1)).json["uid"]
    api.post(BOOKINGS, workshop.seat(2))
    path = f"/v1/admin/bookings?eventTypeId={workshop.id}&sessionNumber=1"
    roster = admin_api.get(path, claims=workshop.claims).json["bookings"]
    assert [booking["uid"] for booking in roster] == [comes]


def test_a_teacher_cancels_their_own_session_and_nobody_elses(admin_api: Api, workshop: Workshop) -> None:
    session = workshop.add_session(1)
    path = f"{workshop.admin_path}/sessions/1/cancel"
    other = {"email": "teacher2@aurora.test"}
    workshop.school.add_teacher()
    assert refused(admin_api.post(path, {}, claims=other)) == (404, "session_not_found")
    assert admin_api.post(path, {}, claims={"email": "teacher1@aurora.test"}).status == 200
    off = workshop.school.database.value(
        'SELECT "cancelledAt" FROM "WorkshopSession" WHERE id = :s', s=session
    )
    assert off is not None
