"""Refunds that nobody has carried out yet are found by an index, however many there were."""

from migrations.ddl import create_index, drop_index

revision = "20261122_20"
down_revision = "20261122_19"
branch_labels = None
depends_on = None

NAME = "Refund_pending_idx"


def upgrade() -> None:
    create_index(NAME, "Refund", '"paymentId"', where="status = 'PENDING'")


def downgrade() -> None:
    drop_index(NAME)
