"""interest that a supplier claims, as a debit note"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interest_claims",
        *_columns(),
        *_checks(),
        *_references(),
        sa.UniqueConstraint(
            "supplier_id",
            "invoice_id",
            "first_day",
            name=op.f("uq_interest_claims_supplier_id_invoice_id_first_day"),
        ),
        sa.UniqueConstraint(
            "supplier_id",
            "invoice_id",
            "last_day",
            name=op.f("uq_interest_claims_supplier_id_invoice_id_last_day"),
        ),
        sa.UniqueConstraint(
            "supplier_id", "note_id", name=op.f("uq_interest_claims_supplier_id_note_id")
        ),
        sa.UniqueConstraint(
            "supplier_id", "year", "serial", name=op.f("uq_interest_claims_supplier_id_year_serial")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_claims")),
    )
    op.create_index(
        "ix_interest_claims_compensation",
        "interest_claims",
        ["supplier_id", "invoice_id"],
        unique=True,
        sqlite_where=sa.text("compensation_minor IS NOT NULL"),
        postgresql_where=sa.text("compensation_minor IS NOT NULL"),
    )
    keep_apart("interest_claims")
    forbid_change("interest_claims")


def downgrade() -> None:
    op.drop_table("interest_claims")


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("compensation_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("serial", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.String(length=60), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _checks() -> list[sa.CheckConstraint]:
    rules = {
        "days": "first_day <= last_day",
        "interest": (
            "(interest_minor > 0 AND first_day IS NOT NULL AND last_day IS NOT NULL)"
            " OR (interest_minor <= 0 AND first_day IS NULL AND last_day IS NULL)"
        ),
        "compensation": (
            "compensation_minor > 0 OR (compensation_minor IS NULL AND interest_minor <> 0)"
        ),
        "year": "(year IS NULL) = (interest_minor < 0)",
        "serial": "(serial IS NULL) = (interest_minor < 0)",
    }
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_interest_claims_{name}"))
        for name, rule in rules.items()
    ]


def _references() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["supplier_id", column],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f(f"fk_interest_claims_supplier_id_{column}"),
        )
        for column in ("invoice_id", "note_id")
    ]
