"""statuses of e-invoices that come in and go out"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

OUTCOMES = (
    "'not_matched', 'recorded', 'overtaken', 'nothing_open', 'disputed', 'added', 'said_to_be_paid'"
)


def upgrade() -> None:
    _settings()
    _messages()
    _received()
    _sent()
    _leave_the_past_untold()
    keep_apart("lifecycle_settings", "status_messages", "received_statuses", "sent_statuses")
    forbid_change("status_messages")


def downgrade() -> None:
    for table in ("sent_statuses", "received_statuses", "status_messages", "lifecycle_settings"):
        op.drop_table(table)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_supplier(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_supplier_id")
    return sa.ForeignKeyConstraint(["supplier_id"], ["suppliers.id"], name=name)


def _same(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id", column], [f"{other}.supplier_id", f"{other}.id"],
        name=op.f(f"fk_{table}_supplier_id_{column}"),
    )  # fmt: skip


def _settings() -> None:
    op.create_table(
        "lifecycle_settings",
        _id("supplier_id"),
        sa.Column("emits", sa.Boolean(), nullable=False),
        _at("since"),
        _at("looked_until", nullable=True),
        _of_supplier("lifecycle_settings"),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_lifecycle_settings")),
    )


def _messages() -> None:
    op.create_table(
        "status_messages",
        _id("id"),
        _id("supplier_id"),
        _text("format", 20),
        _text("sender", 120),
        _text("reference", 240),
        _text("message_key", 64),
        _text("content_hash", 64),
        _text("name", 200),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _at("taken_at"),
        _of_supplier("status_messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_messages")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_status_messages_supplier_id_id")),
        sa.UniqueConstraint(
            "supplier_id", "message_key", name=op.f("uq_status_messages_supplier_id_message_key")
        ),
    )


def _received() -> None:
    op.create_table(
        "received_statuses",
        _id("id"),
        _id("supplier_id"),
        _id("message_id"),
        sa.Column("place", sa.BigInteger(), nullable=False),
        _text("number", 80),
        sa.Column("issued_on", sa.Date(), nullable=True),
        _text("seller", 80),
        sa.Column("status", sa.BigInteger(), nullable=False),
        _text("said", 20),
        sa.Column("motives", sa.JSON(), nullable=False),
        _text("note", 1000),
        sa.Column("amounts", sa.JSON(), nullable=False),
        _at("stated_at"),
        _at("received_at"),
        _id("invoice_id", nullable=True),
        _text("outcome", 16),
        _id("dispute_id", nullable=True),
        _id("claim_id", nullable=True),
        sa.CheckConstraint(
            f"outcome IN ({OUTCOMES})", name=op.f("ck_received_statuses_outcome")
        ),
        sa.CheckConstraint(
            "(outcome = 'not_matched') = (invoice_id IS NULL)",
            name=op.f("ck_received_statuses_invoice"),
        ),
        _same("received_statuses", "message_id", "status_messages"),
        _same("received_statuses", "invoice_id", "invoices"),
        _same("received_statuses", "dispute_id", "disputes"),
        _same("received_statuses", "claim_id", "paid_claims"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_statuses")),
        sa.UniqueConstraint(
            "supplier_id", "message_id", "place",
            name=op.f("uq_received_statuses_supplier_id_message_id_place"),
        ),
    )  # fmt: skip
    for column in ("invoice_id", "outcome"):
        name = op.f(f"ix_received_statuses_supplier_id_{column}")
        op.create_index(name, "received_statuses", ["supplier_id", column])


def _sent() -> None:
    op.create_table(
        "sent_statuses",
        _id("id"),
        _id("supplier_id"),
        _id("invoice_id"),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        _text("currency", 3),
        sa.Column("cashed_on", sa.Date(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        _text("reference", 240),
        _text("name", 200),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        _text("state", 10),
        _text("why", 20),
        _at("created_at"),
        _at("written_at", nullable=True),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_sent_statuses_amount")),
        sa.CheckConstraint(
            "state IN ('waiting', 'written', 'impossible')", name=op.f("ck_sent_statuses_state")
        ),
        sa.CheckConstraint(
            "(state = 'impossible') = (content IS NULL)", name=op.f("ck_sent_statuses_content")
        ),
        sa.CheckConstraint(
            "(state = 'written') = (written_at IS NOT NULL)",
            name=op.f("ck_sent_statuses_written_at"),
        ),
        _same("sent_statuses", "invoice_id", "invoices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_statuses")),
        sa.UniqueConstraint(
            "supplier_id", "invoice_id", "sequence",
            name=op.f("uq_sent_statuses_supplier_id_invoice_id_sequence"),
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_sent_statuses_supplier_id_state"), "sent_statuses", ["supplier_id", "state"]
    )


def _leave_the_past_untold() -> None:
    """French sellers tell what is cashed from this version on: before, nobody was asked to."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("SELECT set_config('app.system', 'on', true)")
    suppliers = sa.table("suppliers", sa.column("id", sa.Uuid()), sa.column("country", sa.String()))
    settings = sa.table(
        "lifecycle_settings",
        sa.column("supplier_id", sa.Uuid()),
        sa.column("emits", sa.Boolean()),
        sa.column("since", sa.DateTime(timezone=True)),
    )
    now = datetime.now(UTC)
    french = connection.scalars(sa.select(suppliers.c.id).where(suppliers.c.country == "FR")).all()
    for supplier_id in french:
        connection.execute(
            sa.insert(settings).values(supplier_id=supplier_id, emits=True, since=now)
        )
