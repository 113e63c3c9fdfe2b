"""What it costs to show the free times of a month: `make bench-slots`.

A school with one teacher, and one with fifty; each teacher works every day from 9 to 17 and has 200 lessons
of 30 minutes in the 30 days that are asked for.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from bench.side_by_side import measured, print_milliseconds, print_ratios, ratios
from local.postgres import temporary_postgres_server
from shared.database import connect_database, in_tenant
from shared.slots.find_slots import find_slots
from shared.slots.list_slots import list_slots
from shared.slots.offer import Offer, OfferQuestion, load_offer
from shared.slots.schemas import SlotsQuery
from shared.tenant_scope import of_tenant
from tests.databases import TestDatabase, prepared_template
from tests.schools import School, make_school

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
FIRST_DAY = datetime(2030, 3, 1, tzinfo=UTC)  # the clocks of New York change within the month
DAYS, LESSONS, LESSONS_A_DAY = 30, 200, 16
TEACHERS = (1, 50)
QUERY = SlotsQuery(start="2030-03-01", end="2030-03-30", time_zone="Asia/Ho_Chi_Minh")
NOW = FIRST_DAY - timedelta(days=1)

BOOK = """
    INSERT INTO "Booking" ("tenantId", uid, "userId", "eventTypeId", title, "startTime", "endTime", status)
    SELECT :tenant, gen_random_uuid(), :teacher, :lesson, 'Conversation', start, start + interval '30 min',
           'accepted'
    FROM (SELECT CAST(:day AS timestamp) + make_interval(mins => minute) AS start
          FROM unnest(CAST(:minutes AS int[])) AS minute) AS lessons
"""

Case = Callable[[], float]


def school_of(database: TestDatabase, teachers: int) -> School:
    """A school that teaches around the year, its teachers half booked."""
    school = make_school(database, f"school{teachers}", days=EVERY_DAY)
    for _ in range(teachers - 1):
        school.add_teacher(days=EVERY_DAY)
    lots = random.Random(teachers)
    for teacher in school.teachers:
        taken = lots.sample(range(DAYS * LESSONS_A_DAY), LESSONS)
        # 9:00 in New York is 14:00 UTC, and from the tenth on 13:00, when some lessons outlast the hours.
        minutes = [(each // LESSONS_A_DAY) * 1440 + 14 * 60 + (each % LESSONS_A_DAY) * 30 for each in taken]
        database.rows(
            BOOK,
            tenant=school.id,
            teacher=teacher,
            lesson=school.lesson_id,
            day=f"{FIRST_DAY:%Y-%m-%d}",
            minutes="{" + ",".join(map(str, minutes)) + "}",
        )
    return school


@contextmanager
def cases(school: School, calls: int) -> Iterator[dict[str, Case]]:
    """The whole and its parts, each as processor seconds of a call."""
    engine = connect_database(school.database.app_url)
    start, end = (int(FIRST_DAY.timestamp()) + days * 86_400 for days in (0, DAYS))
    asked = OfferQuestion(school.lesson_id, None, start, end)

    def load() -> Offer:
        return in_tenant(engine, of_tenant(school.id), lambda c: load_offer(c, asked))

    def compute(offer: Offer) -> None:
        for teacher in offer.teachers:
            assert find_slots(offer.rules, teacher.schedule, teacher.busy, start, end, int(NOW.timestamp()))

    def whole() -> str:
        told = in_tenant(engine, of_tenant(school.id), lambda c: list_slots(c, school.lesson_id, QUERY, NOW))
        return told.model_dump_json(by_alias=True)

    parts: dict[str, Callable[[], object]] = {
        "the whole, as JSON": whole,
        "the query, read": load,
        "the free times": partial(compute, load()),
    }
    name = f"{len(school.teachers)} teachers" if len(school.teachers) > 1 else "1 teacher"
    yield {f"{name}: {part}": partial(processor_seconds, work, calls) for part, work in parts.items()}
    engine.dispose()


def processor_seconds(work: Callable[[], object], calls: int) -> float:
    """This process's time a call; what the server spends is not in it."""
    began = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - began) / calls


def main(rounds: int) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(temporary_postgres_server())
        prepared_template(server.url)
        database = stack.enter_context(TestDatabase.copy_of_template(server.url))
        schools = [school_of(database, teachers) for teachers in TEACHERS]
        database.rows("VACUUM ANALYZE")
        compared: dict[str, Case] = {}
        for school in schools:
            compared |= stack.enter_context(cases(school, calls=100 if len(school.teachers) == 1 else 15))
        measured(compared, 1)  # warms
        samples = measured(compared, rounds)
    print_milliseconds("Processor time of this process, milliseconds", samples)
    base = next(iter(compared))
    print_ratios(f"Against «{base}»", ratios(samples, base))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    main(parser.parse_args().rounds)
