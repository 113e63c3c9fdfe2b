"""Who finds a session full waits for a seat, and is offered the next one that comes free."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.bookings.actors import SYSTEM
from shared.bookings.cancel_bookings import cancel_bookings
from shared.database import connect_database, in_platform
from shared.workshops.sweep_waitlists import Swept, sweep_waitlists
from tests.functions import Answer, Api
from tests.invariants import broken_invariants
from tests.schools import School, make_school
from tests.workshops.workshop import FIRST, Workshop, accept, cancel, make_workshop, student

BOOKINGS = "/v1/bookings"


@pytest.fixture
def platform(school: School) -> Any:
    """The engine of the role that sees every school."""
    engine = connect_database(school.database.ops_url)
    yield engine
    engine.dispose()


@pytest.fixture
def full(api: Api, workshop: Workshop) -> dict[str, Any]:
    """The one seat of the only session is taken: the answer to who has it."""
    workshop.add_session(1, seats=1)
    return dict(api.post(BOOKINGS, workshop.seat(1)).json)


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def of_token(api: Api, joined: dict[str, Any], token: str | None = None) -> Answer:
    return api.get(
        f"/v1/waitlist-entries/{joined['id']}", headers={"x-manage-token": token or joined["token"]}
    )


def leave(api: Api, joined: dict[str, Any], token: str | None = None) -> Answer:
    return api.post(
        f"/v1/waitlist-entries/{joined['id']}/leave", headers={"x-manage-token": token or joined["token"]}
    )


def expire(platform: Engine, workshop: Workshop, now: datetime) -> None:
    """What the housekeeping does with holds that ran out at `now`."""
    ids = [
        row["id"]
        for row in workshop.school.database.rows("""SELECT id FROM "Booking" WHERE status = 'pending'""")
    ]
    in_platform(platform, lambda c: cancel_bookings(c, workshop.school.id, ids, SYSTEM, None, now))


def test_nobody_waits_while_there_is_a_seat(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1, seats=1)
    assert refused(workshop.wait(api)) == (409, "seats_available")
    workshop.add_session(2, seats=None)
    assert refused(workshop.wait(api, 2)) == (409, "seats_available")


def test_nobody_waits_for_what_is_not_there_or_over(api: Api, workshop: Workshop, full: Any) -> None:
    assert refused(workshop.wait(api, 2)) == (404, "session_not_found")
    session = workshop.add_session(3, start=FIRST - timedelta(days=7000))
    assert refused(workshop.wait(api, 3)) == (409, "session_closed")
    workshop.school.change("WorkshopSession", session, cancelledAt="2030-01-01")
    assert refused(workshop.wait(api, 3)) == (409, "session_closed")
    theirs = make_workshop(make_school(workshop.school.database, "lotus"))
    theirs.add_session(1, seats=1)
    assert refused(theirs.wait(api)) == (404, "event_type_not_found")


def test_nobody_waits_twice_nor_for_what_they_have(api: Api, workshop: Workshop, full: Any) -> None:
    assert workshop.wait(api, who=1).status == 201
    assert refused(workshop.wait(api, who=1)) == (409, "already_waiting")
    assert refused(workshop.wait(api, who=0)) == (409, "already_booked")


def test_who_is_not_on_the_list_does_not_wait(api: Api, workshop: Workshop, full: Any) -> None:
    workshop.school.change("EventType", workshop.id, whitelistEnabled=True)
    assert refused(workshop.wait(api)) == (403, "not_whitelisted")


def test_a_place_is_shown_to_nobody_without_its_token(api: Api, workshop: Workshop, full: Any) -> None:
    joined = workshop.wait(api).json
    assert refused(of_token(api, joined, "another")) == (404, "waitlist_entry_not_found")
    assert refused(leave(api, joined, "another")) == (404, "waitlist_entry_not_found")
    assert refused(of_token(api, {**joined, "id": joined["id"] + 1})) == (404, "waitlist_entry_not_found")
    assert workshop.entries() == ["WAITING"]


def test_another_schools_place_is_like_none(api: Api, workshop: Workshop, full: Any) -> None:
    joined = workshop.wait(api).json
    make_school(workshop.school.database, "lotus")
    api.tenant = "lotus"
    assert refused(of_token(api, joined)) == (404, "waitlist_entry_not_found")
    assert refused(leave(api, joined)) == (404, "waitlist_entry_not_found")


def test_who_waits_stands_in_line(api: Api, workshop: Workshop, full: Any) -> None:
    places = [workshop.wait(api, who=who) for who in (1, 2, 3)]
    assert [answer.json["position"] for answer in places] == [1, 2, 3]
    assert places[0].headers["location"] == f"/v1/waitlist-entries/{places[0].json['id']}"
    leave(api, places[0].json)
    told = of_token(api, places[2].json).json
    assert (told["status"], told["position"], told["start"]) == ("WAITING", 2, "2035-01-09T22:00:00+07:00")


def test_a_freed_seat_is_held_for_the_first_in_line(api: Api, workshop: Workshop, full: Any) -> None:
    first, second = (workshop.wait(api, who=who).json for who in (1, 2))
    before = datetime.now(UTC)
    assert cancel(api, full).status == 200
    assert workshop.entries() == ["OFFERED", "WAITING"]
    offer = workshop.booking_of_offer()
    assert offer["status"] == "pending"
    assert before + timedelta(hours=12) <= offer["hold_expires_at"] + timedelta(milliseconds=1)
    assert workshop.topics("seat.offered") == [{"bookingId": offer["id"]}]
    told = of_token(api, first).json
    assert (told["status"], told["bookingUid"]) == ("OFFERED", offer["uid"])
    assert of_token(api, second).json["position"] == 1
    assert workshop.taken() == {1: 1}
    assert broken_invariants(workshop.school.database) == []


def test_nobody_else_gets_the_freed_seat(api: Api, workshop: Workshop, full: Any) -> None:
    workshop.wait(api, who=1)
    cancel(api, full)
    assert refused(api.post(BOOKINGS, workshop.seat(1, who=2))) == (409, "session_full")
    assert refused(api.post(BOOKINGS, workshop.series("available", who=2))) == (409, "session_full")


def test_nobody_else_gets_a_seat_that_could_not_be_offered(api: Api, workshop: Workshop, full: Any) -> None:
    """Cal.com cancelled it, and nobody has swept since."""
    workshop.wait(api, who=1)
    workshop.school.database.rows("""UPDATE "Booking" SET status = 'cancelled'""")
    assert refused(api.post(BOOKINGS, workshop.seat(1, who=2))) == (409, "session_full")
    assert workshop.wait(api, who=2).json["position"] == 2
    assert api.get(workshop.path).json["sessions"][0]["seatsLeft"] == 0


def test_an_offer_is_accepted_by_its_token_only(api: Api, workshop: Workshop, full: Any) -> None:
    joined = workshop.wait(api, who=1).json
    cancel(api, full)
    offer = workshop.booking_of_offer()
    assert offer["token"] == joined["token"]
    assert refused(accept(api, {**offer, "token": "another"})) == (404, "booking_not_found")
    assert [accept(api, offer).json["status"] for _ in range(2)] == ["accepted", "accepted"]
    assert workshop.entries() == ["BOOKED"]
    assert [payload.get("to") for payload in workshop.topics("booking.confirmed")] == [None, "teacher"]
    events = workshop.school.database.rows(
        'SELECT type FROM "BookingEvent" WHERE "bookingId" = :b ORDER BY id', b=offer["id"]
    )
    assert [event["type"] for event in events] == ["SEAT_OFFERED", "SEAT_ACCEPTED"]
    assert refused(leave(api, joined)) == (409, "already_booked")
    assert broken_invariants(workshop.school.database) == []


def test_what_was_never_offered_cannot_be_accepted(api: Api, workshop: Workshop, full: Any) -> None:
    own = {"uid": full["uid"], "token": full["manageToken"]}
    assert refused(accept(api, own)) == (409, "not_offered")


def test_an_offer_that_ran_out_is_refused_and_goes_to_the_next(
    api: Api, platform: Engine, workshop: Workshop, full: Any
) -> None:
    workshop.wait(api, who=1)
    workshop.wait(api, who=2)
    cancel(api, full)
    first = workshop.booking_of_offer()
    workshop.school.change("Booking", first["id"], holdExpiresAt="2026-01-01")
    assert refused(accept(api, first)) == (409, "offer_expired")
    expire(platform, workshop, datetime.now(UTC))
    assert workshop.entries() == ["EXPIRED", "OFFERED"]
    assert refused(accept(api, first)) == (409, "offer_expired")
    assert accept(api, workshop.booking_of_offer(1)).json["status"] == "accepted"
    assert broken_invariants(workshop.school.database) == []


def test_an_offer_ends_at_the_latest_when_the_session_begins(
    api: Api, platform: Engine, workshop: Workshop, full: Any
) -> None:
    workshop.wait(api, who=1)
    workshop.school.database.rows("""UPDATE "Booking" SET status = 'cancelled'""")
    assert sweep_waitlists(platform, FIRST - timedelta(hours=2), lambda: True) == Swept(
        closed=0, offered=1, failed=0
    )
    assert workshop.booking_of_offer()["hold_expires_at"] == FIRST


def test_who_leaves_after_an_offer_passes_it_on(api: Api, workshop: Workshop, full: Any) -> None:
    first, _ = (workshop.wait(api, who=who).json for who in (1, 2))
    cancel(api, full)
    assert [leave(api, first).json["status"] for _ in range(2)] == ["LEFT", "LEFT"]
    assert workshop.entries() == ["LEFT", "OFFERED"]
    assert broken_invariants(workshop.school.database) == []
    assert workshop.wait(api, who=1).json["position"] == 1


def test_a_plan_that_is_used_up_offers_nobody_anything(
    api: Api, platform: Engine, workshop: Workshop, full: Any
) -> None:
    workshop.wait(api, who=1)
    workshop.school.change("Tenant", workshop.school.id, maxBookingsPerMonth=1)
    cancel(api, full)
    assert workshop.entries() == ["WAITING"]
    workshop.school.change("Tenant", workshop.school.id, maxBookingsPerMonth=2)
    assert sweep_waitlists(platform, datetime.now(UTC), lambda: True) == Swept(closed=0, offered=1, failed=0)
    assert broken_invariants(workshop.school.database) == []


def test_what_cannot_be_booked_is_not_offered(api: Api, workshop: Workshop, full: Any) -> None:
    workshop.wait(api, who=1)
    workshop.school.change("EventType", workshop.id, isPublished=False)
    cancel(api, full)
    assert workshop.entries() == ["WAITING"]


def test_as_many_are_offered_a_seat_as_there_are(api: Api, workshop: Workshop) -> None:
    workshop.add_session(1, seats=2)
    booked = [api.post(BOOKINGS, workshop.seat(1, who=who)).json for who in (0, 1)]
    for who in (2, 3, 4):
        workshop.wait(api, who=who)
    for each in booked:
        cancel(api, each)
    assert workshop.entries() == ["OFFERED", "OFFERED", "WAITING"]
    assert broken_invariants(workshop.school.database) == []


def test_a_waitlist_is_closed_when_its_session_begins(
    api: Api, platform: Engine, workshop: Workshop, full: Any
) -> None:
    joined = workshop.wait(api, who=1).json
    assert sweep_waitlists(platform, FIRST - timedelta(seconds=1), lambda: True).closed == 0
    assert sweep_waitlists(platform, FIRST, lambda: True) == Swept(closed=1, offered=0, failed=0)
    assert leave(api, joined).json["status"] == "CLOSED"


def test_a_sweep_serves_every_school(api: Api, platform: Engine, workshop: Workshop, full: Any) -> None:
    theirs = make_workshop(make_school(workshop.school.database, "lotus"))
    theirs.add_session(1, seats=1)
    workshop.wait(api, who=1)
    api.tenant = "lotus"
    api.post(BOOKINGS, theirs.seat(1))
    api.post(f"{theirs.path}/1/waitlist", {"attendee": student(1)})
    workshop.school.database.rows("""UPDATE "Booking" SET status = 'cancelled'""")
    assert sweep_waitlists(platform, datetime.now(UTC), lambda: True).offered == 2
    assert workshop.entries() == ["OFFERED", "OFFERED"]


def test_whoever_has_booked_as_often_as_they_may_does_not_wait_for_more(
    api: Api, workshop: Workshop, full: Any
) -> None:
    workshop.add_session(2, seats=1)
    workshop.school.change("EventType", workshop.id, maxActiveBookingsPerBooker=1)
    api.post(BOOKINGS, workshop.seat(2, who=9))
    assert refused(workshop.wait(api, who=9)) == (409, "booker_limit_reached")


def test_whoever_has_booked_as_often_as_they_may_meanwhile_is_not_offered_more(
    api: Api, workshop: Workshop, full: Any
) -> None:
    workshop.add_session(2, seats=1)
    workshop.school.change("EventType", workshop.id, maxActiveBookingsPerBooker=1)
    workshop.wait(api, who=9)
    workshop.wait(api, who=8)
    api.post(BOOKINGS, workshop.seat(2, who=9))
    cancel(api, full)
    assert workshop.entries() == ["WAITING", "OFFERED"]


def test_another_request_under_the_same_key_is_refused(api: Api, workshop: Workshop, full: Any) -> None:
    workshop.wait(api, key="mine")
    assert refused(workshop.wait(api, key="mine", who=8)) == (422, "idempotency_key_reused")
    api.post(BOOKINGS, workshop.seat(1, who=7), headers={"idempotency-key": "other"})
    workshop.add_session(2)
    api.post(BOOKINGS, workshop.seat(2, who=7), headers={"idempotency-key": "booked"})
    assert refused(workshop.wait(api, key="booked", who=7)) == (422, "idempotency_key_reused")


def test_a_lost_answer_is_told_again_under_its_key(api: Api, workshop: Workshop, full: Any) -> None:
    workshop.wait(api, who=8)
    first, again = (workshop.wait(api, key="mine") for _ in range(2))
    assert first.json == again.json
    assert first.json["position"] == 2
    assert (again.status, again.headers["idempotent-replayed"]) == (201, "true")
    assert workshop.entries() == ["WAITING", "WAITING"]


def test_whoever_waits_is_written_to_with_the_token(api: Api, workshop: Workshop, full: Any) -> None:
    joined = workshop.wait(api).json
    assert workshop.topics("waitlist.joined") == [{"waitlistEntryId": joined["id"]}]


@pytest.mark.parametrize("listed", [False, True])
def test_a_seat_is_offered_to_whom_the_list_has_when_it_comes_free(
    api: Api, workshop: Workshop, full: Any, listed: bool
) -> None:
    workshop.wait(api)
    workshop.school.change("EventType", workshop.id, whitelistEnabled=True)
    if listed:
        workshop.school.allow(student(9)["email"], workshop.id)
    cancel(api, full)
    assert workshop.entries() == (["OFFERED"] if listed else ["WAITING"])


def test_an_offered_seat_of_a_listed_workshop_says_that_the_list_was_asked(
    api: Api, workshop: Workshop, full: Any
) -> None:
    workshop.school.change("EventType", workshop.id, whitelistEnabled=True)
    workshop.school.allow(student(9)["email"], workshop.id)
    workshop.wait(api)
    cancel(api, full)
    found = workshop.school.database.rows(
        """SELECT "whitelistVerified" AS listed FROM "Booking" WHERE status = 'pending'"""
    )
    assert found == [{"listed": True}]
