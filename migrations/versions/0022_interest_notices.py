"""notices with which a debtor's default begins, where the law asks for one"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interest_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "given_by IN ('electronic', 'post')", name=op.f("ck_interest_notices_given_by")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_interest_notices_supplier_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_notices")),
        sa.UniqueConstraint(
            "supplier_id", "invoice_id", "given_on", "given_by",
            name=op.f("uq_interest_notices_supplier_id_invoice_id_given_on_given_by"),
        ),
    )  # fmt: skip
    keep_apart("interest_notices")
    forbid_change("interest_notices")


def downgrade() -> None:
    op.drop_table("interest_notices")
