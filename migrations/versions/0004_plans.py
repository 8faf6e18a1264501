"""plans"""

import sqlalchemy as sa
from alembic import op

from migrations.guarding import forbid_change, keep_apart

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "standings",
    "plan_policies",
    "plan_policy_classes",
    "plans",
    "plan_invoices",
    "instalments",
    "plan_consents",
    "plan_messages",
)


def upgrade() -> None:
    _create_standings()
    _create_plan_policies()
    _create_plan_policy_classes()
    _create_plans()
    _create_plan_invoices()
    _create_instalments()
    _create_plan_consents()
    _create_plan_messages()
    keep_apart(*_TABLES)
    forbid_change("plan_consents")


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("payer_class", sa.String(length=1), nullable=False),
        sa.Column("solvency_class", sa.String(length=4), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("limit_currency", sa.String(length=3), nullable=True),
        sa.Column("policy_number", sa.String(length=60), nullable=True),
        sa.Column("extension_days", sa.Integer(), nullable=True),
        sa.Column("stop_reason", sa.String(length=300), nullable=False),
        sa.Column("stopped_until", sa.Date(), nullable=True),
        sa.Column("self_service_blocked_until", sa.Date(), nullable=True),
        sa.Column("insolvent_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "payer_class IN ('A', 'B', 'C', 'D', 'E', 'N')", name=op.f("ck_standings_payer_class")
        ),
        sa.CheckConstraint(
            "solvency_class IN ('A', 'B', 'C', 'D', 'E', 'none')",
            name=op.f("ck_standings_solvency_class"),
        ),
        sa.CheckConstraint(
            "(limit_minor IS NULL) = (limit_currency IS NULL) AND limit_minor >= 0",
            name=op.f("ck_standings_limit"),
        ),
        sa.CheckConstraint(
            "(policy_number IS NULL) = (extension_days IS NULL) AND extension_days >= 0",
            name=op.f("ck_standings_cover"),
        ),
        sa.CheckConstraint(
            "stopped_until IS NULL OR stop_reason <> ''", name=op.f("ck_standings_stop")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_standings_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "debtor_id", name=op.f("pk_standings")),
    )


def _create_plan_policies() -> None:
    op.create_table(
        "plan_policies",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("least_minor", sa.BigInteger(), nullable=False),
        sa.Column("most_minor", sa.BigInteger(), nullable=False),
        sa.Column("least_instalment_minor", sa.BigInteger(), nullable=False),
        sa.Column("frequencies", sa.String(length=40), nullable=False),
        sa.Column("whole_units", sa.Boolean(), nullable=False),
        sa.Column("auto_solvency", sa.String(length=20), nullable=False),
        sa.Column("answer_days", sa.Integer(), nullable=False),
        sa.Column("blocked_months", sa.Integer(), nullable=False),
        sa.Column("cure_days", sa.Integer(), nullable=False),
        sa.Column("asked_months", sa.Integer(), nullable=False),
        sa.Column("asked_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 < least_minor AND least_minor <= most_minor", name=op.f("ck_plan_policies_range")
        ),
        sa.CheckConstraint(
            "answer_days > 0 AND cure_days > 0 AND blocked_months >= 0",
            name=op.f("ck_plan_policies_terms"),
        ),
        sa.CheckConstraint(
            "least_instalment_minor > 0", name=op.f("ck_plan_policies_least_instalment")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_plan_policies_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", name=op.f("pk_plan_policies")),
    )


def _create_plan_policy_classes() -> None:
    op.create_table(
        "plan_policy_classes",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("payer_class", sa.String(length=1), nullable=False),
        sa.Column("most_months", sa.Integer(), nullable=False),
        sa.Column("first_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "payer_class IN ('A', 'B', 'C', 'D', 'E', 'N')",
            name=op.f("ck_plan_policy_classes_payer_class"),
        ),
        sa.CheckConstraint(
            "first_percent BETWEEN 0 AND 90", name=op.f("ck_plan_policy_classes_first_percent")
        ),
        sa.CheckConstraint(
            "most_months BETWEEN 0 AND 24", name=op.f("ck_plan_policy_classes_most_months")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"],
            ["plan_policies.supplier_id"],
            name=op.f("fk_plan_policy_classes_supplier_id"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "payer_class", name=op.f("pk_plan_policy_classes")),
    )


def _create_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_on", sa.Date(), nullable=True),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("frequency", sa.String(length=11), nullable=False),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("cure_days", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_note", sa.String(length=500), nullable=False),
        sa.Column("insurer_agreement", sa.String(length=120), nullable=False),
        sa.Column("saved_method_id", sa.Uuid(), nullable=True),
        sa.Column("paused_for", sa.String(length=20), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "frequency IN ('weekly', 'fortnightly', 'monthly')", name=op.f("ck_plans_frequency")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'awaiting_first', 'active', 'in_default', 'cured',"
            " 'completed', 'accelerated', 'refused', 'cancelled', 'restructured', 'expired')",
            name=op.f("ck_plans_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('active', 'in_default', 'cured', 'completed', 'accelerated',"
            " 'restructured') OR (accepted_at IS NOT NULL AND activated_at IS NOT NULL)",
            name=op.f("ck_plans_activated_at"),
        ),
        sa.CheckConstraint("total_minor > 0 AND version > 0", name=op.f("ck_plans_total")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_plans_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_plans_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "decided_by"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_plans_supplier_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "replaces_id"],
            ["plans.supplier_id", "plans.id"],
            name=op.f("fk_plans_supplier_id_replaces_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "saved_method_id"],
            ["saved_methods.supplier_id", "saved_methods.id"],
            name=op.f("fk_plans_supplier_id_saved_method_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_plans_supplier_id_id")),
    )
    with op.batch_alter_table("plans", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plans_standing",
            ["supplier_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('active', 'in_default', 'cured')"),
            postgresql_where=sa.text("state IN ('active', 'in_default', 'cured')"),
        )
        batch_op.create_index(
            batch_op.f("ix_plans_supplier_id_debtor_id"), ["supplier_id", "debtor_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plans_supplier_id_state"), ["supplier_id", "state"], unique=False
        )
        batch_op.create_index(
            "ix_plans_waiting",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('proposed', 'approved', 'awaiting_first')"),
            postgresql_where=sa.text("state IN ('proposed', 'approved', 'awaiting_first')"),
        )


def _create_plan_invoices() -> None:
    op.create_table(
        "plan_invoices",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("entries_before", sa.JSON(), nullable=False),
        sa.CheckConstraint("base_minor > 0", name=op.f("ck_plan_invoices_base")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_plan_invoices_supplier_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "plan_id"],
            ["plans.supplier_id", "plans.id"],
            name=op.f("fk_plan_invoices_supplier_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("plan_id", "invoice_id", name=op.f("pk_plan_invoices")),
    )
    with op.batch_alter_table("plan_invoices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_invoices_supplier_id_invoice_id"),
            ["supplier_id", "invoice_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_plan_invoices_standing",
            ["invoice_id"],
            unique=True,
            sqlite_where=sa.text("stands"),
            postgresql_where=sa.text("stands"),
        )


def _create_instalments() -> None:
    op.create_table(
        "instalments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("charge_on", sa.Date(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("needs", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "needs IN ('', 'card', 'confirmation', 'person')", name=op.f("ck_instalments_needs")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_instalments_amount")),
        sa.CheckConstraint("place >= 0", name=op.f("ck_instalments_place")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "plan_id"],
            ["plans.supplier_id", "plans.id"],
            name=op.f("fk_instalments_supplier_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalments")),
        sa.UniqueConstraint("plan_id", "place", name=op.f("uq_instalments_plan_id_place")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_instalments_supplier_id_id")),
    )
    with op.batch_alter_table("instalments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_instalments_charge",
            ["supplier_id", "charge_on"],
            unique=False,
            sqlite_where=sa.text("charge_on IS NOT NULL"),
            postgresql_where=sa.text("charge_on IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_instalments_supplier_id_plan_id"),
            ["supplier_id", "plan_id"],
            unique=False,
        )


def _create_plan_consents() -> None:
    op.create_table(
        "plan_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("schedule", sa.JSON(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_plan_consents_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "plan_id"],
            ["plans.supplier_id", "plans.id"],
            name=op.f("fk_plan_consents_supplier_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_consents")),
    )
    with op.batch_alter_table("plan_consents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_consents_supplier_id_plan_id"),
            ["supplier_id", "plan_id"],
            unique=False,
        )


def _create_plan_messages() -> None:
    op.create_table(
        "plan_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("instalment_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'sent', 'unknown', 'failed')",
            name=op.f("ck_plan_messages_state"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "instalment_id"],
            ["instalments.supplier_id", "instalments.id"],
            name=op.f("fk_plan_messages_supplier_id_instalment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "plan_id"],
            ["plans.supplier_id", "plans.id"],
            name=op.f("fk_plan_messages_supplier_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_messages")),
        sa.UniqueConstraint("plan_id", "key", name=op.f("uq_plan_messages_plan_id_key")),
    )
    with op.batch_alter_table("plan_messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plan_messages_sending",
            ["claimed_at"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(
            batch_op.f("ix_plan_messages_supplier_id_plan_id"),
            ["supplier_id", "plan_id"],
            unique=False,
        )
