"""What administration needs: a school's people in order, and no seats with who teaches no more."""

from migrations.ddl import create_index, drop_index
from migrations.isolation import alter_functions

revision = "20261122_17"
down_revision = "20261122_16"
branch_labels = None
depends_on = None

PEOPLE = "users_tenantId_tenantRole_id_idx"

# Whoever teaches no more takes nobody in. The function is changed where it stands: other revisions change
# other parts of it.
_HAS_SEAT = """coalesce(s."seatsTaken" < s."seatLimit", true)"""
_NOT_LOCKED = """NOT EXISTS (SELECT FROM users u WHERE u.id = s."teacherId"
                              AND u."tenantId" = {tenant} AND u.locked)"""
SEATS = (
    (
        "seats_offer(int, int, text, text, timestamptz, int, int)",
        """'is_cancelled', s."cancelledAt" IS NOT NULL,""",
        """'is_cancelled', s."cancelledAt" IS NOT NULL, 'has_teacher', NOT coalesce(u.locked, false),""",
    ),
    (
        "seats_offer(int, int, text, text, timestamptz, int, int)",
        """ELSE s."cancelledAt" IS NULL AND s.""",
        """ELSE s."cancelledAt" IS NULL AND NOT coalesce(u.locked, false) AND s.""",
    ),
    (
        "book_seats(jsonb)",
        f"""AND s."cancelledAt" IS NULL AND {_HAS_SEAT}""",
        f"""AND s."cancelledAt" IS NULL AND {_HAS_SEAT} AND {_NOT_LOCKED.format(tenant="of_tenant")}""",
    ),
    (
        "offer_seats(int, int[], timestamptz, int)",
        f"""AND s."startTime" > made AND {_HAS_SEAT}""",
        f"""AND s."startTime" > made AND {_HAS_SEAT} AND {_NOT_LOCKED.format(tenant="for_tenant")}""",
    ),
)


def upgrade() -> None:
    alter_functions(SEATS)
    create_index(PEOPLE, "users", '"tenantId", "tenantRole", id')


def downgrade() -> None:
    alter_functions([(signature, after, before) for signature, before, after in SEATS])
    drop_index(PEOPLE)
