"""what goes out beside a message is found without reading all that was ever sent"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_BESIDE = sa.text("beside IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_reminders_beside",
        "reminders",
        ["supplier_id", "beside"],
        sqlite_where=_BESIDE,
        postgresql_where=_BESIDE,
    )


def downgrade() -> None:
    op.drop_index("ix_reminders_beside", table_name="reminders")
