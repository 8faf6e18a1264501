"""whether bank data is being taken in is found without looking through all work"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OF_IMPORT = sa.text("actor = 'bank.match_statement'")


def upgrade() -> None:
    op.create_index(
        "ix_jobs_imports",
        "jobs",
        ["supplier_id"],
        sqlite_where=_OF_IMPORT,
        postgresql_where=_OF_IMPORT,
    )


def downgrade() -> None:
    op.drop_index("ix_jobs_imports", table_name="jobs")
