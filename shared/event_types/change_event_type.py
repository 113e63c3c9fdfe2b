"""The school changes what can be booked from now on; what is booked stays as it was."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Connection

from shared.audit.record_audit import Subject, changes_between, record_audit
from shared.changes import merged
from shared.event_types.check_event_type import check_event_type
from shared.event_types.staff_queries import get_event_type_of_staff, lock_event_type
from shared.event_types.staff_schemas import EventTypeOfStaff, EventTypeTerms
from shared.event_types.write_event_type import update_event_type
from shared.staff.find_staff import StaffMember


def change_event_type(
    connection: Connection,
    staff: StaffMember,
    event_type_id: int,
    changes: BaseModel,
    check_unchanged: Callable[[BaseModel], None],
    now: datetime,
) -> EventTypeOfStaff:
    """The event type as it is then; unpublished it is offered no more, and no booking is cancelled.

    Raises EventTypeNotFound, what `check_unchanged` raises, InvalidRequest, PriceNotExpressible, and what
    `check_event_type` raises.
    """
    tenant = staff.tenant.id
    before = lock_event_type(connection, tenant, event_type_id)
    check_unchanged(before)
    terms = merged(EventTypeTerms, before, changes)
    check_event_type(connection, tenant, before.kind, before, terms)
    update_event_type(connection, tenant, event_type_id, before.kind, terms, now)
    after = get_event_type_of_staff(connection, tenant, event_type_id)
    subject, told = Subject("eventType", event_type_id), changes_between(before, after)
    record_audit(connection, tenant, staff, "eventType.updated", subject, now, told)
    return after
