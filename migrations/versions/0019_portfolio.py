"""the health check of a portfolio of customers"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portfolio_beliefs",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_portfolio_beliefs_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_portfolio_beliefs")),
    )
    _create_checks()
    _create_customers()
    _create_clusters()
    _create_views()
    _create_deeds()
    keep_apart(
        "portfolio_beliefs", "portfolio_checks", "portfolio_customers", "portfolio_clusters",
        "portfolio_views", "portfolio_deeds",
    )  # fmt: skip


def _create_checks() -> None:
    op.create_table(
        "portfolio_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=4), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("phase", sa.String(length=11), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("unasked", sa.Integer(), nullable=False),
        sa.Column("assumptions", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delete_on", sa.Date(), nullable=False),
        sa.CheckConstraint("source IN ('file', 'book')", name=op.f("ck_portfolio_checks_source")),
        sa.CheckConstraint(
            "state IN ('running', 'ready', 'refused')", name=op.f("ck_portfolio_checks_state")
        ),
        sa.CheckConstraint(
            "phase IN ('reading', 'identifying', 'asking', 'comparing', 'reporting')",
            name=op.f("ck_portfolio_checks_phase"),
        ),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_portfolio_checks_done")),
        sa.CheckConstraint(
            "state <> 'ready' OR made_at IS NOT NULL", name=op.f("ck_portfolio_checks_made_at")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_portfolio_checks_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_checks")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_portfolio_checks_supplier_id_id")),
    )
    op.create_index(
        op.f("ix_portfolio_checks_supplier_id_asked_at"),
        "portfolio_checks", ["supplier_id", "asked_at"],
    )  # fmt: skip
    op.create_index(op.f("ix_portfolio_checks_delete_on"), "portfolio_checks", ["delete_on"])


def _of_check(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id", "check_id"], ["portfolio_checks.supplier_id", "portfolio_checks.id"],
        name=op.f(f"fk_{table}_supplier_id_check_id"),
    )  # fmt: skip


def _create_customers() -> None:
    op.create_table(
        "portfolio_customers",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("confidence", sa.String(length=7), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("checked", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "confidence IN ('exact', 'strong', 'review', 'none', 'skipped')",
            name=op.f("ck_portfolio_customers_confidence"),
        ),
        _of_check("portfolio_customers"),
        sa.PrimaryKeyConstraint("check_id", "place", name=op.f("pk_portfolio_customers")),
    )
    op.create_index(
        op.f("ix_portfolio_customers_supplier_id_check_id_confidence"),
        "portfolio_customers", ["supplier_id", "check_id", "confidence"],
    )  # fmt: skip


def _create_clusters() -> None:
    op.create_table(
        "portfolio_clusters",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=9), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("survivor", sa.Integer(), nullable=False),
        sa.Column("score_permille", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=6), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('duplicate', 'group')", name=op.f("ck_portfolio_clusters_kind")
        ),
        sa.CheckConstraint(
            "decision IN ('', 'merged', 'apart')", name=op.f("ck_portfolio_clusters_decision")
        ),
        sa.CheckConstraint(
            "decision <> 'merged' OR kind = 'duplicate'",
            name=op.f("ck_portfolio_clusters_merged"),
        ),
        sa.CheckConstraint(
            "score_permille BETWEEN 0 AND 1000", name=op.f("ck_portfolio_clusters_score")
        ),
        _of_check("portfolio_clusters"),
        sa.PrimaryKeyConstraint("check_id", "place", name=op.f("pk_portfolio_clusters")),
    )
    op.create_index(
        op.f("ix_portfolio_clusters_supplier_id_check_id"),
        "portfolio_clusters", ["supplier_id", "check_id"],
    )  # fmt: skip


def _create_views() -> None:
    op.create_table(
        "portfolio_views",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=4), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("what IN ('page', 'pdf', 'csv')", name=op.f("ck_portfolio_views_what")),
        _of_check("portfolio_views"),
        sa.ForeignKeyConstraint(
            ["supplier_id", "staff_id"], ["staff.supplier_id", "staff.id"],
            name=op.f("fk_portfolio_views_supplier_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint(
            "check_id", "staff_id", "what", "seen_on", name=op.f("pk_portfolio_views")
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_portfolio_views_supplier_id_check_id"),
        "portfolio_views", ["supplier_id", "check_id"],
    )  # fmt: skip


def _create_deeds() -> None:
    op.create_table(
        "portfolio_deeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("done_by", sa.String(length=60), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('limits', 'watch')", name=op.f("ck_portfolio_deeds_kind")),
        _of_check("portfolio_deeds"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_deeds")),
    )
    op.create_index(
        op.f("ix_portfolio_deeds_supplier_id_check_id_done_at"),
        "portfolio_deeds", ["supplier_id", "check_id", "done_at"],
    )  # fmt: skip


def downgrade() -> None:
    for table in ("deeds", "views", "clusters", "customers", "checks", "beliefs"):
        op.drop_table(f"portfolio_{table}")
