"""SMS, letters, bounces and calls"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = (
    "text_messages",
    "bounces",
    "suppressions",
    "letter_batches",
    "letter_prints",
    "letters",
    "calls",
    "call_attempts",
)


def upgrade() -> None:
    with op.batch_alter_table("contacts") as contacts:
        contacts.add_column(sa.Column("phone", sa.String(length=16), nullable=True))
    _text_messages()
    _bounces()
    _suppressions()
    _letter_batches()
    _letter_prints()
    _letters()
    _calls()
    _call_attempts()
    keep_apart(*_TABLES)
    forbid_change("bounces", "letter_prints", "call_attempts")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    with op.batch_alter_table("contacts") as contacts:
        contacts.drop_column("phone")


def _of_same_supplier(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id", column],
        [f"{parent}.supplier_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_supplier_id_{column}"),
    )


def _text_messages() -> None:
    op.create_table(
        "text_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("to_number", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("words", sa.String(length=160), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("gateway_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_text_messages_sent_at")
        ),
        sa.CheckConstraint(
            "state = 'due' OR claimed_at IS NOT NULL", name=op.f("ck_text_messages_claimed")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'sent', 'unknown', 'failed')",
            name=op.f("ck_text_messages_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_text_messages_amount")),
        _of_same_supplier("text_messages", "contact_id", "contacts"),
        _of_same_supplier("text_messages", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_messages")),
        sa.UniqueConstraint(
            "supplier_id", "execution_id", name=op.f("uq_text_messages_supplier_id_execution_id")
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_text_messages_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_text_messages_supplier_id_debtor_id"),
        "text_messages",
        ["supplier_id", "debtor_id"],
    )
    op.create_index(
        "ix_text_messages_unsettled",
        "text_messages",
        ["supplier_id", "state"],
        sqlite_where=sa.text("state IN ('due', 'sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('due', 'sending', 'unknown')"),
    )


def _bounces() -> None:
    op.create_table(
        "bounces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("report_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("diagnostic", sa.String(length=500), nullable=False),
        sa.Column("message", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('hard', 'soft', 'complaint')", name=op.f("ck_bounces_kind")),
        _of_same_supplier("bounces", "contact_id", "contacts"),
        _of_same_supplier("bounces", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint(
            "contact_id", "report_hash", name=op.f("uq_bounces_contact_id_report_hash")
        ),
    )
    op.create_index(
        op.f("ix_bounces_supplier_id_contact_id_received_at"),
        "bounces",
        ["supplier_id", "contact_id", "received_at"],
    )


def _suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("because", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(contact_id IS NULL) = (channel = 'letter')", name=op.f("ck_suppressions_contact")
        ),
        sa.CheckConstraint(
            "because IN ('hard_bounce', 'soft_bounces', 'complaint', 'dead_number', 'returned',"
            " 'wrong_person')",
            name=op.f("ck_suppressions_because"),
        ),
        sa.CheckConstraint(
            "channel IN ('email', 'sms', 'letter', 'call')", name=op.f("ck_suppressions_channel")
        ),
        _of_same_supplier("suppressions", "contact_id", "contacts"),
        _of_same_supplier("suppressions", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_suppressions_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_suppressions_supplier_id_contact_id"),
        "suppressions",
        ["supplier_id", "contact_id"],
    )
    op.create_index(
        op.f("ix_suppressions_supplier_id_created_at"),
        "suppressions",
        ["supplier_id", "created_at"],
    )
    op.create_index(
        "uq_suppressions_contact",
        "suppressions",
        ["contact_id", "channel", "address"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL AND contact_id IS NOT NULL"),
        postgresql_where=sa.text("lifted_at IS NULL AND contact_id IS NOT NULL"),
    )
    op.create_index(
        "uq_suppressions_debtor",
        "suppressions",
        ["debtor_id", "channel", "address"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL AND contact_id IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL AND contact_id IS NULL"),
    )


def _letter_batches() -> None:
    op.create_table(
        "letter_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("letters", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('setting', 'ready', 'printed', 'handed_over')",
            name=op.f("ck_letter_batches_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_batches")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_letter_batches_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_letter_batches_supplier_id_created_at"),
        "letter_batches",
        ["supplier_id", "created_at"],
    )


def _letter_prints() -> None:
    op.create_table(
        "letter_prints",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        _of_same_supplier("letter_prints", "batch_id", "letter_batches"),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_letter_prints")),
    )


def _letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("tone", sa.String(length=12), nullable=False),
        sa.Column("formal_notice", sa.Boolean(), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("first_page", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("sent_to", sa.String(length=300), nullable=False),
        sa.Column("tracking", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(batch_id IS NULL) = (state IN ('due', 'skipped'))", name=op.f("ck_letters_batch")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'in_batch', 'printed', 'handed_over', 'returned', 'skipped')",
            name=op.f("ck_letters_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_letters_amount")),
        _of_same_supplier("letters", "batch_id", "letter_batches"),
        _of_same_supplier("letters", "contact_id", "contacts"),
        _of_same_supplier("letters", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint(
            "supplier_id", "execution_id", name=op.f("uq_letters_supplier_id_execution_id")
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_letters_supplier_id_id")),
    )
    op.create_index(op.f("ix_letters_batch_id_place"), "letters", ["batch_id", "place"])
    op.create_index(
        "ix_letters_due",
        "letters",
        ["supplier_id", "created_at"],
        sqlite_where=sa.text("state = 'due'"),
        postgresql_where=sa.text("state = 'due'"),
    )
    op.create_index(
        op.f("ix_letters_supplier_id_debtor_id"), "letters", ["supplier_id", "debtor_id"]
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("execution_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("tone", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'given_up', 'needless')", name=op.f("ck_calls_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_calls_amount")),
        _of_same_supplier("calls", "contact_id", "contacts"),
        _of_same_supplier("calls", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint(
            "supplier_id", "execution_id", name=op.f("uq_calls_supplier_id_execution_id")
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_calls_supplier_id_id")),
    )
    op.create_index(
        "ix_calls_open",
        "calls",
        ["supplier_id", "due_on"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_calls_supplier_id_debtor_id"), "calls", ["supplier_id", "debtor_id"])


def _call_attempts() -> None:
    op.create_table(
        "call_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('not_reached', 'reached', 'promise', 'dispute', 'wrong_number')",
            name=op.f("ck_call_attempts_outcome"),
        ),
        _of_same_supplier("call_attempts", "call_id", "calls"),
        _of_same_supplier("call_attempts", "contact_id", "contacts"),
        _of_same_supplier("call_attempts", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempts")),
    )
    op.create_index(op.f("ix_call_attempts_call_id"), "call_attempts", ["call_id"])
    op.create_index(
        op.f("ix_call_attempts_supplier_id_debtor_id_called_at"),
        "call_attempts",
        ["supplier_id", "debtor_id", "called_at"],
    )
