"""every kind of alert: of a score, of an event, of a limit, of a silent source"""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEPT = ("S-THR", "S-DROP", "S-CLASS")
OLD_KINDS = "'S-THR', 'S-DROP', 'S-CLASS'"
WATCHED = (
    "'S-THR', 'S-DROP', 'S-CLASS', 'S-LIMIT', 'S-STATUS', 'S-INSOLV', 'S-FILING', 'S-DBT',"
    " 'B-CLASS', 'X-USE', 'S-UP'"
)
#: Kind, threshold, points to re-arm, window in days, whether it is on.
NEW_RULES = (
    ("S-LIMIT", 30, None, None, True),
    ("S-STATUS", 0, None, None, True),
    ("S-INSOLV", 0, None, None, True),
    ("S-FILING", 0, None, None, True),
    ("S-DBT", 15, None, 90, True),
    ("B-CLASS", 1, None, None, True),
    ("X-USE", 50, 5, None, True),
    ("X-USE", 70, 5, None, True),
    ("X-USE", 90, 5, None, True),
    ("X-USE", 100, 5, None, True),
    ("S-UP", 1, None, None, False),
)
RULE_CHECKS = {
    "kind": (f"kind IN ({OLD_KINDS})", f"kind IN ({WATCHED})"),
    "threshold": (
        "threshold > 0",
        "threshold >= 0 AND (threshold = 0) = (kind IN ('S-STATUS', 'S-INSOLV', 'S-FILING'))",
    ),
    "rearm_points": (
        "(kind = 'S-THR') = (rearm_points IS NOT NULL)",
        "(kind IN ('S-THR', 'X-USE')) = (rearm_points IS NOT NULL)",
    ),
    "window_days": (
        "(kind = 'S-DROP') = (window_days IS NOT NULL)",
        "(kind IN ('S-DROP', 'S-DBT')) = (window_days IS NOT NULL)",
    ),
    "scale": (
        "(kind = 'S-CLASS') = (scale IS NULL)",
        "(kind IN ('S-THR', 'S-DROP')) = (scale IS NOT NULL)",
    ),
}
ALERT_CHECKS = {
    "debtor": "(debtor_id IS NULL) = (kind IN ('M-DEAD', 'MASS'))",
    "mass_alert": "mass_alert_id IS NULL OR kind <> 'MASS'",
}
NULLABLE = {
    "debtor_id": sa.Uuid(),
    "reading_id": sa.Uuid(),
    "band_before": sa.String(4),
    "band_after": sa.String(4),
}
FOREIGN = {"solvency_event_id": "solvency_events", "mass_alert_id": "alerts"}
#: What the delivery of an alert writes down on it.
TIMES = ("snoozed_until", "deputy_told_at", "admin_told_at")
IN_A_MASS = sa.text("mass_alert_id IS NOT NULL")


def upgrade() -> None:
    _speak_for_all()
    # Not in a batch: the table is append-only, and a copy would lose the triggers.
    op.add_column("score_readings", sa.Column("days_beyond_terms", sa.Integer(), nullable=True))
    _widen_rules()
    _widen_alerts()
    op.create_table(
        "limit_uses",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level >= 0", name=op.f("ck_limit_uses_level")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_limit_uses_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "debtor_id", name=op.f("pk_limit_uses")),
    )  # fmt: skip
    keep_apart("limit_uses")


def downgrade() -> None:
    """What older versions cannot keep is deleted: alerts and rules of the newer kinds."""
    _speak_for_all()
    op.drop_table("limit_uses")
    _narrow_alerts()
    _narrow_rules()
    op.drop_column("score_readings", "days_beyond_terms")


def _speak_for_all() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('app.system', 'on', true)")


def _widen_rules() -> None:
    with op.batch_alter_table("watch_rules") as table:
        table.add_column(
            sa.Column("severity_shift", sa.Integer(), nullable=False, server_default="0")
        )
        table.create_check_constraint(
            op.f("ck_watch_rules_severity_shift"), "severity_shift BETWEEN -2 AND 2"
        )
        for name, (_, wider) in RULE_CHECKS.items():
            table.drop_constraint(op.f(f"ck_watch_rules_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_watch_rules_{name}"), wider)
    rules = sa.table(
        "watch_rules",
        sa.column("id", sa.Uuid()),
        sa.column("supplier_id", sa.Uuid()),
        sa.column("kind", sa.String()),
        sa.column("threshold", sa.Integer()),
        sa.column("rearm_points", sa.Integer()),
        sa.column("window_days", sa.Integer()),
        sa.column("is_on", sa.Boolean()),
        sa.column("severity_shift", sa.Integer()),
        sa.column("effective_at", sa.DateTime(timezone=True)),
    )
    now = datetime.now(UTC)
    with_rules = op.get_bind().scalars(sa.select(rules.c.supplier_id).distinct()).all()
    rows = [
        {
            "id": uuid4(), "supplier_id": supplier_id, "kind": kind, "threshold": threshold,
            "rearm_points": rearm_points, "window_days": window_days, "is_on": is_on,
            "severity_shift": 0, "effective_at": now,
        }
        for supplier_id in with_rules
        for kind, threshold, rearm_points, window_days, is_on in NEW_RULES
    ]  # fmt: skip
    op.bulk_insert(rules, rows)


def _narrow_rules() -> None:
    rules = _table("watch_rules", "kind")
    op.execute(sa.delete(rules).where(rules.c.kind.not_in(KEPT)))
    with op.batch_alter_table("watch_rules") as table:
        table.drop_constraint(op.f("ck_watch_rules_severity_shift"), type_="check")
        table.drop_column("severity_shift")
        for name, (narrower, _) in RULE_CHECKS.items():
            table.drop_constraint(op.f(f"ck_watch_rules_{name}"), type_="check")
            table.create_check_constraint(op.f(f"ck_watch_rules_{name}"), narrower)


def _widen_alerts() -> None:
    op.add_column("alerts", sa.Column("subject", sa.String(160), nullable=True))
    _name_subjects()
    with op.batch_alter_table("alerts") as table:
        table.alter_column("subject", existing_type=sa.String(160), nullable=False)
        for name, kind in NULLABLE.items():
            table.alter_column(name, existing_type=kind, nullable=True)
        table.add_column(sa.Column("detail", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        for name in TIMES:
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        table.drop_constraint(op.f("uq_alerts_supplier_id_reading_id"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_alerts_supplier_id_subject"), ["supplier_id", "subject"]
        )
        for column, parent in FOREIGN.items():
            table.add_column(sa.Column(column, sa.Uuid(), nullable=True))
            table.create_foreign_key(
                op.f(f"fk_alerts_supplier_id_{column}"), parent,
                ["supplier_id", column], ["supplier_id", "id"],
            )  # fmt: skip
        table.drop_constraint(op.f("ck_alerts_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_alerts_kind"), f"kind IN ({WATCHED}, 'M-DEAD', 'MASS')"
        )
        for name, check in ALERT_CHECKS.items():
            table.create_check_constraint(op.f(f"ck_alerts_{name}"), check)
    op.create_index(
        "ix_alerts_mass", "alerts", ["supplier_id", "mass_alert_id"],
        sqlite_where=IN_A_MASS, postgresql_where=IN_A_MASS,
    )  # fmt: skip


def _name_subjects() -> None:
    """An alert's reading by its id, as Python writes it."""
    alerts = sa.table(
        "alerts", sa.column("subject", sa.String()), sa.column("reading_id", sa.String())
    )
    written = sa.cast(alerts.c.reading_id, sa.String())
    if op.get_bind().dialect.name == "sqlite":
        parts = ((9, 4), (13, 4), (17, 4), (21, 12))
        digits = alerts.c.reading_id
        written = sa.func.substr(digits, 1, 8)
        for at, size in parts:
            written = written.concat("-").concat(sa.func.substr(digits, at, size))
    op.execute(sa.update(alerts).values(subject=sa.literal("reading:").concat(written)))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))


def _forget_newer_alerts() -> None:
    alerts = _table("alerts", "id", "kind", "mass_alert_id")
    deliveries = _table("deliveries", "id", "alert_id")
    sends = _table("push_sends", "delivery_id")
    reasons = _table("alert_reasons", "alert_id", "kind")
    newer = sa.select(alerts.c.id).where(alerts.c.kind.not_in(KEPT))
    told = sa.select(deliveries.c.id).where(deliveries.c.alert_id.in_(newer))
    for statement in (
        sa.delete(sends).where(sends.c.delivery_id.in_(told)),
        sa.delete(deliveries).where(deliveries.c.alert_id.in_(newer)),
        sa.delete(reasons).where(reasons.c.alert_id.in_(newer) | reasons.c.kind.not_in(KEPT)),
        sa.update(alerts).values(mass_alert_id=None),
        sa.delete(alerts).where(alerts.c.kind.not_in(KEPT)),
    ):
        op.execute(statement)


def _narrow_alerts() -> None:
    _forget_newer_alerts()
    op.drop_index("ix_alerts_mass", "alerts")
    with op.batch_alter_table("alerts") as table:
        for name in ALERT_CHECKS:
            table.drop_constraint(op.f(f"ck_alerts_{name}"), type_="check")
        table.drop_constraint(op.f("ck_alerts_kind"), type_="check")
        table.create_check_constraint(op.f("ck_alerts_kind"), f"kind IN ({OLD_KINDS})")
        for column in FOREIGN:
            table.drop_constraint(op.f(f"fk_alerts_supplier_id_{column}"), type_="foreignkey")
            table.drop_column(column)
        table.drop_constraint(op.f("uq_alerts_supplier_id_subject"), type_="unique")
        for column in ("subject", "detail", "due_on", *TIMES):
            table.drop_column(column)
        for name, kind in NULLABLE.items():
            table.alter_column(name, existing_type=kind, nullable=False)
        table.create_unique_constraint(
            op.f("uq_alerts_supplier_id_reading_id"), ["supplier_id", "reading_id"]
        )
