"""Cal.com works on in the adopted database, and so does this service: each keeps the other's word."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from shared.database import connect_database, in_tenant
from shared.sqlstates import EXCLUSION_VIOLATION, sqlstate
from shared.tenant_scope import of_tenant
from tests.databases import TestDatabase
from tests.migrations.test_calcom_writes import book, default_tenant
from tests.schools import make_school

HOST = 2
COPY = """SELECT status::text AS status, "tenantId" FROM "BookingDenormalized" WHERE uid = :uid"""
CANCEL = """UPDATE "Booking" SET status = 'cancelled' WHERE uid = :uid"""
PLACED = """SELECT b.uid FROM "TeacherOccupancy" o JOIN "Booking" b ON b.id = o."bookingId"
            WHERE b.uid IN ('first', 'second', 'third') ORDER BY b.id"""
LISTED = 'SELECT count(*) FROM "OccupancyConflict"'


@pytest.fixture
def engine(adopted: TestDatabase) -> Iterator[Engine]:
    """The app role's."""
    made = connect_database(adopted.app_url)
    yield made
    made.dispose()


def placed(database: TestDatabase) -> list[str]:
    return [row["uid"] for row in database.rows(PLACED)]


def test_a_double_booking_of_a_host_is_refused_and_leaves_no_copy(adopted: TestDatabase) -> None:
    book(adopted, "one", "09:00", "10:00", user=HOST)
    with pytest.raises(DBAPIError) as refused:
        book(adopted, "two", "09:30", "10:30", user=HOST)
    assert sqlstate(refused.value) == EXCLUSION_VIOLATION
    assert adopted.rows(COPY, uid="two") == []


def test_a_new_booking_and_its_copy_are_in_the_school_of_its_event_type(adopted: TestDatabase) -> None:
    aurora = make_school(adopted, "aurora")
    for uid, event_type, school in (("a", 1, default_tenant(adopted)), ("b", aurora.lesson_id, aurora.id)):
        assert book(adopted, uid, "09:00", "10:00", user=None, event_type=event_type) == school
        assert adopted.rows(COPY, uid=uid) == [{"status": "accepted", "tenantId": school}]


def test_an_event_type_of_calcoms_says_in_our_columns_what_it_says_in_its_own(adopted: TestDatabase) -> None:
    (made,) = adopted.rows(
        """INSERT INTO "EventType" (title, slug, length, hidden, "seatsPerTimeSlot", price, currency)
           VALUES ('x', 'x', 30, true, 4, 1250, 'eur')
           RETURNING "isPublished", "seatLimit", "workshopPrice"::text AS price,
                     "workshopCurrency" AS currency"""
    )
    assert made == {"isPublished": False, "seatLimit": 4, "price": "12.50", "currency": "EUR"}


def test_an_administrator_of_calcoms_administers_the_school(adopted: TestDatabase) -> None:
    (made,) = adopted.rows(
        """INSERT INTO users (email, uuid, role) VALUES ('a@school.example', gen_random_uuid(), 'ADMIN')
           RETURNING "tenantId", "tenantRole\""""
    )
    assert made == {"tenantId": default_tenant(adopted), "tenantRole": "TENANT_ADMIN"}


def test_what_the_app_role_books_and_cancels_is_in_calcoms_copy_under_its_school(
    adopted: TestDatabase, engine: Engine
) -> None:
    aurora, lotus = make_school(adopted, "aurora"), make_school(adopted, "lotus")
    made = text(
        """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime")
           VALUES (:t, 'ours', :u, :e, 'x', '2031-01-01 09:00', '2031-01-01 10:00')"""
    )
    values = {"t": aurora.id, "u": aurora.teacher_id, "e": aurora.lesson_id}
    in_tenant(engine, of_tenant(aurora.id), lambda c: c.execute(made, values))
    assert adopted.rows(COPY, uid="ours") == [{"status": "accepted", "tenantId": aurora.id}]
    in_tenant(engine, of_tenant(aurora.id), lambda c: c.execute(text(CANCEL), {"uid": "ours"}))
    assert adopted.rows(COPY, uid="ours") == [{"status": "cancelled", "tenantId": aurora.id}]
    count = text('SELECT count(*) FROM "BookingDenormalized"')
    assert in_tenant(engine, of_tenant(aurora.id), lambda c: c.execute(count).scalar()) == 1
    assert in_tenant(engine, of_tenant(lotus.id), lambda c: c.execute(count).scalar()) == 0
    delete = text("""DELETE FROM "Booking" WHERE uid = 'ours'""")
    in_tenant(engine, of_tenant(aurora.id), lambda c: c.execute(delete))
    assert adopted.rows(COPY, uid="ours") == []


def test_an_answered_form_follows_its_booking_whoever_changes_it(
    adopted: TestDatabase, engine: Engine
) -> None:
    change = text("""UPDATE "Booking" SET status = 'rejected' WHERE uid = 'b2'""")
    in_tenant(engine, of_tenant(default_tenant(adopted)), lambda c: c.execute(change))
    adopted.rows("""DELETE FROM "Booking" WHERE uid = 'b4'""")
    found = adopted.rows(
        """SELECT "bookingUid", "bookingStatus"::text AS status FROM "RoutingFormResponseDenormalized"
           WHERE id IN (2, 4) ORDER BY id"""
    )
    assert found == [{"bookingUid": "b2", "status": "rejected"}, {"bookingUid": None, "status": None}]


def test_changes_to_a_person_and_an_event_type_reach_the_copies(
    adopted: TestDatabase, engine: Engine
) -> None:
    rename = text("UPDATE users SET name = 'Renamed' WHERE id = 2")
    lengthen = text('UPDATE "EventType" SET length = 55 WHERE id = 1')

    def work(connection: Connection) -> None:
        connection.execute(rename)
        connection.execute(lengthen)

    in_tenant(engine, of_tenant(default_tenant(adopted)), work)
    wrong = """SELECT count(*) FROM "BookingDenormalized"
               WHERE ("userId" = 2) <> (coalesce("userName", '') = 'Renamed')
                  OR ("eventTypeId" = 1) <> (coalesce("eventLength", 0) = 55)"""
    assert adopted.value(wrong) == 0


def test_a_booking_that_stays_out_may_be_changed_in_what_matters_to_nobody(adopted: TestDatabase) -> None:
    adopted.rows("""UPDATE "Booking" SET title = 'New title', status = 'accepted' WHERE uid = 'second'""")
    assert adopted.value(LISTED) == 2
    assert placed(adopted) == ["first"]


def test_a_booking_that_stays_out_cannot_be_moved_onto_another(adopted: TestDatabase) -> None:
    with pytest.raises(DBAPIError) as refused:
        adopted.rows(
            """UPDATE "Booking" SET "endTime" = "endTime" + interval '1 hour' WHERE uid = 'second'"""
        )
    assert sqlstate(refused.value) == EXCLUSION_VIOLATION
    assert adopted.value(LISTED) == 2


def test_a_booking_that_stays_out_gets_a_place_when_it_is_moved_to_a_free_time(adopted: TestDatabase) -> None:
    adopted.rows(
        """UPDATE "Booking" SET "startTime" = "startTime" + interval '1 day',
                                "endTime" = "endTime" + interval '1 day' WHERE uid = 'second'"""
    )
    assert placed(adopted) == ["first", "second"]
    assert adopted.value(LISTED) == 1


@pytest.mark.parametrize("leave", [CANCEL, 'DELETE FROM "Booking" WHERE uid = :uid'])
def test_those_that_stay_out_take_their_places_when_the_one_in_the_way_goes(
    adopted: TestDatabase, leave: str
) -> None:
    adopted.rows(leave, uid="first")
    assert placed(adopted) == ["second", "third"]
    assert adopted.value(LISTED) == 0


@pytest.mark.parametrize("gone", ["DELETE FROM users WHERE id = 2", 'DELETE FROM "Tenant"'])
def test_who_is_deleted_goes_with_all_bookings_and_places(adopted: TestDatabase, gone: str) -> None:
    adopted.rows(gone)
    assert adopted.value('SELECT count(*) FROM "TeacherOccupancy" WHERE "teacherId" = 2') == 0
    assert adopted.value(LISTED) == 0


def test_who_still_cannot_waits_for_the_one_that_is_in_the_way_now(adopted: TestDatabase) -> None:
    adopted.rows(
        """INSERT INTO "Booking" (uid, "userId", title, "startTime", "endTime")
           SELECT 'late', "userId", 'x', "endTime", "endTime" + interval '30 minutes'
           FROM "Booking" WHERE uid = 'first'"""
    )
    adopted.rows(CANCEL, uid="first")
    assert placed(adopted) == ["third"]
    (waiting,) = adopted.rows(
        """SELECT b.uid, o.uid AS taken_by FROM "OccupancyConflict" c
           JOIN "Booking" b ON b.id = c."bookingId" JOIN "Booking" o ON o.id = c."conflictsWithId" """
    )
    assert waiting == {"uid": "second", "taken_by": "late"}
    adopted.rows(CANCEL, uid="late")
    assert placed(adopted) == ["second", "third"]
