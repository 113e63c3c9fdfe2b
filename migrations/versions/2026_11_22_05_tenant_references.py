"""References between Cal.com's tables that carry the school, beside Cal.com's own.

Cal.com's foreign keys name a row by its id alone and do not ask row-level security, so they would let a
booking of one school point at an event type of another. These refuse it.
"""

from migrations.ddl import add_constraint, drop_constraint, quoted

revision = "20261122_05"
down_revision = "20261122_04"
branch_labels = None
depends_on = None

# (table, column, parent, what happens when the parent goes, as Cal.com's own reference says)
REFERENCES = (
    ("Schedule", "userId", "users", "CASCADE"),
    ("EventType", "userId", "users", "CASCADE"),
    ("EventType", "parentId", "EventType", "CASCADE"),
    ("EventType", "scheduleId", "Schedule", "SET NULL"),
    ("EventType", "instantMeetingScheduleId", "Schedule", "SET NULL"),
    ("EventType", "restrictionScheduleId", "Schedule", "SET NULL"),
    ("Availability", "userId", "users", "CASCADE"),
    ("Availability", "eventTypeId", "EventType", "SET NULL"),
    ("Availability", "scheduleId", "Schedule", "SET NULL"),
    ("Host", "userId", "users", "CASCADE"),
    ("Host", "eventTypeId", "EventType", "CASCADE"),
    ("Host", "scheduleId", "Schedule", "SET NULL"),
    ("OutOfOfficeEntry", "userId", "users", "CASCADE"),
    ("OutOfOfficeEntry", "toUserId", "users", "CASCADE"),
    ("Booking", "userId", "users", "CASCADE"),
    ("Booking", "eventTypeId", "EventType", "SET NULL"),
    ("Booking", "reassignById", "users", "SET NULL"),
    ("Attendee", "bookingId", "Booking", "CASCADE"),
    ("Payment", "bookingId", "Booking", "CASCADE"),
)


def upgrade() -> None:
    for table, column, parent, ondelete in REFERENCES:
        action = f"SET NULL ({quoted(column)})" if ondelete == "SET NULL" else ondelete
        add_constraint(
            table,
            _name(table, column),
            f'FOREIGN KEY ({quoted(column)}, "tenantId") REFERENCES {quoted(parent)}(id, "tenantId") '
            f"ON UPDATE CASCADE ON DELETE {action}",
        )


def downgrade() -> None:
    for table, column, _, _ in REFERENCES:
        drop_constraint(table, _name(table, column))


def _name(table: str, column: str) -> str:
    return f"{table}_{column}_tenant_fkey"
