"""What administration needs: keys of requests that made no booking, and a school's people in order."""

from migrations.ddl import create_index, drop_index, step

revision = "20261122_17"
down_revision = "20261122_13"
branch_labels = None
depends_on = None

PEOPLE = "users_tenantId_tenantRole_id_idx"


def upgrade() -> None:
    step('ALTER TABLE "IdempotencyKey" ALTER COLUMN "bookingId" DROP NOT NULL')
    create_index(PEOPLE, "users", '"tenantId", "tenantRole", id')


def downgrade() -> None:
    drop_index(PEOPLE)
    step(
        'DELETE FROM "IdempotencyKey" WHERE "bookingId" IS NULL',
        'ALTER TABLE "IdempotencyKey" ALTER COLUMN "bookingId" SET NOT NULL',
    )
