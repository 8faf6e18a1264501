"""what each member of staff has to do, and what is handed over for collection"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = (
    "handovers",
    "debtor_owners",
    "worklist_marks",
    "worklist_own_tasks",
    "collection_files",
    "collection_file_parts",
)


def upgrade() -> None:
    _handovers()
    _debtor_owners()
    _worklist_marks()
    _worklist_own_tasks()
    _collection_files()
    _collection_file_parts()
    keep_apart(*_TABLES)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("was_disputed", sa.Boolean(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why_back", sa.String(length=500), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_handovers_amount")),
        sa.CheckConstraint("stands = (taken_back_at IS NULL)", name=op.f("ck_handovers_stands")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_handovers_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_handovers_supplier_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_handovers_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_handovers_supplier_id_debtor_id"), "handovers", ["supplier_id", "debtor_id"]
    )
    op.create_index(
        "uq_handovers_standing",
        "handovers",
        ["invoice_id"],
        unique=True,
        sqlite_where=sa.text("stands"),
        postgresql_where=sa.text("stands"),
    )


def _debtor_owners() -> None:
    op.create_table(
        "debtor_owners",
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_debtor_owners_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "staff_id"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_debtor_owners_supplier_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("debtor_id", name=op.f("pk_debtor_owners")),
    )
    op.create_index(
        op.f("ix_debtor_owners_supplier_id_staff_id"), "debtor_owners", ["supplier_id", "staff_id"]
    )


def _worklist_marks() -> None:
    op.create_table(
        "worklist_marks",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("episode", sa.String(length=200), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("put_off_until", sa.Date(), nullable=True),
        sa.Column("put_off_why", sa.String(length=500), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_note", sa.String(length=500), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(done_by IS NULL) = (done_at IS NULL)", name=op.f("ck_worklist_marks_done")
        ),
        sa.CheckConstraint(
            "(taken_by IS NULL) = (taken_at IS NULL)", name=op.f("ck_worklist_marks_taken")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "done_by"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_worklist_marks_supplier_id_done_by"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "taken_by"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_worklist_marks_supplier_id_taken_by"),
        ),
        sa.PrimaryKeyConstraint(
            "supplier_id", "kind", "subject_id", name=op.f("pk_worklist_marks")
        ),
    )
    op.create_index(
        op.f("ix_worklist_marks_supplier_id_changed_at"),
        "worklist_marks",
        ["supplier_id", "changed_at"],
    )


def _worklist_own_tasks() -> None:
    op.create_table(
        "worklist_own_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_worklist_own_tasks_text")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "created_by"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_worklist_own_tasks_supplier_id_created_by"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_worklist_own_tasks_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worklist_own_tasks")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_worklist_own_tasks_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_worklist_own_tasks_supplier_id_debtor_id"),
        "worklist_own_tasks",
        ["supplier_id", "debtor_id"],
    )
    op.create_index(
        op.f("ix_worklist_own_tasks_supplier_id_due_on"),
        "worklist_own_tasks",
        ["supplier_id", "due_on"],
    )


def _collection_files() -> None:
    op.create_table(
        "collection_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("making_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_count", sa.Integer(), nullable=False),
        sa.Column("zip_bytes", sa.BigInteger(), nullable=False),
        sa.Column("zip_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_bytes", sa.BigInteger(), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (making_id IS NULL)", name=op.f("ck_collection_files_making_id")
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'ready', 'expired')", name=op.f("ck_collection_files_state")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_collection_files_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_files")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_collection_files_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_collection_files_supplier_id_debtor_id_asked_at"),
        "collection_files",
        ["supplier_id", "debtor_id", "asked_at"],
    )


def _collection_file_parts() -> None:
    op.create_table(
        "collection_file_parts",
        sa.Column("making_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=3), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind IN ('zip', 'pdf')", name=op.f("ck_collection_file_parts_kind")),
        sa.CheckConstraint("place >= 0", name=op.f("ck_collection_file_parts_place")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "file_id"],
            ["collection_files.supplier_id", "collection_files.id"],
            name=op.f("fk_collection_file_parts_supplier_id_file_id"),
        ),
        sa.PrimaryKeyConstraint(
            "making_id", "kind", "place", name=op.f("pk_collection_file_parts")
        ),
    )
    op.create_index(
        op.f("ix_collection_file_parts_supplier_id_file_id"),
        "collection_file_parts",
        ["supplier_id", "file_id"],
    )
