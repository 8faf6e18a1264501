"""a supplier's own words in messages"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=6), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("opening", sa.String(length=2000), nullable=False),
        sa.Column("closing", sa.String(length=2000), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'sms', 'letter')", name=op.f("ck_message_texts_channel")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_message_texts_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_texts")),
        sa.UniqueConstraint(
            "supplier_id", "step", "channel", "language",
            name=op.f("uq_message_texts_supplier_id_step_channel_language"),
        ),
    )  # fmt: skip
    keep_apart("message_texts")


def downgrade() -> None:
    op.drop_table("message_texts")
