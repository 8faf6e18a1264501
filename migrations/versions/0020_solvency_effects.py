"""what a debtor's solvency sets off"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("standings") as batch:
        batch.add_column(sa.Column("prepayment_since", sa.Date(), nullable=True))
    op.create_table(
        "solvency_policies",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("limit_mode", sa.String(length=7), nullable=False),
        sa.Column("prepayment_mode", sa.String(length=7), nullable=False),
        sa.Column("plans_mode", sa.String(length=7), nullable=False),
        sa.Column("worst", sa.String(length=1), nullable=False),
        sa.Column("limit_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "limit_mode IN ('off', 'propose', 'apply')"
            " AND prepayment_mode IN ('off', 'propose', 'apply')"
            " AND plans_mode IN ('off', 'propose', 'apply')",
            name=op.f("ck_solvency_policies_modes"),
        ),
        sa.CheckConstraint("worst IN ('C', 'D', 'E')", name=op.f("ck_solvency_policies_worst")),
        sa.CheckConstraint(
            "limit_percent BETWEEN 0 AND 100", name=op.f("ck_solvency_policies_limit_percent")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_solvency_policies_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_solvency_policies")),
    )
    op.create_table(
        "solvency_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.String(length=10), nullable=False),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "effect IN ('limit', 'prepayment', 'plans', 'resume')",
            name=op.f("ck_solvency_proposals_effect"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'applied', 'declined', 'undone', 'obsolete')",
            name=op.f("ck_solvency_proposals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_solvency_proposals_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "decided_by"], ["staff.supplier_id", "staff.id"],
            name=op.f("fk_solvency_proposals_supplier_id_decided_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_solvency_proposals")),
        sa.UniqueConstraint(
            "supplier_id", "id", name=op.f("uq_solvency_proposals_supplier_id_id")
        ),
        sa.UniqueConstraint(
            "supplier_id", "debtor_id", "effect", "occasion",
            name=op.f("uq_solvency_proposals_supplier_id_debtor_id_effect_occasion"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_solvency_proposals_state", "solvency_proposals", ["supplier_id", "state", "made_at"]
    )
    op.create_table(
        "insolvency_claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("solvency_event_id", sa.Uuid(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("lodge_until", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(length=11), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("lodged_on", sa.Date(), nullable=True),
        sa.Column("retains_title", sa.Boolean(), nullable=False),
        sa.Column("securities", sa.String(length=1000), nullable=False),
        sa.Column("insurer_waits", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'lodged', 'given_up', 'withdrawn')",
            name=op.f("ck_insolvency_claims_state"),
        ),
        sa.CheckConstraint(
            "basis IN ('publication', 'law', 'later', 'unknown')",
            name=op.f("ck_insolvency_claims_basis"),
        ),
        sa.CheckConstraint(
            "(state = 'lodged') = (lodged_on IS NOT NULL)",
            name=op.f("ck_insolvency_claims_lodged"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_insolvency_claims_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "solvency_event_id"],
            ["solvency_events.supplier_id", "solvency_events.id"],
            name=op.f("fk_insolvency_claims_supplier_id_solvency_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "changed_by"], ["staff.supplier_id", "staff.id"],
            name=op.f("fk_insolvency_claims_supplier_id_changed_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insolvency_claims")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_insolvency_claims_supplier_id_id")),
    )  # fmt: skip
    op.create_index(
        "uq_insolvency_claims_open", "insolvency_claims", ["supplier_id", "debtor_id"],
        unique=True, sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    keep_apart("solvency_policies", "solvency_proposals", "insolvency_claims")


def downgrade() -> None:
    op.drop_table("insolvency_claims")
    op.drop_table("solvency_proposals")
    op.drop_table("solvency_policies")
    with op.batch_alter_table("standings") as batch:
        batch.drop_column("prepayment_since")
