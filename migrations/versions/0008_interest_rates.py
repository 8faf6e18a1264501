"""interest rates and claims"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TENANT = ("supplier_rates", "interest_policies", "interest_agreements", "interest_decisions")


def upgrade() -> None:
    _create_rates("reference_rates")
    _create_rates("supplier_rates", of_supplier=True)
    _create_policies()
    _create_agreements()
    _create_decisions()
    keep_apart(*_TENANT)
    _share("reference_rates")
    forbid_change("reference_rates", "supplier_rates", "interest_decisions")


def downgrade() -> None:
    for table in reversed(_TENANT):
        op.drop_table(table)
    op.drop_table("reference_rates")


def _share(table: str) -> None:
    """On PostgreSQL everybody reads it, and only the installation adds to it."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY everybody_reads ON {table} FOR SELECT USING (true)")
    op.execute(
        f"CREATE POLICY installation_adds ON {table} FOR INSERT"
        " WITH CHECK (current_setting('app.system', true) = 'on')"
    )


def _create_rates(table: str, *, of_supplier: bool = False) -> None:
    whose = [
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f(f"fk_{table}_supplier_id")
        ),
    ]
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("percent_text", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "series IN ('ecb_mro', 'boe_bank_rate', 'fr_legal', 'be_legal')",
            name=op.f(f"ck_{table}_series"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f(f"ck_{table}_days")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(whose if of_supplier else []),
    )
    if of_supplier:
        op.create_index(op.f(f"ix_{table}_supplier_id"), table, ["supplier_id"])


def _create_policies() -> None:
    op.create_table(
        "interest_policies",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("stance", sa.String(length=7), nullable=False),
        sa.Column("after_payment", sa.String(length=5), nullable=False),
        sa.Column("compensation", sa.Boolean(), nullable=False),
        sa.Column("agreed_text", sa.String(length=12), nullable=True),
        sa.Column("due_is_agreed", sa.Boolean(), nullable=False),
        sa.Column("creditor_is_small", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "stance IN ('silent', 'mention', 'claim')", name=op.f("ck_interest_policies_stance")
        ),
        sa.CheckConstraint(
            "after_payment IN ('waive', 'keep', 'ask')",
            name=op.f("ck_interest_policies_after_payment"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_interest_policies_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_interest_policies")),
    )


def _create_agreements() -> None:
    op.create_table(
        "interest_agreements",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_text", sa.String(length=12), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_interest_agreements_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "debtor_id", name=op.f("pk_interest_agreements")),
    )


def _create_decisions() -> None:
    op.create_table(
        "interest_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(length=5), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "choice IN ('waive', 'keep')", name=op.f("ck_interest_decisions_choice")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_interest_decisions_supplier_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_decisions")),
    )
    op.create_index(
        op.f("ix_interest_decisions_supplier_id_invoice_id"),
        "interest_decisions",
        ["supplier_id", "invoice_id"],
    )
