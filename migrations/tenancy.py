"""How a row of Cal.com's gets its school: by a column, and by a trigger for what it goes on inserting."""

from migrations.ddl import quoted

# Each Cal.com table, and the parents that know its tenant, the nearest first.
PARENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "users": (),
    "Schedule": (("userId", "users"),),
    "EventType": (("userId", "users"),),
    "Availability": (("scheduleId", "Schedule"), ("userId", "users"), ("eventTypeId", "EventType")),
    "Host": (("eventTypeId", "EventType"),),
    "OutOfOfficeEntry": (("userId", "users"),),
    "Booking": (("eventTypeId", "EventType"), ("userId", "users")),
    "Attendee": (("bookingId", "Booking"),),
    "Payment": (("bookingId", "Booking"),),
}

# Copies that triggers of Cal.com's keep of bookings, as whoever writes the booking. They are only where
# Cal.com is, and what they hold is a school's as well.
COPIES: dict[str, tuple[tuple[str, str], ...]] = {
    "BookingDenormalized": (("id", "Booking"),),
    "RoutingFormResponseDenormalized": (
        ("bookingId", "Booking"),
        ("eventTypeId", "EventType"),
        ("formUserId", "users"),
    ),
}

# Whoever has an account at Cal.com works for the school; its administrator administers the school.
ROLE_OF_ACCOUNT = """NEW."tenantRole" := CASE NEW.role WHEN 'ADMIN' THEN 'TENANT_ADMIN' ELSE 'TEACHER' END;"""


def fill_function(table: str, then: str = "") -> tuple[str, str]:
    """Statements that make the trigger's function: a row without a tenant gets its parent's, else `default`.

    SECURITY DEFINER because Cal.com's own role need not be allowed to read the tenants. `then` is more
    PL/pgSQL over NEW.
    """
    parents = PARENTS.get(table) or COPIES.get(table, ())
    lookups = "".join(
        f'(SELECT "tenantId" FROM {quoted(parent)} WHERE id = NEW.{quoted(column)}), '
        for column, parent in parents
    )
    function = quoted("fill_tenant_of_" + table)
    return (
        f"""
        CREATE OR REPLACE FUNCTION {function}() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        BEGIN
            NEW."tenantId" := COALESCE({lookups}(SELECT id FROM "Tenant" WHERE subdomain = 'default'));
            {then}
            RETURN NEW;
        END $$
        """,
        f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC",
    )


def fill_trigger(table: str) -> str:
    """The statement that makes the trigger."""
    return f"""
        CREATE OR REPLACE TRIGGER fill_tenant BEFORE INSERT ON {quoted(table)}
        FOR EACH ROW WHEN (NEW."tenantId" IS NULL)
        EXECUTE FUNCTION {quoted("fill_tenant_of_" + table)}()
    """
