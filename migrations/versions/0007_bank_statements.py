"""bank statements"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _statements()
    _entries()
    _csv_mappings()
    _matches()
    _payers()
    keep_apart("bank_statements", "bank_entries", "bank_csv_mappings")
    keep_apart("bank_matches", "bank_payers")
    forbid_change("bank_statements", "bank_entries")


def _statements() -> None:
    op.create_table(
        "bank_statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "format IN ('camt.052', 'camt.053', 'camt.054', 'mt940', 'coda', 'csv')",
            name=op.f("ck_bank_statements_format"),
        ),
        sa.CheckConstraint("entry_count >= 0", name=op.f("ck_bank_statements_entry_count")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_bank_statements_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statements")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_bank_statements_supplier_id_id")),
        sa.UniqueConstraint(
            "supplier_id", "content_key", name=op.f("uq_bank_statements_supplier_id_content_key")
        ),
    )
    for columns in (("supplier_id", "account", "last_on"), ("supplier_id", "taken_at")):
        op.create_index(
            op.f(f"ix_bank_statements_{'_'.join(columns)}"), "bank_statements", list(columns)
        )


def _entries() -> None:
    op.create_table(
        "bank_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("entry_key", sa.String(length=64), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("details_of", sa.Uuid(), nullable=True),
        sa.Column("same_as", sa.Uuid(), nullable=True),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("credit_debit", sa.String(length=4), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=4), nullable=False),
        sa.Column("may_be_posted", sa.Boolean(), nullable=False),
        sa.Column("end_to_end_id", sa.String(length=140), nullable=True),
        sa.Column("structured_reference", sa.String(), nullable=True),
        sa.Column("unstructured", sa.String(), nullable=True),
        sa.Column("booking_text", sa.String(), nullable=True),
        sa.Column("counterparty", sa.String(length=200), nullable=True),
        sa.Column("counterparty_account", sa.String(length=60), nullable=True),
        sa.Column("bank_reference", sa.String(length=100), nullable=True),
        sa.Column("batch_of", sa.String(length=100), nullable=True),
        sa.Column("bank_code", sa.String(length=60), nullable=True),
        sa.Column("return_reason", sa.String(length=140), nullable=True),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_bank_entries_amount")),
        sa.CheckConstraint(
            "credit_debit IN ('CRDT', 'DBIT')", name=op.f("ck_bank_entries_credit_debit")
        ),
        sa.CheckConstraint(
            "status IN ('BOOK', 'PDNG', 'INFO', 'FUTR')", name=op.f("ck_bank_entries_status")
        ),
        sa.CheckConstraint(
            "status = 'BOOK' OR NOT may_be_posted", name=op.f("ck_bank_entries_may_be_posted")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "statement_id"],
            ["bank_statements.supplier_id", "bank_statements.id"],
            name=op.f("fk_bank_entries_supplier_id_statement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "details_of"],
            ["bank_entries.supplier_id", "bank_entries.id"],
            name=op.f("fk_bank_entries_supplier_id_details_of"),
        ),
        sa.CheckConstraint(
            "same_as IS NULL OR NOT may_be_posted", name=op.f("ck_bank_entries_same_as")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "same_as"],
            ["bank_entries.supplier_id", "bank_entries.id"],
            name=op.f("fk_bank_entries_supplier_id_same_as"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entries")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_bank_entries_supplier_id_id")),
        sa.UniqueConstraint(
            "supplier_id",
            "entry_key",
            "part",
            name=op.f("uq_bank_entries_supplier_id_entry_key_part"),
        ),
    )
    for columns in (
        ("supplier_id", "statement_id", "place"),
        ("supplier_id", "account", "booked_on"),
        ("supplier_id", "details_of"),
        ("supplier_id", "same_as"),
        ("supplier_id", "amount_minor"),
    ):
        op.create_index(op.f(f"ix_bank_entries_{'_'.join(columns)}"), "bank_entries", list(columns))


def _csv_mappings() -> None:
    op.create_table(
        "bank_csv_mappings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("header_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_bank_csv_mappings_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_csv_mappings")),
        sa.UniqueConstraint(
            "supplier_id", "header_key", name=op.f("uq_bank_csv_mappings_supplier_id_header_key")
        ),
    )


def _matches() -> None:
    stands = sa.text("state <> 'undone'")
    op.create_table(
        "bank_matches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("clues", sa.JSON(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=62), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('receipt', 'return', 'set_aside')", name=op.f("ck_bank_matches_kind")
        ),
        sa.CheckConstraint("state IN ('stands', 'undone')", name=op.f("ck_bank_matches_state")),
        sa.CheckConstraint(
            "(kind = 'set_aside') = (debtor_id IS NULL)", name=op.f("ck_bank_matches_debtor")
        ),
        sa.CheckConstraint(
            "(kind = 'return') = (undoes IS NOT NULL)", name=op.f("ck_bank_matches_undoes")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "entry_id"],
            ["bank_entries.supplier_id", "bank_entries.id"],
            name=op.f("fk_bank_matches_supplier_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_bank_matches_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "undoes"],
            ["bank_matches.supplier_id", "bank_matches.id"],
            name=op.f("fk_bank_matches_supplier_id_undoes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_matches")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_bank_matches_supplier_id_id")),
    )
    op.create_index(
        "ix_bank_matches_stands",
        "bank_matches",
        ["supplier_id", "entry_id"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )
    op.create_index(
        op.f("ix_bank_matches_supplier_id_created_at"),
        "bank_matches",
        ["supplier_id", "created_at"],
    )
    op.create_index(
        op.f("ix_bank_matches_supplier_id_undoes"), "bank_matches", ["supplier_id", "undoes"]
    )


def _payers() -> None:
    op.create_table(
        "bank_payers",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('account', 'name')", name=op.f("ck_bank_payers_kind")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_bank_payers_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint(
            "supplier_id", "kind", "value", "debtor_id", name=op.f("pk_bank_payers")
        ),
    )


def downgrade() -> None:
    for table in ("bank_payers", "bank_matches"):
        op.drop_table(table)
    for table in ("bank_csv_mappings", "bank_entries", "bank_statements"):
        op.drop_table(table)
