"""saved methods, and charges without a page"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_customers",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_account", sa.String(length=64), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("stripe_customer_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_gateway_customers_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_gateway_customers_supplier_id")
        ),
        sa.PrimaryKeyConstraint(
            "supplier_id",
            "debtor_id",
            "stripe_account",
            "livemode",
            name=op.f("pk_gateway_customers"),
        ),
        sa.UniqueConstraint(
            "stripe_account",
            "stripe_customer_id",
            name=op.f("uq_gateway_customers_stripe_account_stripe_customer_id"),
        ),
    )
    op.create_table(
        "saved_methods",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("exp_month", sa.Integer(), nullable=True),
        sa.Column("exp_year", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent", sa.String(length=1200), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("stripe_account", sa.String(length=64), nullable=False),
        sa.Column("stripe_customer_id", sa.String(length=64), nullable=False),
        sa.Column("stripe_payment_method_id", sa.String(length=64), nullable=False),
        sa.Column("stripe_mandate_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(exp_month IS NULL) = (exp_year IS NULL)", name=op.f("ck_saved_methods_expiry")
        ),
        sa.CheckConstraint("kind IN ('card', 'sepa_debit')", name=op.f("ck_saved_methods_kind")),
        sa.CheckConstraint(
            "state IN ('usable', 'refused', 'expired', 'removed')",
            name=op.f("ck_saved_methods_state"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_saved_methods_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_saved_methods_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_methods")),
        sa.UniqueConstraint(
            "stripe_account",
            "stripe_payment_method_id",
            name=op.f("uq_saved_methods_stripe_account_stripe_payment_method_id"),
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_saved_methods_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_saved_methods_supplier_id_debtor_id"),
        "saved_methods",
        ["supplier_id", "debtor_id"],
    )
    op.create_index(
        op.f("ix_saved_methods_stripe_mandate_id"), "saved_methods", ["stripe_mandate_id"]
    )
    keep_apart("gateway_customers", "saved_methods")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("channel", sa.String(length=8), server_default="checkout", nullable=False)
        )
        batch_op.add_column(sa.Column("instalment_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("saved_method_id", sa.Uuid(), nullable=True))
        for name in ("decline_code", "advice_code"):
            batch_op.add_column(
                sa.Column(name, sa.String(length=60), server_default="", nullable=False)
            )
        batch_op.create_foreign_key(
            batch_op.f("fk_payments_supplier_id_saved_method_id"),
            "saved_methods",
            ["supplier_id", "saved_method_id"],
            ["supplier_id", "id"],
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_payments_channel"), "channel IN ('checkout', 'charge')"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_payments_charged_to"),
            "channel = 'checkout' OR saved_method_id IS NOT NULL",
        )
        batch_op.create_index(
            batch_op.f("ix_payments_supplier_id_instalment_id"), ["supplier_id", "instalment_id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payments_supplier_id_instalment_id"))
        batch_op.drop_constraint(batch_op.f("ck_payments_charged_to"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_payments_channel"), type_="check")
        batch_op.drop_constraint(
            batch_op.f("fk_payments_supplier_id_saved_method_id"), type_="foreignkey"
        )
        for name in (
            "advice_code",
            "decline_code",
            "saved_method_id",
            "instalment_id",
            "channel",
        ):
            batch_op.drop_column(name)
    op.drop_table("saved_methods")
    op.drop_table("gateway_customers")
