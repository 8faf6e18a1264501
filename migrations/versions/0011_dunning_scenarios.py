"""scenarios, limits, stops and vetoes of dunning"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = (
    "scenarios",
    "scenario_steps",
    "dunning_settings",
    "dunning_stops",
    "dunning_absences",
    "dunning_runs",
    "dunning_previews",
    "dunning_vetoes",
)


def upgrade() -> None:
    _reminders()
    _scenarios()
    _settings()
    _stops()
    _absences()
    _days()
    _vetoes()
    keep_apart(*_TABLES)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_reminders_unsettled", "reminders")
    with op.batch_alter_table("reminders") as table:
        for name in ("state", "claimed"):
            table.drop_constraint(op.f(f"ck_reminders_{name}"), type_="check")
        table.drop_constraint(op.f("fk_reminders_supplier_id_beside"), type_="foreignkey")
        table.drop_constraint(
            op.f("uq_reminders_contact_id_currency_run_on_purpose_channel"), type_="unique"
        )
        for column in ("channel", "beside", "send_from", "send_until", "let_out_at"):
            table.drop_column(column)
        table.create_unique_constraint(
            op.f("uq_reminders_contact_id_currency_run_on_purpose"),
            ["contact_id", "currency", "run_on", "purpose"],
        )
        table.create_check_constraint(
            op.f("ck_reminders_state"),
            "state IN ('due', 'sending', 'sent', 'unknown', 'skipped', 'failed')",
        )
        table.create_check_constraint(
            op.f("ck_reminders_claimed"),
            "state IN ('due', 'skipped') OR claimed_at IS NOT NULL",
        )
    _unsettled("state IN ('due', 'sending', 'unknown')")


def _unsettled(where: str) -> None:
    op.create_index(
        "ix_reminders_unsettled", "reminders", ["supplier_id", "state"],
        sqlite_where=sa.text(where), postgresql_where=sa.text(where),
    )  # fmt: skip


def _reminders() -> None:
    op.drop_index("ix_reminders_unsettled", "reminders")
    with op.batch_alter_table("reminders") as table:
        for name in ("state", "claimed"):
            table.drop_constraint(op.f(f"ck_reminders_{name}"), type_="check")
        table.drop_constraint(
            op.f("uq_reminders_contact_id_currency_run_on_purpose"), type_="unique"
        )
        table.add_column(
            sa.Column("channel", sa.String(length=10), nullable=False, server_default="email")
        )
        table.add_column(sa.Column("beside", sa.Uuid(), nullable=True))
        for name in ("send_from", "send_until", "let_out_at"):
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        table.create_unique_constraint(
            op.f("uq_reminders_contact_id_currency_run_on_purpose_channel"),
            ["contact_id", "currency", "run_on", "purpose", "channel"],
        )
        table.create_foreign_key(
            op.f("fk_reminders_supplier_id_beside"),
            "reminders",
            ["supplier_id", "beside"],
            ["supplier_id", "id"],
        )
        table.create_check_constraint(
            op.f("ck_reminders_state"),
            "state IN ('due', 'waiting', 'sending', 'sent', 'unknown', 'skipped', 'failed',"
            " 'vetoed')",
        )
        table.create_check_constraint(
            op.f("ck_reminders_claimed"),
            "state IN ('due', 'waiting', 'skipped', 'vetoed') OR claimed_at IS NOT NULL",
        )
    _unsettled("state IN ('due', 'waiting', 'sending', 'unknown')")


def _of_same_supplier(table: str, column: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id", column],
        [f"{parent}.supplier_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_supplier_id_{column}"),
    )


def _of_supplier(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id"], ["suppliers.id"], name=op.f(f"fk_{table}_supplier_id")
    )


def _words(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _conditions() -> list[sa.Column[str]]:
    return [
        _words("kinds", 20),
        _words("countries", 120),
        _words("payer_classes", 20),
        _words("solvency_classes", 30),
    ]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _scenarios() -> None:
    op.create_table(
        "scenarios",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        _words("name", 60),
        *_conditions(),
        _moment("changed_at"),
        _of_supplier("scenarios"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_scenarios_supplier_id_id")),
        sa.UniqueConstraint("supplier_id", "name", name=op.f("uq_scenarios_supplier_id_name")),
    )
    op.create_table(
        "scenario_steps",
        sa.Column("scenario_id", sa.Uuid(), nullable=False),
        _words("name", 11),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        _words("class_offsets", 60),
        sa.Column("level", sa.Integer(), nullable=False),
        _words("tone", 8),
        _words("channels", 60),
        _words("beside", 60),
        _words("mode", 14),
        sa.Column("min_amount", sa.BigInteger(), nullable=True),
        sa.Column("max_auto_amount", sa.BigInteger(), nullable=True),
        _words("audience", 8),
        *_conditions(),
        sa.Column("shows_interest", sa.Boolean(), nullable=False),
        _words("legal_effect", 18),
        sa.CheckConstraint("level BETWEEN 0 AND 5", name=op.f("ck_scenario_steps_level")),
        sa.CheckConstraint(
            "offset_days BETWEEN -60 AND 365", name=op.f("ck_scenario_steps_offset_days")
        ),
        sa.CheckConstraint(
            "mode IN ('auto', 'auto_with_veto', 'manual')", name=op.f("ck_scenario_steps_mode")
        ),
        sa.CheckConstraint(
            "legal_effect IN ('none', 'first_reminder_b2c', 'formal_notice')",
            name=op.f("ck_scenario_steps_legal_effect"),
        ),
        sa.CheckConstraint(
            "min_amount >= 0 AND max_auto_amount >= 0", name=op.f("ck_scenario_steps_amounts")
        ),
        _of_same_supplier("scenario_steps", "scenario_id", "scenarios"),
        sa.PrimaryKeyConstraint("scenario_id", "name", name=op.f("pk_scenario_steps")),
    )


def _settings() -> None:
    ranges = {
        "least_days_between": (1, 60),
        "most_in_7_days": (1, 7),
        "most_in_30_days": (1, 30),
        "quiet_days": (0, 20),
        "gather_days": (0, 10),
    }
    op.create_table(
        "dunning_settings",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ranges),
        _moment("changed_at"),
        sa.CheckConstraint("opens < closes", name=op.f("ck_dunning_settings_window")),
        *(
            sa.CheckConstraint(
                f"{name} BETWEEN {least} AND {most}", name=op.f(f"ck_dunning_settings_{name}")
            )
            for name, (least, most) in ranges.items()
        ),
        _of_supplier("dunning_settings"),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_dunning_settings")),
    )


def _stops() -> None:
    op.create_table(
        "dunning_stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        _words("kind", 8),
        _words("reason", 300),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        _words("by", 60),
        _moment("created_at"),
        _moment("lifted_at", nullable=True),
        sa.Column("lifted_by", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "kind IN ('manual', 'deceased', 'ceased')", name=op.f("ck_dunning_stops_kind")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_dunning_stops_reason")),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_dunning_stops_until")),
        _of_same_supplier("dunning_stops", "debtor_id", "debtors"),
        _of_same_supplier("dunning_stops", "invoice_id", "invoices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_stops")),
    )
    op.create_index(
        "ix_dunning_stops_standing", "dunning_stops", ["supplier_id", "debtor_id"],
        sqlite_where=sa.text("lifted_at IS NULL"), postgresql_where=sa.text("lifted_at IS NULL"),
    )  # fmt: skip


def _absences() -> None:
    op.create_table(
        "dunning_absences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        _words("reason", 300),
        _words("by", 60),
        _moment("created_at"),
        _moment("cancelled_at", nullable=True),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_dunning_absences_days")),
        _of_supplier("dunning_absences"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_absences")),
    )
    op.create_index(
        op.f("ix_dunning_absences_supplier_id_last_on"),
        "dunning_absences",
        ["supplier_id", "last_on"],
    )


def _days() -> None:
    op.create_table(
        "dunning_runs",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=False),
        _moment("made_at"),
        sa.Column("messages", sa.Integer(), nullable=False),
        _words("held_because", 20),
        _of_supplier("dunning_runs"),
        sa.PrimaryKeyConstraint("supplier_id", "run_on", name=op.f("pk_dunning_runs")),
    )
    op.create_table(
        "dunning_previews",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=False),
        _moment("shown_at"),
        sa.Column("messages", sa.Integer(), nullable=False),
        _of_supplier("dunning_previews"),
        sa.PrimaryKeyConstraint("supplier_id", "run_on", name=op.f("pk_dunning_previews")),
    )


def _vetoes() -> None:
    op.create_table(
        "dunning_vetoes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        _words("by", 60),
        _moment("at"),
        _moment("withdrawn_at", nullable=True),
        _of_supplier("dunning_vetoes"),
        _of_same_supplier("dunning_vetoes", "debtor_id", "debtors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_vetoes")),
    )
    op.create_index(
        op.f("ix_dunning_vetoes_supplier_id_run_on"),
        "dunning_vetoes",
        ["supplier_id", "run_on"],
    )
