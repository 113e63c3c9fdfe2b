"""A database as Cal.com 6.0 makes it, from the facts in tests/calcom: tables, keys, indexes, triggers.

It shares no code with the migrations, so that they cannot agree on a mistake. Tables that the facts only
refer to are stubs. The triggers do what the facts and their names say, as the invoker; where Cal.com's
narrow an update to some columns or swallow an error, these do not, and are the harder company.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

FACTS = Path(__file__).parent.parent / "calcom"
Row = dict[str, str]


def facts(name: str) -> list[Row]:
    with (FACTS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


TABLES = list(dict.fromkeys(row["table_name"] for row in facts("columns")))


def create_tables(connection: Connection) -> None:
    """Enums and tables, and stubs of those that are referred to; without what slows filling them."""
    for row in facts("enums"):
        labels = ", ".join(f"'{label}'" for label in row["labels"].split())
        connection.exec_driver_sql(f'CREATE TYPE "{row["enum"]}" AS ENUM ({labels})')
    for table in TABLES:
        columns = [_column(row) for row in facts("columns") if row["table_name"] == table]
        connection.exec_driver_sql(f'CREATE TABLE "{table}" ({", ".join(columns)})')
    for statement in _stubs():
        connection.exec_driver_sql(statement)


def create_keys(connection: Connection) -> None:
    for statement in (*_keys(), *_indexes(), *_references()):
        connection.exec_driver_sql(statement)


def create_triggers(connection: Connection) -> None:
    for name, body in FUNCTIONS.items():
        connection.exec_driver_sql(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
        )
    for row in facts("triggers"):
        events = " OR ".join(row["events"].split())
        connection.exec_driver_sql(
            f'CREATE TRIGGER {row["trigger_name"]} {row["timing"]} {events} ON "{row["table_name"]}" '
            f"FOR EACH ROW EXECUTE FUNCTION {row['function']}()"
        )


def _column(row: Row) -> str:
    if row["default_value"].startswith("nextval"):
        return f'"{row["column_name"]}" serial'
    default = f" DEFAULT {row['default_value']}" if row["default_value"] else ""
    required = "" if row["nullable"] == "t" else " NOT NULL"
    return f'"{row["column_name"]}" {row["type"]}{default}{required}'


def _stubs() -> Iterator[str]:
    types = {(row["table_name"], row["column_name"]): row["type"] for row in facts("columns")}
    stubs = {}
    for row in facts("constraints"):
        named = re.match(r'FOREIGN KEY \("?(\w+)"?\) REFERENCES "?(\w+)"?\((\w+)\)', row["definition"])
        if named and named[2] not in TABLES:
            stubs[named[2]] = f"{named[3]} {types[row['table_name'], named[1]]} PRIMARY KEY"
    yield from (f'CREATE TABLE "{table}" ({column})' for table, column in stubs.items())
    yield """INSERT INTO "Role" VALUES ('owner_role'), ('admin_role'), ('member_role')"""


def _keys() -> Iterator[str]:
    for row in facts("constraints"):
        if row["kind"] == "primary key":
            yield f'ALTER TABLE "{row["table_name"]}" ADD CONSTRAINT "{row["name"]}" {row["definition"]}'


def _indexes() -> Iterator[str]:
    keys = {row["name"] for row in facts("constraints")}
    for row in facts("indexes"):
        if row["name"] not in keys:
            unique = "UNIQUE " if row["is_unique"] == "t" else ""
            yield f'CREATE {unique}INDEX "{row["name"]}" ON "{row["table_name"]}" USING {row["definition"]}'


def _references() -> Iterator[str]:
    for row in facts("constraints"):
        if row["kind"] == "foreign key":
            yield f'ALTER TABLE "{row["table_name"]}" ADD CONSTRAINT "{row["name"]}" {row["definition"]}'


COPY = """
    INSERT INTO "BookingDenormalized" (id, uid, "eventTypeId", title, description, "startTime", "endTime",
        "createdAt", "updatedAt", location, paid, status, rescheduled, "userId", "teamId", "eventLength",
        "eventParentId", "userEmail", "userName", "userUsername", "ratingFeedback", rating, "noShowHost",
        "isTeamBooking")
    SELECT b.id, b.uid, b."eventTypeId", b.title, b.description, b."startTime", b."endTime", b."createdAt",
           b."updatedAt", b.location, b.paid, b.status, b.rescheduled, b."userId", e."teamId", e.length,
           e."parentId", u.email, u.name, u.username, b."ratingFeedback", b.rating, b."noShowHost",
           e."teamId" IS NOT NULL
    FROM "Booking" b LEFT JOIN "EventType" e ON e.id = b."eventTypeId" LEFT JOIN users u ON u.id = b."userId"
"""
RESPONSES = 'UPDATE "RoutingFormResponseDenormalized" SET'

FUNCTIONS = {
    "trigger_refresh_booking_time_status_denormalized": f"""
        DELETE FROM "BookingDenormalized" WHERE id = NEW.id;
        {COPY} WHERE b.id = NEW.id;
        RETURN NEW;""",
    "trigger_delete_booking_time_status_denormalized": """
        DELETE FROM "BookingDenormalized" WHERE id = OLD.id;
        RETURN OLD;""",
    "trigger_refresh_routing_form_response_denormalized_booking": f"""
        {RESPONSES} "bookingStatus" = NEW.status, "bookingStartTime" = NEW."startTime",
            "bookingEndTime" = NEW."endTime", "bookingUserId" = NEW."userId",
            "eventTypeId" = NEW."eventTypeId"
        WHERE "bookingId" = NEW.id;
        RETURN NEW;""",
    "trigger_cleanup_routing_form_response_denormalized_booking": f"""
        {RESPONSES} "bookingId" = NULL, "bookingUid" = NULL, "bookingStatus" = NULL
        WHERE "bookingUid" = OLD.uid;
        RETURN OLD;""",
    "refresh_booking_time_status_length": """
        UPDATE "BookingDenormalized" SET "eventLength" = NEW.length WHERE "eventTypeId" = NEW.id;
        RETURN NEW;""",
    "refresh_booking_time_status_parent_id": """
        UPDATE "BookingDenormalized" SET "eventParentId" = NEW."parentId" WHERE "eventTypeId" = NEW.id;
        RETURN NEW;""",
    "refresh_booking_time_status_team_id": """
        UPDATE "BookingDenormalized" SET "teamId" = NEW."teamId", "isTeamBooking" = NEW."teamId" IS NOT NULL
        WHERE "eventTypeId" = NEW.id;
        RETURN NEW;""",
    "trigger_refresh_routing_form_response_denormalized_event_type": f"""
        {RESPONSES} "eventTypeParentId" = NEW."parentId", "eventTypeSchedulingType" = NEW."schedulingType"
        WHERE "eventTypeId" = NEW.id;
        RETURN NEW;""",
    "trigger_nullify_routing_form_response_denormalized_event_type": f"""
        {RESPONSES} "eventTypeId" = NULL, "eventTypeParentId" = NULL WHERE "eventTypeId" = OLD.id;
        RETURN OLD;""",
    "update_membership_custom_role": """
        NEW."customRoleId" := lower(NEW.role::text) || '_role';
        RETURN NEW;""",
    "handle_routing_form_response_fields": "RETURN NEW;",
    "trigger_refresh_booking_time_status_denormalized_user": """
        UPDATE "BookingDenormalized" SET "userEmail" = NEW.email, "userName" = NEW.name,
            "userUsername" = NEW.username WHERE "userId" = NEW.id;
        RETURN NEW;""",
    "trigger_cleanup_routing_form_response_denormalized_user": """
        DELETE FROM "RoutingFormResponseDenormalized" WHERE "bookingUserId" = OLD.id;
        RETURN OLD;""",
    "trigger_refresh_routing_form_response_denormalized_user": f"""
        {RESPONSES} "bookingUserName" = NEW.name, "bookingUserEmail" = NEW.email
        WHERE "bookingUserId" = NEW.id;
        RETURN NEW;""",
}
