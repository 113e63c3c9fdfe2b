"""How often a booking waits for the database, by each way to book."""

from typing import Any

from pg8000.core import READY_FOR_QUERY, CoreConnection
from sqlalchemy import Engine

from bench.bookers import Bookers
from bench.schools import Schools


def print_round_trips(made: Schools) -> None:
    """Counted on a warm connection, begin and commit among them."""
    bookers = Bookers(made.database.app_url)
    found = {
        "two functions": (bookers.two_calls, bookers.engine),
        "two functions, through SQLAlchemy": (bookers.two_calls_of_sqlalchemy, bookers.engine),
        "two functions, stock pg8000": (bookers.two_calls_on_stock_pg8000, bookers.stock_engine),
        "use case": (bookers.use_case, bookers.engine),
    }
    print("\nRound trips a booking")
    for name, (book, engine) in found.items():
        (place,) = made.places(0)
        book(place, place.first)
        counted = count_answers(engine)
        book(place, place.first + 1)
        print(f"  {name:34}  {len(counted)}")
        engine.dispose()


def count_answers(engine: Engine) -> list[Any]:
    """A list that grows whenever the server says that it is ready for more."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
    assert isinstance(raw, CoreConnection)
    ready, told = raw.message_types[READY_FOR_QUERY], []

    def heard(data: Any, context: Any) -> None:
        told.append(data)
        ready(data, context)

    raw.message_types[READY_FOR_QUERY] = heard
    return told
