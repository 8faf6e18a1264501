"""refunds"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PG_CHECK_GIVEN_BACK = """
CREATE FUNCTION check_given_back() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    balance bigint;
BEGIN
    IF NEW.credit_account = 'stripe_clearing' AND NEW.payment_id IS NOT NULL THEN
        PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR UPDATE;
        SELECT coalesce(sum(CASE WHEN debit_account = 'stripe_clearing'
                                 THEN amount_minor ELSE -amount_minor END), 0)
          INTO balance FROM ledger_entries
         WHERE supplier_id = NEW.supplier_id AND payment_id = NEW.payment_id
           AND (debit_account = 'stripe_clearing' OR credit_account = 'stripe_clearing');
        IF balance < 0 THEN
            RAISE EXCEPTION 'more given back than received' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

SQLITE_GIVEN_BACK = """
CREATE TRIGGER ledger_entries_given_back AFTER INSERT ON ledger_entries
WHEN NEW.credit_account = 'stripe_clearing' AND NEW.payment_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'more given back than received')
     WHERE (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE debit_account = 'stripe_clearing' AND payment_id = NEW.payment_id)
         < (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE credit_account = 'stripe_clearing' AND payment_id = NEW.payment_id);
END
"""


def upgrade() -> None:
    op.add_column(
        "suppliers",
        sa.Column("stripe_trouble", sa.String(length=16), server_default="", nullable=False),
    )
    _refunds()
    _chargebacks()
    keep_apart("refunds", "chargebacks")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_GIVEN_BACK)
        return
    op.execute(PG_CHECK_GIVEN_BACK)
    op.execute(
        "CREATE TRIGGER ledger_entries_given_back AFTER INSERT ON ledger_entries"
        " FOR EACH ROW EXECUTE FUNCTION check_given_back()"
    )


def _refunds() -> None:
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("stripe_account", sa.String(length=64), nullable=False),
        sa.Column("stripe_refund_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(length=60), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount")),
        sa.CheckConstraint(
            "state IN ('started', 'sent', 'unknown', 'refused', 'pending', 'succeeded', 'failed')",
            name=op.f("ck_refunds_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('pending', 'succeeded', 'failed') OR stripe_refund_id IS NOT NULL",
            name=op.f("ck_refunds_stripe_refund_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "payment_id"],
            ["payments.supplier_id", "payments.id"],
            name=op.f("fk_refunds_supplier_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint(
            "stripe_account",
            "stripe_refund_id",
            name=op.f("uq_refunds_stripe_account_stripe_refund_id"),
        ),
    )
    op.create_index(
        op.f("ix_refunds_supplier_id_payment_id"), "refunds", ["supplier_id", "payment_id"]
    )
    op.create_index(
        op.f("ix_refunds_supplier_id_created_at"), "refunds", ["supplier_id", "created_at"]
    )
    op.create_index(
        "ix_refunds_next_check",
        "refunds",
        ["next_check_at"],
        sqlite_where=sa.text("next_check_at IS NOT NULL"),
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )


def _chargebacks() -> None:
    op.create_table(
        "chargebacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("money", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("stripe_account", sa.String(length=64), nullable=False),
        sa.Column("stripe_dispute_id", sa.String(length=64), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_chargebacks_amount")),
        sa.CheckConstraint(
            "state IN ('inquiry', 'open', 'won', 'lost', 'closed')",
            name=op.f("ck_chargebacks_state"),
        ),
        sa.CheckConstraint(
            "money IN ('with_us', 'withdrawn', 'reinstated')", name=op.f("ck_chargebacks_money")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "payment_id"],
            ["payments.supplier_id", "payments.id"],
            name=op.f("fk_chargebacks_supplier_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chargebacks")),
        sa.UniqueConstraint(
            "stripe_account",
            "stripe_dispute_id",
            name=op.f("uq_chargebacks_stripe_account_stripe_dispute_id"),
        ),
    )
    op.create_index(
        op.f("ix_chargebacks_supplier_id_payment_id"),
        "chargebacks",
        ["supplier_id", "payment_id"],
    )
    op.create_index(
        op.f("ix_chargebacks_supplier_id_opened_at"), "chargebacks", ["supplier_id", "opened_at"]
    )


def downgrade() -> None:
    op.execute(
        "DROP TRIGGER ledger_entries_given_back ON ledger_entries"
        if op.get_bind().dialect.name == "postgresql"
        else "DROP TRIGGER ledger_entries_given_back"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION check_given_back")
    op.drop_table("chargebacks")
    op.drop_table("refunds")
    with op.batch_alter_table("suppliers") as batch_op:
        batch_op.drop_column("stripe_trouble")
