"""What a school has several of, for its staff to list, see, make, change and remove: five routes each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from shared.edge.desk import Desk
from shared.edge.requests import body_of, idempotency_key, number_in_path, query_of
from shared.staff.schemas import STAFF, Role


@dataclass(frozen=True, slots=True)
class UseCases:
    """What is done with them, and the models of what is asked. `get` is also how a change looks at one."""

    query: type[BaseModel]
    list: Callable[..., BaseModel]
    get: Callable[..., BaseModel]
    new: type[BaseModel]
    create: Callable[..., Any]
    changes: type[BaseModel]
    change: Callable[..., BaseModel]
    delete: Callable[..., None]


@dataclass(frozen=True, slots=True)
class Collection:
    """Where they are, how their use cases are loaded (when one is asked for), and who writes; all read."""

    place: str
    use_cases: Callable[[], UseCases]
    writers: frozenset[Role] = STAFF


def add_collection(desk: Desk, collection: Collection, clock: Callable[[], datetime]) -> None:
    """Its routes."""
    _add_reading(desk, collection)
    _add_writing(desk, collection, clock)


def _add_reading(desk: Desk, collection: Collection) -> None:
    app, of = desk.app, collection.use_cases

    @app.get(collection.place)
    def several() -> Response[Any]:
        return desk.told(lambda c, staff: of().list(c, staff, query_of(app, of().query)))

    @app.get(f"{collection.place}/<number>")
    def one(number: str) -> Response[Any]:
        return desk.shown(lambda c, staff: of().get(c, staff, number_in_path(number)))


def _add_writing(desk: Desk, collection: Collection, clock: Callable[[], datetime]) -> None:
    app, of, writers = desk.app, collection.use_cases, collection.writers

    @app.post(collection.place)
    def create() -> Response[Any]:
        now = clock()
        return desk.made(
            collection.place,
            lambda c, staff: of().create(c, staff, body_of(app, of().new), idempotency_key(app), now),
            writers,
        )

    @app.patch(f"{collection.place}/<number>")
    def change(number: str) -> Response[Any]:
        now = clock()
        return desk.changed(
            lambda c, staff: of().change(
                c, staff, number_in_path(number), body_of(app, of().changes), desk.unchanged, now
            ),
            writers,
        )

    @app.delete(f"{collection.place}/<number>")
    def delete(number: str) -> Response[Any]:
        now = clock()
        return desk.removed(
            lambda c, staff: of().delete(c, staff, number_in_path(number), desk.unchanged, now), writers
        )
