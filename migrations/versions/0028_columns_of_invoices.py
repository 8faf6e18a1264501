"""which column of a supplier's own invoice lists is what"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_layouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("layout_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_invoice_layouts_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_layouts")),
        sa.UniqueConstraint(
            "supplier_id", "layout_key", name=op.f("uq_invoice_layouts_supplier_id_layout_key")
        ),
    )
    op.create_table(
        "waiting_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_waiting_lists_size")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_waiting_lists_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_lists")),
        sa.UniqueConstraint(
            "supplier_id", "sha256", name=op.f("uq_waiting_lists_supplier_id_sha256")
        ),
    )
    keep_apart("invoice_layouts", "waiting_lists")


def downgrade() -> None:
    op.drop_table("waiting_lists")
    op.drop_table("invoice_layouts")
