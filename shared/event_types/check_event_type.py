"""Whether a school may have its event type so: its plan, its keys, its other slugs."""

from sqlalchemy import Connection, text

from shared.errors import InvalidRequest
from shared.event_types.errors import SlugTaken
from shared.event_types.staff_schemas import EventTypeOfStaff, EventTypeTerms, Kind
from shared.plans.check_plan import require_feature, require_room

# Cal.com's index keeps slugs apart by owner; a school's are by this lock. No id is negative.
_LOCK = text("SELECT pg_advisory_xact_lock(:tenant, -3)")
_SLUGS = text("""
    SELECT slug FROM "EventType" WHERE "tenantId" = :tenant AND (CAST(:id AS int) IS NULL OR id <> :id)
""")


def slugs_of_others(connection: Connection, tenant_id: int, event_type_id: int | None = None) -> set[str]:
    """The slugs that are taken; no other is taken by the staff until the transaction ends."""
    connection.execute(_LOCK, {"tenant": tenant_id})
    return set(connection.execute(_SLUGS, {"tenant": tenant_id, "id": event_type_id}).scalars())


def check_event_type(
    connection: Connection,
    tenant_id: int,
    kind: Kind,
    before: EventTypeOfStaff | None,
    after: EventTypeTerms,
) -> None:
    """What is new about it is looked at: what was allowed once is not taken away.

    Raises InvalidRequest, SlugTaken, PlanLimitReached, PaymentsNotSetUp.
    """
    if (
        before
        and before.slug != after.slug
        and after.slug in slugs_of_others(connection, tenant_id, before.id)
    ):
        raise SlugTaken
    is_new = after.is_published and not (before and before.is_published)
    if kind == "workshop" and (is_new or before is None):
        require_feature(connection, tenant_id, "workshops")
    if after.whitelist_enabled and (is_new or not (before and before.whitelist_enabled)):
        require_feature(connection, tenant_id, "whitelist")
    if after.seat_limit and kind == "lesson" and after.seat_limit != (before and before.seat_limit):
        raise InvalidRequest("only workshops have seats", pointer="/seatLimit")
    if after.price and after.is_published and (is_new or not (before and before.price)):
        _require_payments(connection)
    if is_new:
        require_room(connection, tenant_id, "maxEventTypes")


def _require_payments(connection: Connection) -> None:
    """Loaded only for what costs something. Raises PaymentsNotSetUp."""
    from shared.payments.stripe_access import load_access

    load_access(connection)
