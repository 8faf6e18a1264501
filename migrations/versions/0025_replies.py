"""replies to mails, and what the telephone network says of short messages"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("reminder_id", sa.Uuid(), nullable=True),
        sa.Column("mail_hash", sa.String(length=64), nullable=False),
        sa.Column("from_address", sa.String(length=254), nullable=False),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["supplier_id", column],
                [f"{table}.supplier_id", f"{table}.id"],
                name=op.f(f"fk_replies_supplier_id_{column}"),
            )
            for column, table in (
                ("debtor_id", "debtors"),
                ("contact_id", "contacts"),
                ("reminder_id", "reminders"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint(
            "supplier_id", "mail_hash", name=op.f("uq_replies_supplier_id_mail_hash")
        ),
    )
    op.create_index(
        op.f("ix_replies_supplier_id_debtor_id"), "replies", ["supplier_id", "debtor_id"]
    )
    op.create_index(
        op.f("ix_replies_supplier_id_received_at"), "replies", ["supplier_id", "received_at"]
    )
    for column in ("delivered_at", "undelivered_at"):
        op.add_column("text_messages", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    keep_apart("replies")
    forbid_change("replies")


def downgrade() -> None:
    op.drop_column("text_messages", "undelivered_at")
    op.drop_column("text_messages", "delivered_at")
    op.drop_table("replies")
