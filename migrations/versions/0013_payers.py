"""how debtors pay, and when they are expected to"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CLASSES = "('A', 'B', 'C', 'D', 'E', 'N')"


def upgrade() -> None:
    _profiles()
    _expected_payments()
    _forecast_runs()
    keep_apart("payer_profiles", "expected_payments", "forecast_runs")


def _of_same_supplier(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id", column],
        [f"{of}.supplier_id", f"{of}.id"],
        name=op.f(f"fk_{table}_supplier_id_{column}"),
    )


def _profiles() -> None:
    op.create_table(
        "payer_profiles",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("payer_class", sa.String(length=1), nullable=False),
        sa.Column("given_class", sa.String(length=1), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("trend", sa.String(length=9), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("paid_count", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("override_class", sa.String(length=1), nullable=True),
        sa.Column("override_reason", sa.String(length=300), nullable=False),
        sa.Column("override_until", sa.Date(), nullable=True),
        sa.Column("override_by", sa.Uuid(), nullable=True),
        *(
            sa.CheckConstraint(f"{name} IN {_CLASSES}", name=op.f(f"ck_payer_profiles_{name}"))
            for name in ("payer_class", "given_class", "override_class")
        ),
        sa.CheckConstraint(
            "(override_class IS NULL) = (override_until IS NULL)"
            " AND (override_class IS NULL OR override_reason <> '')",
            name=op.f("ck_payer_profiles_override"),
        ),
        sa.CheckConstraint(
            "trend IN ('worsening', 'steady', 'improving', 'unknown')",
            name=op.f("ck_payer_profiles_trend"),
        ),
        _of_same_supplier("payer_profiles", "debtor_id", "debtors"),
        _of_same_supplier("payer_profiles", "override_by", "staff"),
        sa.PrimaryKeyConstraint("supplier_id", "debtor_id", name=op.f("pk_payer_profiles")),
    )


def _expected_payments() -> None:
    op.create_table(
        "expected_payments",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("prudent_on", sa.Date(), nullable=False),
        sa.Column("by_due", sa.Integer(), nullable=False),
        sa.Column("by_15", sa.Integer(), nullable=False),
        sa.Column("by_30", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=10), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "by_due BETWEEN 0 AND 1000 AND by_15 BETWEEN 0 AND 1000 AND by_30 BETWEEN 0 AND 1000",
            name=op.f("ck_expected_payments_chances"),
        ),
        sa.CheckConstraint(
            "prudent_on >= expected_on", name=op.f("ck_expected_payments_prudent_on")
        ),
        _of_same_supplier("expected_payments", "debtor_id", "debtors"),
        _of_same_supplier("expected_payments", "invoice_id", "invoices"),
        sa.PrimaryKeyConstraint("supplier_id", "item_id", name=op.f("pk_expected_payments")),
    )
    for columns in (("supplier_id", "debtor_id"), ("supplier_id", "expected_on")):
        op.create_index(
            op.f(f"ix_expected_payments_{'_'.join(columns)}"), "expected_payments", list(columns)
        )


def _forecast_runs() -> None:
    op.create_table(
        "forecast_runs",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=9), nullable=False),
        sa.Column("weeks_worse", sa.Integer(), nullable=False),
        sa.Column("learnt_from", sa.BigInteger(), nullable=False),
        sa.Column("median_days_late", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_forecast_runs_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", "made_on", name=op.f("pk_forecast_runs")),
    )


def downgrade() -> None:
    for table in ("forecast_runs", "expected_payments", "payer_profiles"):
        op.drop_table(table)
