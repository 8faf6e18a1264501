"""what an instalment plan costs a business: a fee, and interest no higher than the law's"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_ON_PLANS = {"fee_minor": sa.BigInteger(), "rate_bp": sa.Integer(),
             "interest_minor": sa.BigInteger()}  # fmt: skip
_ON_CLASSES = {"fee_minor": sa.BigInteger(), "rate_bp": sa.Integer()}


def _amount(name: str, kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    # What was agreed before this version costs nothing.
    return sa.Column(name, kind, nullable=False, server_default="0")


def upgrade() -> None:
    with op.batch_alter_table("plan_policy_classes") as classes:
        for name, kind in _ON_CLASSES.items():
            classes.add_column(_amount(name, kind))
        classes.create_check_constraint(
            op.f("ck_plan_policy_classes_costs"), "fee_minor >= 0 AND rate_bp >= 0"
        )
    with op.batch_alter_table("plans") as plans:
        for name, kind in _ON_PLANS.items():
            plans.add_column(_amount(name, kind))
        plans.add_column(sa.Column("costs_note_id", sa.Uuid(), nullable=True))
        plans.create_foreign_key(
            op.f("fk_plans_supplier_id_costs_note_id"), "invoices",
            ["supplier_id", "costs_note_id"], ["supplier_id", "id"],
        )  # fmt: skip
        plans.create_check_constraint(
            op.f("ck_plans_costs"), "fee_minor >= 0 AND rate_bp >= 0 AND interest_minor >= 0"
        )


def downgrade() -> None:
    with op.batch_alter_table("plans") as plans:
        plans.drop_constraint(op.f("ck_plans_costs"), type_="check")
        plans.drop_constraint(op.f("fk_plans_supplier_id_costs_note_id"), type_="foreignkey")
        plans.drop_column("costs_note_id")
        for name in _ON_PLANS:
            plans.drop_column(name)
    with op.batch_alter_table("plan_policy_classes") as classes:
        classes.drop_constraint(op.f("ck_plan_policy_classes_costs"), type_="check")
        for name in _ON_CLASSES:
            classes.drop_column(name)
