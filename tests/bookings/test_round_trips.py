"""How often a booking waits for the database: a promise that a test keeps."""

from datetime import timedelta

from shared.database import round_trips
from tests.bookings.requests import lesson, next_monday
from tests.functions import Api
from tests.schools import School


def spent(api: Api, method: str, path: str, body: object = None) -> int:
    """Round trips of one warm request, begin and commit among them."""
    engine = api.function.module.database
    with engine.connect() as connection:
        before = round_trips(connection)
    answer = api.get(path) if method == "GET" else api.post(path, body)
    assert answer.status < 300, answer
    with engine.connect() as connection:
        return round_trips(connection) - before


def test_a_booking_takes_two_round_trips_with_begin_and_commit(api: Api, school: School) -> None:
    api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert spent(api, "POST", "/v1/bookings", lesson(school, next_monday(10))) == 2


def test_any_of_many_teachers_takes_no_more(api: Api, school: School) -> None:
    for _ in range(20):
        school.add_teacher()
    api.post("/v1/bookings", lesson(school, next_monday(9)))
    assert spent(api, "POST", "/v1/bookings", lesson(school, next_monday(9))) == 2


def test_the_slots_of_a_month_take_two_round_trips(api: Api, school: School) -> None:
    start = next_monday(0).date()
    path = f"/v1/event-types/{school.lesson_id}/slots?start={start}&end={start + timedelta(days=30)}"
    api.get("/v1/event-types")
    assert spent(api, "GET", path) <= 2
