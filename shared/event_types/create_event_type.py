"""The school makes something that can be booked."""

from datetime import datetime

from sqlalchemy import Connection

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.bookings.idempotency import request_hash
from shared.event_types.check_event_type import check_event_type, slugs_of_others
from shared.event_types.errors import SlugTaken
from shared.event_types.slugs import free_slug
from shared.event_types.staff_queries import get_event_type_of_staff
from shared.event_types.staff_schemas import EventTypeOfStaff, EventTypeTerms, NewEventType
from shared.event_types.write_event_type import insert_event_type
from shared.idempotency.answer_once import Answered, Request, answer_once
from shared.staff.find_staff import StaffMember


def create_event_type(
    connection: Connection, staff: StaffMember, command: NewEventType, key: str | None, now: datetime
) -> Answered[EventTypeOfStaff]:
    """The event type, once for a key. Nobody teaches it yet.

    Raises PriceNotExpressible, IdempotencyKeyInUse, IdempotencyKeyReused and what `check_event_type` raises.
    """
    tenant = staff.tenant.id

    def make() -> EventTypeOfStaff:
        terms = _terms(connection, tenant, command)
        check_event_type(connection, tenant, command.kind, None, terms)
        one = insert_event_type(connection, tenant, staff.id_at_school, command.kind, terms, now)
        made = get_event_type_of_staff(connection, tenant, one)
        subject, changes = Subject("eventType", one), changes_between(None, made)
        record_audit(connection, tenant, staff, "eventType.created", subject, now, changes)
        return made

    request = Request(tenant, "createEventType", key, request_hash(command))
    return answer_once(connection, request, EventTypeOfStaff, make)


def _terms(connection: Connection, tenant_id: int, command: NewEventType) -> EventTypeTerms:
    """With a slug that no other has."""
    taken = slugs_of_others(connection, tenant_id)
    if command.slug in taken:
        raise SlugTaken
    slug = command.slug or free_slug(command.title, "", taken)
    return EventTypeTerms.model_construct(
        **{name: getattr(command, name) for name in EventTypeTerms.model_fields} | {"slug": slug}
    )
