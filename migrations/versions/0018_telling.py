"""how and when each member of staff is told"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import keep_apart

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STATES = "('pending', 'sending', 'delivered', 'gone', 'failed', 'unneeded')"
_WAITING = sa.text("state IN ('pending', 'sending')")


def _at(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _same_supplier(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["supplier_id", column],
        [f"{target}.supplier_id", f"{target}.id"],
        name=op.f(f"fk_{table}_supplier_id_{column}"),
    )


def upgrade() -> None:
    _people()
    _choices()
    _digests()
    _openings()
    _deliveries()
    _webhooks()
    keep_apart(
        "telling_people", "telling_choices", "digests", "alert_openings", "webhook_endpoints",
        "webhook_messages",
    )  # fmt: skip


def _people() -> None:
    op.create_table(
        "telling_people",
        _id("staff_id"),
        _id("supplier_id"),
        sa.Column("waking_from", sa.Integer(), nullable=False),
        sa.Column("waking_until", sa.Integer(), nullable=False),
        sa.Column("names_on_push", sa.Boolean(), nullable=False),
        _id("deputy_id", nullable=True),
        _at("digests_off_at", nullable=True),
        _at("changed_at"),
        sa.CheckConstraint(
            "waking_from BETWEEN 0 AND 1439 AND waking_until BETWEEN 0 AND 1439",
            name=op.f("ck_telling_people_waking"),
        ),
        sa.CheckConstraint("deputy_id <> staff_id", name=op.f("ck_telling_people_deputy")),
        _same_supplier("telling_people", "staff_id", "staff"),
        _same_supplier("telling_people", "deputy_id", "staff"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_telling_people")),
    )


def _choices() -> None:
    op.create_table(
        "telling_choices",
        _id("supplier_id"),
        _id("staff_id"),
        sa.Column("portfolio", sa.String(length=6), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("pace", sa.String(length=6), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.Column("push", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "portfolio IN ('mine', 'others')", name=op.f("ck_telling_choices_portfolio")
        ),
        sa.CheckConstraint(
            "severity IN ('info', 'low', 'medium', 'high', 'critical')",
            name=op.f("ck_telling_choices_severity"),
        ),
        sa.CheckConstraint(
            "pace IN ('now', 'waking', 'daily', 'weekly', 'not')",
            name=op.f("ck_telling_choices_pace"),
        ),
        _same_supplier("telling_choices", "staff_id", "staff"),
        sa.PrimaryKeyConstraint(
            "staff_id", "portfolio", "severity", name=op.f("pk_telling_choices")
        ),
    )
    op.create_index(op.f("ix_telling_choices_supplier_id"), "telling_choices", ["supplier_id"])


def _digests() -> None:
    op.create_table(
        "digests",
        _id("id"),
        _id("supplier_id"),
        _id("staff_id"),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("slot_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _at("due_at"),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        _at("created_at"),
        _at("delivered_at", nullable=True),
        sa.CheckConstraint("kind IN ('daily', 'weekly', 'flood')", name=op.f("ck_digests_kind")),
        sa.CheckConstraint(f"state IN {_STATES}", name=op.f("ck_digests_state")),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_digests_delivered"),
        ),
        _same_supplier("digests", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_digests_supplier_id_id")),
        sa.UniqueConstraint(
            "supplier_id", "staff_id", "kind", "slot_on", "number",
            name=op.f("uq_digests_supplier_id_staff_id_kind_slot_on_number"),
        ),
    )  # fmt: skip


def _openings() -> None:
    op.create_table(
        "alert_openings",
        _id("supplier_id"),
        _id("alert_id"),
        _id("staff_id"),
        _at("opened_at"),
        _same_supplier("alert_openings", "alert_id", "alerts"),
        _same_supplier("alert_openings", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("alert_id", "staff_id", name=op.f("pk_alert_openings")),
    )


def _deliveries() -> None:
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.add_column(
            sa.Column("purpose", sa.String(length=8), server_default="first", nullable=False)
        )
        batch_op.add_column(sa.Column("number", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(_at("due_at", nullable=True))
        batch_op.add_column(_id("digest_id", nullable=True))
        batch_op.drop_constraint(
            op.f("uq_deliveries_supplier_id_alert_id_staff_id_channel"), type_="unique"
        )
        batch_op.create_unique_constraint(
            op.f("uq_deliveries_once"),
            ["supplier_id", "alert_id", "staff_id", "channel", "purpose", "number"],
        )
        batch_op.create_check_constraint(
            op.f("ck_deliveries_purpose"),
            "purpose IN ('first', 'unopened', 'deputy', 'admin', 'again')",
        )
        batch_op.create_foreign_key(
            op.f("fk_deliveries_supplier_id_digest_id"),
            "digests",
            ["supplier_id", "digest_id"],
            ["supplier_id", "id"],
        )
        batch_op.create_index(
            op.f("ix_deliveries_supplier_id_digest_id"), ["supplier_id", "digest_id"]
        )
        batch_op.create_index(
            op.f("ix_deliveries_supplier_id_staff_id_created_at"),
            ["supplier_id", "staff_id", "created_at"],
        )
    with op.batch_alter_table("push_sends") as batch_op:
        batch_op.add_column(_at("due_at", nullable=True))
    op.execute(
        "UPDATE push_sends SET due_at = (SELECT created_at FROM deliveries"
        " WHERE deliveries.id = push_sends.delivery_id)"
    )
    with op.batch_alter_table("push_sends") as batch_op:
        batch_op.alter_column("due_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index(
            "ix_push_sends_due",
            ["supplier_id", "due_at"],
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        )


def _webhooks() -> None:
    op.create_table(
        "webhook_endpoints",
        _id("id"),
        _id("supplier_id"),
        sa.Column("url", sa.String(length=1024), nullable=False),
        sa.Column("events", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("trouble", sa.String(length=300), nullable=False),
        sa.Column("secret", sa.String(length=80), nullable=False),
        sa.Column("secret_before", sa.String(length=80), nullable=True),
        _at("secret_before_until", nullable=True),
        _at("created_at"),
        sa.CheckConstraint(
            "state IN ('on', 'paused', 'removed')", name=op.f("ck_webhook_endpoints_state")
        ),
        sa.CheckConstraint(
            "(secret_before IS NULL) = (secret_before_until IS NULL)",
            name=op.f("ck_webhook_endpoints_secret_before"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_webhook_endpoints_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_webhook_endpoints_supplier_id_id")),
    )
    op.create_index(op.f("ix_webhook_endpoints_supplier_id"), "webhook_endpoints", ["supplier_id"])
    op.create_table(
        "webhook_messages",
        _id("id"),
        _id("supplier_id"),
        _id("endpoint_id"),
        sa.Column("kind", sa.String(length=30), nullable=False),
        _id("subject_id"),
        sa.Column("body", sa.String(length=8000), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _at("due_at"),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        _at("created_at"),
        _at("tried_at", nullable=True),
        _at("delivered_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'failed', 'unneeded')",
            name=op.f("ck_webhook_messages_state"),
        ),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_webhook_messages_delivered"),
        ),
        _same_supplier("webhook_messages", "endpoint_id", "webhook_endpoints"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_messages")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_webhook_messages_supplier_id_id")),
        sa.UniqueConstraint(
            "supplier_id", "endpoint_id", "kind", "subject_id",
            name=op.f("uq_webhook_messages_once"),
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_webhook_messages_supplier_id_endpoint_id_created_at"),
        "webhook_messages",
        ["supplier_id", "endpoint_id", "created_at"],
    )
    op.create_index(
        "ix_webhook_messages_due",
        "webhook_messages",
        ["due_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    op.drop_table("webhook_messages")
    op.drop_table("webhook_endpoints")
    with op.batch_alter_table("push_sends") as batch_op:
        batch_op.drop_index("ix_push_sends_due")
        batch_op.drop_column("due_at")
    # What was told more than once for its purposes cannot stand under the narrower key.
    op.execute(
        "DELETE FROM push_sends WHERE delivery_id IN"
        " (SELECT id FROM deliveries WHERE purpose <> 'first')"
    )
    op.execute("DELETE FROM deliveries WHERE purpose <> 'first'")
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.drop_index(op.f("ix_deliveries_supplier_id_staff_id_created_at"))
        batch_op.drop_index(op.f("ix_deliveries_supplier_id_digest_id"))
        batch_op.drop_constraint(op.f("fk_deliveries_supplier_id_digest_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_deliveries_purpose"), type_="check")
        batch_op.drop_constraint(op.f("uq_deliveries_once"), type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_deliveries_supplier_id_alert_id_staff_id_channel"),
            ["supplier_id", "alert_id", "staff_id", "channel"],
        )
        batch_op.drop_column("digest_id")
        batch_op.drop_column("due_at")
        batch_op.drop_column("number")
        batch_op.drop_column("purpose")
    op.drop_table("alert_openings")
    op.drop_table("digests")
    op.drop_table("telling_choices")
    op.drop_table("telling_people")
