"""how much may be missing of a transfer that pays an invoice"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "matching_policies",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("tolerance_minor", sa.BigInteger(), nullable=False),
        sa.Column("tolerance_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "tolerance_minor BETWEEN 0 AND 100000 AND tolerance_percent BETWEEN 0 AND 10",
            name=op.f("ck_matching_policies_tolerance"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_matching_policies_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_matching_policies")),
    )
    keep_apart("matching_policies")


def downgrade() -> None:
    op.drop_table("matching_policies")
