"""promises and contacts"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _step_ups()
    keep_apart("step_ups")


def _step_ups() -> None:
    op.create_table(
        "step_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_visit_id", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_step_ups_tries")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_visit_id IS NULL)",
            name=op.f("ck_step_ups_confirmed_visit"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_step_ups_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "grant_id"],
            ["portal_grants.supplier_id", "portal_grants.id"],
            name=op.f("fk_step_ups_supplier_id_grant_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_ups")),
        sa.UniqueConstraint("confirmed_visit_id", name=op.f("uq_step_ups_confirmed_visit_id")),
    )
    for columns in (
        ("requested_at",),
        ("supplier_id", "contact_id", "requested_at"),
        ("supplier_id", "grant_id", "visit_id"),
    ):
        op.create_index(op.f(f"ix_step_ups_{'_'.join(columns)}"), "step_ups", list(columns))


def downgrade() -> None:
    op.drop_table("step_ups")
