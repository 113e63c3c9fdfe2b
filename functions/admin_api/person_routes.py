"""One person, for the admins of a school: what is held of them, and forgetting it."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from shared.edge.desk import Desk
from shared.edge.requests import optional_body_of
from shared.staff.schemas import ADMINS


def add_person_routes(desk: Desk) -> None:
    """The routes of /v1/admin/people."""
    app = desk.app

    @app.get("/v1/admin/people/<person>/export")
    def export(person: str) -> Response[Any]:
        from shared.people.export_person import export_person

        now = datetime.now(UTC)
        return desk.told(lambda c, staff: export_person(c, staff, person, now), ADMINS)

    @app.post("/v1/admin/people/<person>/erase")
    def erase(person: str) -> Response[Any]:
        from shared.people.erase_person import erase_person
        from shared.people.schemas import Erasure

        now = datetime.now(UTC)
        return desk.told(
            lambda c, staff: erase_person(
                c, staff, person, now, cancel_future=optional_body_of(app, Erasure).cancel_future_bookings
            ),
            ADMINS,
        )
