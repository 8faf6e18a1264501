"""what official gazettes and registers publish about debtors"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "solvency_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("claims_until", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("court", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("is_person", sa.Boolean(), nullable=False),
        sa.Column("matched_by", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaces", sa.String(length=120), nullable=True),
        sa.Column("about", sa.String(length=24), server_default="", nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "state IN ('candidate', 'stands', 'retracted', 'dismissed')",
            name=op.f("ck_solvency_events_state"),
        ),
        sa.CheckConstraint(
            "matched_by IN ('number', 'name')", name=op.f("ck_solvency_events_matched_by")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_solvency_events_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "decided_by"], ["staff.supplier_id", "staff.id"],
            name=op.f("fk_solvency_events_supplier_id_decided_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solvency_events")),
        sa.UniqueConstraint(
            "supplier_id", "id", name=op.f("uq_solvency_events_supplier_id_id")
        ),
        sa.UniqueConstraint(
            "supplier_id", "debtor_id", "source", "reference",
            name=op.f("uq_solvency_events_supplier_id_debtor_id_source_reference"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_solvency_events_reference", "solvency_events", ["supplier_id", "source", "reference"]
    )
    op.create_index("ix_solvency_events_expiry", "solvency_events", ["expires_on"])
    keep_apart("solvency_events")
    op.create_table(
        "seen_publications",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("source", "reference", name=op.f("pk_seen_publications")),
    )
    op.create_index("ix_seen_publications_day", "seen_publications", ["source", "published_on"])
    with op.batch_alter_table("feed_states") as states:
        states.add_column(sa.Column("first_asked_at", sa.DateTime(timezone=True), nullable=True))
        states.add_column(sa.Column("answers", sa.JSON(), server_default="{}", nullable=False))
        states.add_column(sa.Column("newest_on", sa.Date(), nullable=True))
        states.add_column(
            sa.Column("silence", sa.String(length=6), server_default="", nullable=False)
        )
        states.add_column(sa.Column("silent_since", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("feed_subjects") as subjects:
        subjects.add_column(
            sa.Column("said", sa.String(length=120), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("feed_subjects") as subjects:
        subjects.drop_column("said")
    with op.batch_alter_table("feed_states") as states:
        for column in ("silent_since", "silence", "newest_on", "answers", "first_asked_at"):
            states.drop_column(column)
    op.drop_table("seen_publications")
    op.drop_table("solvency_events")
