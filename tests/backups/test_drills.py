"""What backups are for: a school at work is backed up whole, and goes on from there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from shared.sqlstates import INSUFFICIENT_PRIVILEGE, sqlstate
from tests.backups.files import BackupFile, Vaulted
from tests.bookings.requests import MAI, lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.invariants import broken_invariants
from tests.schools import School

WRITERS = 6
BOOKINGS = 200
A_DAY = 16

# What triggers keep of a booking, and what is neither kept nor taken twice after a restore.
PLACES = """
    SELECT count(*) AS bookings, (SELECT count(*) FROM "TeacherOccupancy" WHERE "tenantId" = :t) AS places,
           (SELECT count(*) FROM "Attendee" WHERE "tenantId" = :t) AS students,
           (SELECT "bookingsCount" FROM "TenantUsage" WHERE "tenantId" = :t) AS counted
    FROM "Booking" WHERE "tenantId" = :t
"""


@pytest.fixture
def students(load: Load) -> Iterator[list[Api]]:
    functions = [load("booking_api") for _ in range(WRITERS)]
    yield [Api(function) for function in functions]
    for function in functions:
        function.close()


def book(api: Api, school: School, number: int) -> int:
    """The n-th half-hour of the weeks to come, by the n-th student."""
    day, place = divmod(number, A_DAY)
    start = next_monday(9) + timedelta(days=day + day // 5 * 2, minutes=30 * place)
    who = {**MAI, "email": f"student{number}@example.com"}
    line = f"10.0.0.{number}"
    return api.post("/v1/bookings", lesson(school, start, attendee=who), source_ip=line).status


def backed_up_meanwhile(vault: Vaulted, school: School, students: list[Api]) -> list[BackupFile]:
    """Backups that are made one after the other while everybody books."""
    backups = []
    with ThreadPoolExecutor(WRITERS) as threads:
        sent = [
            threads.submit(
                lambda first: [book(students[first], school, n) for n in range(first, BOOKINGS, WRITERS)],
                each,
            )
            for each in range(WRITERS)
        ]
        while not all(each.done() for each in sent):
            backups.append(vault.back_up(school.id))
    assert [status for each in sent for status in each.result()] == [201] * BOOKINGS
    return backups


def test_a_school_that_is_written_to_is_backed_up_at_one_moment(
    vault: Vaulted, school: School, database: TestDatabase, students: list[Api]
) -> None:
    backups = backed_up_meanwhile(vault, school, students)
    counts = [backup.manifest.tables["Booking"].rows for backup in backups]
    halves = [backup for backup, count in zip(backups, counts, strict=True) if 0 < count < BOOKINGS]
    assert counts == sorted(counts)
    assert halves != []
    assert [backup.manifest.broken_invariants for backup in backups] == [[]] * len(backups)
    for number, backup in enumerate((halves[0], halves[-1])):
        copy = vault.restore(backup, subdomain=f"copy{number}").tenant_id
        (told,) = database.rows(PLACES, t=copy)
        assert set(told.values()) == {backup.manifest.tables["Booking"].rows}
    assert broken_invariants(database) == []


def test_what_was_booked_after_the_backup_is_gone_after_a_restore_in_place(
    vault: Vaulted, school: School, database: TestDatabase, students: list[Api]
) -> None:
    assert [book(students[0], school, number) for number in range(3)] == [201] * 3
    backup = vault.back_up(school.id)
    assert [book(students[0], school, number) for number in range(3, 6)] == [201] * 3
    vault.restore(backup)
    assert set(database.rows(PLACES, t=school.id)[0].values()) == {3}
    assert [book(students[0], school, number) for number in range(6)] == [409] * 3 + [201] * 3
    assert broken_invariants(database) == []


def test_bookings_of_before_an_adoption_that_overlap_come_back_without_a_place(
    vault: Vaulted, school: School, database: TestDatabase
) -> None:
    for uid in ("first", "second"):
        database.rows(
            """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime",
                                      status)
               VALUES (:t, :uid, :u, :e, 'Old', '2020-01-06 10:00', '2020-01-06 11:00', 'cancelled')""",
            uid=uid,
            t=school.id,
            u=school.teacher_id,
            e=school.lesson_id,
        )
    database.rows('ALTER TABLE "Booking" DISABLE TRIGGER keep_occupancy')
    try:
        database.rows("""UPDATE "Booking" SET status = 'accepted'""")
    finally:
        database.rows('ALTER TABLE "Booking" ENABLE TRIGGER keep_occupancy')
    backup = vault.back_up(school.id)
    vault.restore(backup)
    copy = vault.restore(backup, subdomain="copy").tenant_id
    for tenant in (school.id, copy):
        told = database.rows(PLACES, t=tenant)[0]
        assert (told["bookings"], told["places"]) == (2, 0)


def test_what_waits_for_its_end_has_run_out_in_a_copy(
    vault: Vaulted, school: School, database: TestDatabase
) -> None:
    workshop = school.add_event_type("workshop", isWorkshop=True, seatLimit=2)
    for statement in PENDING:
        database.rows(statement, **_used(statement, t=school.id, e=workshop, l=school.lesson_id,
                                         u=school.teacher_id))  # fmt: skip
    assert broken_invariants(database) == []
    copy = vault.restore(vault.back_up(school.id), subdomain="copy").tenant_id
    assert broken_invariants(database) == []
    states = """SELECT b.status::text AS status, e.type FROM "Booking" b
                LEFT JOIN "BookingEvent" e ON e."bookingId" = b.id
                WHERE b."tenantId" = :t ORDER BY b."startTime" """
    assert [tuple(row.values()) for row in database.rows(states, t=copy)] == [("cancelled", "EXPIRED")] * 2
    assert database.value('SELECT "seatsTaken" FROM "WorkshopSession" WHERE "tenantId" = :t', t=copy) == 0
    assert database.value('SELECT status FROM "WaitlistEntry" WHERE "tenantId" = :t', t=copy) == "CLOSED"
    assert [tuple(row.values()) for row in database.rows(states, t=school.id)] == [("pending", None)] * 2


PENDING = (
    """INSERT INTO "WorkshopSession" ("tenantId", "eventTypeId", "sessionNumber", "seatLimit", "startTime",
                                      "endTime")
       VALUES (:t, :e, 1, 2, '2040-01-02 10:00', '2040-01-02 11:00')""",
    """INSERT INTO "Booking" ("tenantId", uid, "eventTypeId", "workshopSessionNumber", title, "startTime",
                              "endTime", status, "manageToken", "holdExpiresAt", "fromReschedule")
       VALUES (:t, 'seat', :e, 1, 'Seat', '2040-01-02 10:00', '2040-01-02 11:00', 'pending', 'token',
               '2040-01-01', NULL)""",
    """INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime", status,
                              "manageToken", "holdExpiresAt")
       VALUES (:t, 'lesson', :u, :l, 'Lesson', '2040-01-03 10:00', '2040-01-03 11:00', 'pending', 'token',
               '2040-01-01')""",
    """INSERT INTO "Attendee" ("tenantId", "bookingId", name, email, "timeZone")
       SELECT :t, id, 'Mai', 'mai@example.com', 'Asia/Ho_Chi_Minh' FROM "Booking" WHERE "tenantId" = :t""",
    """INSERT INTO "OutboxMessage" ("tenantId", topic, payload)
       SELECT :t, 'booking.created', jsonb_build_object('bookingId', id) FROM "Booking"
       WHERE "tenantId" = :t""",
    """INSERT INTO "TenantUsage" ("tenantId", year, month, "bookingsCount")
       SELECT :t, extract(year FROM "createdAt"), extract(month FROM "createdAt"), count(*) FROM "Booking"
       WHERE "tenantId" = :t GROUP BY 2, 3""",
    """INSERT INTO "WaitlistEntry" ("tenantId", "sessionId", name, email, "timeZone", token)
       SELECT :t, id, 'Lan', 'lan@example.com', 'Asia/Ho_Chi_Minh', 'token' FROM "WorkshopSession"
       WHERE "tenantId" = :t""",
)


def _used(statement: str, **values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f":{name}" in statement}


@pytest.mark.parametrize("statement", ['DELETE FROM "Tenant"', 'DELETE FROM "AuditEvent"', "TRUNCATE users"])
def test_the_role_that_restores_ends_no_school_and_forgets_nothing_that_was_done(
    vault: Vaulted, school: School, statement: str
) -> None:
    with (
        vault.restorer.connect() as connection,
        pytest.raises(DBAPIError) as refused,
    ):
        connection.exec_driver_sql(statement)
    assert sqlstate(refused.value) == INSUFFICIENT_PRIVILEGE
