"""what plans and disputes still lacked"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_to_plans()
    _add_to_standings()


def downgrade() -> None:
    with op.batch_alter_table("standings") as standings:
        standings.drop_constraint(op.f("ck_standings_terms_days"), type_="check")
        standings.drop_column("terms_days")
    for name in ("plans", "plan_policies"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"ck_{name}_sepa_notice_days"), type_="check")
            table.drop_column("sepa_notice_days")


def _add_to_plans() -> None:
    # What stands was agreed with two days' notice of every charge, of accounts as of cards.
    for name, days in (("plans", "2"), ("plan_policies", "14")):
        with op.batch_alter_table(name) as table:
            table.add_column(
                sa.Column("sepa_notice_days", sa.Integer(), nullable=False, server_default=days)
            )
            table.create_check_constraint(
                op.f(f"ck_{name}_sepa_notice_days"), "sepa_notice_days BETWEEN 2 AND 14"
            )


def _add_to_standings() -> None:
    with op.batch_alter_table("standings") as standings:
        standings.add_column(sa.Column("terms_days", sa.Integer(), nullable=True))
        standings.create_check_constraint(
            op.f("ck_standings_terms_days"), "terms_days BETWEEN 0 AND 365"
        )
