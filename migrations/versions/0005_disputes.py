"""disputes"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "uploads",
    "disputes",
    "dispute_items",
    "dispute_steps",
    "dispute_messages",
    "dispute_files",
    "dispute_notices",
    "dispute_policies",
)


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'refused' OR size_bytes = 0", name="ck_uploads_refused"),
        sa.CheckConstraint("state IN ('taken', 'quarantined', 'refused')", name="ck_uploads_state"),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name="fk_uploads_supplier_id_debtor_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("supplier_id", "id", name="uq_uploads_supplier_id_id"),
    )
    op.create_index(
        "ix_uploads_supplier_id_debtor_id",
        "uploads",
        ["supplier_id", "debtor_id"],
        unique=False,
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("department", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("times_reopened", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "department IN ('sales', 'logistics', 'service', 'billing', 'finance', 'cash', "
            "'owner')",
            name="ck_disputes_department",
        ),
        sa.CheckConstraint(
            "reason IN ('price', 'quantity', 'delivery', 'quality', 'item', 'reference', "
            "'legal', 'terms', 'bank', 'duplicate', 'paid', 'unknown', 'other')",
            name="ck_disputes_reason",
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'acknowledged', 'investigating', 'waiting_debtor', "
            "'waiting_internal', 'proposed', 'accepted', 'accepted_in_part', 'rejected', "
            "'withdrawn', 'expired', 'awaiting_credit_note', 'closed')",
            name="ck_disputes_state",
        ),
        sa.CheckConstraint("times_reopened BETWEEN 0 AND 1", name="ck_disputes_times_reopened"),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name="fk_disputes_supplier_id_contact_id",
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name="fk_disputes_supplier_id_debtor_id",
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "owner_id"],
            ["staff.supplier_id", "staff.id"],
            name="fk_disputes_supplier_id_owner_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disputes"),
        sa.UniqueConstraint("supplier_id", "id", name="uq_disputes_supplier_id_id"),
        sa.UniqueConstraint("supplier_id", "number", name="uq_disputes_supplier_id_number"),
    )
    op.create_index(
        "ix_disputes_supplier_id_debtor_id",
        "disputes",
        ["supplier_id", "debtor_id"],
        unique=False,
    )
    op.create_index(
        "ix_disputes_supplier_id_state", "disputes", ["supplier_id", "state"], unique=False
    )
    op.create_table(
        "dispute_items",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=6), nullable=False),
        sa.Column("line_places", sa.JSON(), nullable=False),
        sa.Column("disputed_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("proposed_minor", sa.BigInteger(), nullable=True),
        sa.Column("upheld_minor", sa.BigInteger(), nullable=True),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("grace_until", sa.Date(), nullable=True),
        sa.CheckConstraint("scope IN ('whole', 'amount', 'lines')", name="ck_dispute_items_scope"),
        sa.CheckConstraint("credited_minor >= 0", name="ck_dispute_items_credited"),
        sa.CheckConstraint("disputed_minor > 0", name="ck_dispute_items_disputed"),
        sa.CheckConstraint(
            "proposed_minor BETWEEN 0 AND disputed_minor", name="ck_dispute_items_proposed"
        ),
        sa.CheckConstraint(
            "upheld_minor BETWEEN 0 AND disputed_minor", name="ck_dispute_items_upheld"
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "dispute_id"],
            ["disputes.supplier_id", "disputes.id"],
            name="fk_dispute_items_supplier_id_dispute_id",
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name="fk_dispute_items_supplier_id_invoice_id",
        ),
        sa.PrimaryKeyConstraint("dispute_id", "invoice_id", name="pk_dispute_items"),
    )
    op.create_index(
        "ix_dispute_items_open",
        "dispute_items",
        ["invoice_id"],
        unique=True,
        sqlite_where=sa.text("is_open"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_dispute_items_supplier_id_invoice_id",
        "dispute_items",
        ["supplier_id", "invoice_id"],
        unique=False,
    )
    op.create_table(
        "dispute_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("state_before", sa.String(length=20), nullable=False),
        sa.Column("state_after", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "dispute_id"],
            ["disputes.supplier_id", "disputes.id"],
            name="fk_dispute_steps_supplier_id_dispute_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_steps"),
    )
    op.create_index(
        "ix_dispute_steps_supplier_id_dispute_id",
        "dispute_steps",
        ["supplier_id", "dispute_id"],
        unique=False,
    )
    op.create_table(
        "dispute_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT is_internal OR side = 'supplier'", name="ck_dispute_messages_is_internal"
        ),
        sa.CheckConstraint("side IN ('debtor', 'supplier')", name="ck_dispute_messages_side"),
        sa.ForeignKeyConstraint(
            ["supplier_id", "dispute_id"],
            ["disputes.supplier_id", "disputes.id"],
            name="fk_dispute_messages_supplier_id_dispute_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_messages"),
        sa.UniqueConstraint("supplier_id", "id", name="uq_dispute_messages_supplier_id_id"),
    )
    op.create_index(
        "ix_dispute_messages_supplier_id_dispute_id",
        "dispute_messages",
        ["supplier_id", "dispute_id"],
        unique=False,
    )
    op.create_table(
        "dispute_files",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "message_id"],
            ["dispute_messages.supplier_id", "dispute_messages.id"],
            name="fk_dispute_files_supplier_id_message_id",
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "upload_id"],
            ["uploads.supplier_id", "uploads.id"],
            name="fk_dispute_files_supplier_id_upload_id",
        ),
        sa.PrimaryKeyConstraint("upload_id", name="pk_dispute_files"),
    )
    op.create_index(
        "ix_dispute_files_supplier_id_message_id",
        "dispute_files",
        ["supplier_id", "message_id"],
        unique=False,
    )
    op.create_table(
        "dispute_notices",
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "dispute_id"],
            ["disputes.supplier_id", "disputes.id"],
            name="fk_dispute_notices_supplier_id_dispute_id",
        ),
        sa.PrimaryKeyConstraint("dispute_id", "key", name="pk_dispute_notices"),
    )
    op.create_table(
        "dispute_policies",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("delay_days", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("delay_days BETWEEN 1 AND 3650", name="ck_dispute_policies_delay_days"),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name="fk_dispute_policies_supplier_id"
        ),
        sa.PrimaryKeyConstraint("supplier_id", name="pk_dispute_policies"),
    )
    keep_apart(*TABLES)
    forbid_change("dispute_steps")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
