"""What students and integrators call."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit

from holder_routes import add_holder_routes
from session_routes import Booking, add_session_routes, seats_asked
from shared.bookings.create_booking import create_booking
from shared.bookings.schemas import NewBooking
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings
from shared.database import connect_database, in_platform, in_tenant
from shared.edge.http import answer, http_app, http_handler
from shared.edge.paying import Till
from shared.edge.requests import (
    body_of,
    idempotency_key,
    number_in_path,
    query_of,
    source_of,
    tenant_of,
)
from shared.edge.unlisted import refused_alike
from shared.event_types.queries import get_event_type, list_event_types
from shared.event_types.schemas import ListQuery
from shared.health import Health, check_health
from shared.slots.list_slots import list_slots
from shared.slots.schemas import SlotsQuery
from shared.telemetry import metrics

settings = PaymentSettings.from_environment()
database = connect_database(settings.database_url)
till = Till(settings, database, Sealer(settings.tenant_secrets_key_id))
app = http_app()
handler = http_handler(app)
add_holder_routes(app, settings, database, till)
add_session_routes(app, settings, database)


@app.get("/health")
def health() -> Response[Any]:
    told: Health = in_platform(database, check_health)
    return answer(told)


@app.get("/openapi.json")
def openapi() -> Response[Any]:
    from shared.openapi.document import rendered_document

    return Response(200, "application/json", rendered_document(), {"Cache-Control": "max-age=300"})


@app.get("/v1/event-types")
def event_types() -> Response[Any]:
    query = query_of(app, ListQuery)
    return answer(in_tenant(database, tenant_of(app, settings), lambda c: list_event_types(c, query)))


@app.get("/v1/event-types/<event_type_id>")
def event_type(event_type_id: str) -> Response[Any]:
    number = number_in_path(event_type_id)
    return answer(in_tenant(database, tenant_of(app, settings), lambda c: get_event_type(c, number)))


@app.get("/v1/event-types/<event_type_id>/slots")
def slots(event_type_id: str) -> Response[Any]:
    number, query, now = number_in_path(event_type_id), query_of(app, SlotsQuery), datetime.now(UTC)
    found = in_tenant(database, tenant_of(app, settings), lambda c: list_slots(c, number, query, now))
    return answer(found)


@app.post("/v1/bookings")
def bookings() -> Response[Any]:
    book = seats_asked(app) or lesson_asked()
    key, now, source = idempotency_key(app), datetime.now(UTC), source_of(app)
    school = tenant_of(app, settings)
    with refused_alike(database, school, source, now):
        booked = in_tenant(database, school, lambda c: book(c, key, now, source))
    told = till.with_page(school, booked.answer, now) if booked.is_paid else booked.answer
    if booked.replayed:
        return answer(told, 201, {"Idempotent-Replayed": "true"})
    metrics.add_metric(name="BookingCreated", unit=MetricUnit.Count, value=1)
    return answer(told, 201, {"Location": f"/v1/bookings/{told.uid}"})


def lesson_asked() -> Booking:
    command = body_of(app, NewBooking)
    return lambda connection, key, now, source: create_booking(connection, command, key, now, source)
