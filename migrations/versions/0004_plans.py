"""plans"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_standings()
    keep_apart("standings")


def downgrade() -> None:
    op.drop_table("standings")


def _create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("payer_class", sa.String(length=1), nullable=False),
        sa.Column("solvency_class", sa.String(length=4), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("limit_currency", sa.String(length=3), nullable=True),
        sa.Column("policy_number", sa.String(length=60), nullable=True),
        sa.Column("extension_days", sa.Integer(), nullable=True),
        sa.Column("stop_reason", sa.String(length=300), nullable=False),
        sa.Column("stopped_until", sa.Date(), nullable=True),
        sa.Column("self_service_blocked_until", sa.Date(), nullable=True),
        sa.Column("insolvent_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "payer_class IN ('A', 'B', 'C', 'D', 'E', 'N')", name=op.f("ck_standings_payer_class")
        ),
        sa.CheckConstraint(
            "solvency_class IN ('A', 'B', 'C', 'D', 'E', 'none')",
            name=op.f("ck_standings_solvency_class"),
        ),
        sa.CheckConstraint(
            "(limit_minor IS NULL) = (limit_currency IS NULL) AND limit_minor >= 0",
            name=op.f("ck_standings_limit"),
        ),
        sa.CheckConstraint(
            "(policy_number IS NULL) = (extension_days IS NULL) AND extension_days >= 0",
            name=op.f("ck_standings_cover"),
        ),
        sa.CheckConstraint(
            "stopped_until IS NULL OR stop_reason <> ''", name=op.f("ck_standings_stop")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_standings_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "debtor_id", name=op.f("pk_standings")),
    )
