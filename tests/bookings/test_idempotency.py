"""The same key is answered the same, whatever came between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC

from tests.bookings.requests import lesson, next_monday
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, Api
from tests.schools import School, make_school

KEY = {"Idempotency-Key": "6f1c"}


def test_another_body_under_the_same_key_is_refused(api: Api, school: School) -> None:
    api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY)
    answer = api.post("/v1/bookings", lesson(school, next_monday(10)), headers=KEY)
    assert (answer.status, answer.code) == (422, "idempotency_key_reused")


def test_the_same_key_gets_the_first_answer_again(api: Api, school: School, database: TestDatabase) -> None:
    first, again = (api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY) for _ in range(2))
    assert (first.status, first.json) == (again.status, again.json) == (201, first.json)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert database.value('SELECT count(*) FROM "Booking"') == 1
    assert database.value('SELECT "bookingsCount" FROM "TenantUsage"') == 1


def test_the_first_answer_stays_after_the_booking_changed(
    api: Api, school: School, database: TestDatabase
) -> None:
    first = api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY)
    database.rows("""UPDATE "Booking" SET status = 'cancelled'""")
    assert api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY).json == first.json


def test_a_refusal_is_not_remembered(api: Api, school: School) -> None:
    school.change("EventType", school.lesson_id, whitelistEnabled=True)
    body = lesson(school, next_monday(9))
    assert api.post("/v1/bookings", body, headers=KEY).code == "not_whitelisted"
    school.change("EventType", school.lesson_id, whitelistEnabled=False)
    assert api.post("/v1/bookings", body, headers=KEY).status == 201


def test_the_same_json_written_otherwise_is_the_same_body(api: Api, school: School) -> None:
    body = lesson(school, next_monday(9))
    first = api.post("/v1/bookings", body, headers=KEY)
    other_way = dict(reversed(body.items()))
    assert api.post("/v1/bookings", other_way, headers=KEY).json == first.json


def test_the_same_instant_at_another_offset_is_the_same_body(api: Api, school: School) -> None:
    start = next_monday(9)
    first = api.post("/v1/bookings", lesson(school, start), headers=KEY)
    again = api.post("/v1/bookings", lesson(school, start.astimezone(UTC)), headers=KEY)
    assert again.json == first.json


def test_two_schools_may_use_the_same_key(api: Api, school: School) -> None:
    other = make_school(school.database, "lotus")
    first = api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY)
    api.tenant = "lotus"
    second = api.post("/v1/bookings", lesson(other, next_monday(9)), headers=KEY)
    assert (first.status, second.status) == (201, 201)
    assert first.json["uid"] != second.json["uid"]


def test_the_stored_answer_does_not_hold_the_token(api: Api, school: School, database: TestDatabase) -> None:
    made = api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY).json
    assert made["manageToken"] not in database.value('SELECT answer::text FROM "IdempotencyKey"')


def test_the_same_key_from_many_at_once_makes_one_booking(
    load: Load, school: School, database: TestDatabase
) -> None:
    functions = [Api(load("booking_api")) for _ in range(8)]

    def send(api: Api) -> list[Answer]:
        return [api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY) for _ in range(5)]

    with ThreadPoolExecutor(len(functions)) as threads:
        answers = [answer for told in threads.map(send, functions) for answer in told]
    made = [answer.json["uid"] for answer in answers if answer.status == 201]
    refused = {answer.code for answer in answers if answer.status != 201}
    assert len(set(made)) == 1
    assert refused <= {"idempotency_key_in_use"}
    assert database.value('SELECT count(*) FROM "Booking"') == 1
    for api in functions:
        api.function.close()


def test_a_time_that_is_taken_is_refused_under_a_new_key_as_without_one(api: Api, school: School) -> None:
    api.post("/v1/bookings", lesson(school, next_monday(9)))
    answer = api.post("/v1/bookings", lesson(school, next_monday(9)), headers=KEY)
    assert (answer.status, answer.code) == (409, "slot_taken")
