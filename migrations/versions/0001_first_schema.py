"""first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


#: Facts: added, never changed.
APPEND_ONLY = ("ledger_entries", "events", "score_readings")

#: Tables of suppliers, with the column that says whose row it is.
TENANT_TABLES = {
    "events": "supplier_id",
    "jobs": "supplier_id",
    "suppliers": "id",
    "debtors": "supplier_id",
    "feed_states": "supplier_id",
    "ledger_entries": "supplier_id",
    "staff": "supplier_id",
    "stripe_events": "supplier_id",
    "watch_rules": "supplier_id",
    "contacts": "supplier_id",
    "feed_subjects": "supplier_id",
    "identifiers": "supplier_id",
    "invoices": "supplier_id",
    "push_subscriptions": "supplier_id",
    "score_readings": "supplier_id",
    "staff_sessions": "supplier_id",
    "alerts": "supplier_id",
    "documents": "supplier_id",
    "invoice_lines": "supplier_id",
    "payments": "supplier_id",
    "portal_grants": "supplier_id",
    "reminders": "supplier_id",
    "alert_reasons": "supplier_id",
    "deliveries": "supplier_id",
    "payment_parts": "supplier_id",
    "reminder_items": "supplier_id",
    "push_sends": "supplier_id",
}

RULE = (
    "(current_setting('app.system', true) = 'on'"
    " OR {column} = nullif(current_setting('app.supplier', true), '')::uuid)"
)

PG_REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$
"""

PG_CHECK_ENTRY = """
CREATE FUNCTION check_ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    balance bigint;
BEGIN
    IF NEW.credit_account = 'receivable' THEN
        PERFORM 1 FROM invoices WHERE id = NEW.credit_subject FOR UPDATE;
        SELECT coalesce(sum(CASE WHEN debit_account = 'receivable'
                                  AND debit_subject = NEW.credit_subject
                                 THEN amount_minor ELSE -amount_minor END), 0)
          INTO balance FROM ledger_entries
         WHERE supplier_id = NEW.supplier_id
           AND ((debit_account = 'receivable' AND debit_subject = NEW.credit_subject)
             OR (credit_account = 'receivable' AND credit_subject = NEW.credit_subject));
        IF balance < 0 THEN
            RAISE EXCEPTION 'receivable below zero' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    IF NEW.debit_account = 'unapplied' THEN
        PERFORM 1 FROM debtors WHERE id = NEW.debit_subject FOR UPDATE;
        SELECT coalesce(sum(CASE WHEN credit_account = 'unapplied'
                                  AND credit_subject = NEW.debit_subject
                                 THEN amount_minor ELSE -amount_minor END), 0)
          INTO balance FROM ledger_entries
         WHERE supplier_id = NEW.supplier_id AND currency = NEW.currency
           AND ((debit_account = 'unapplied' AND debit_subject = NEW.debit_subject)
             OR (credit_account = 'unapplied' AND credit_subject = NEW.debit_subject));
        IF balance < 0 THEN
            RAISE EXCEPTION 'unapplied cash below zero' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

SQLITE_LEDGER = (
    """
CREATE TRIGGER ledger_entries_receivable AFTER INSERT ON ledger_entries
WHEN NEW.credit_account = 'receivable'
BEGIN
    SELECT RAISE(ABORT, 'receivable below zero')
     WHERE (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE debit_account = 'receivable' AND debit_subject = NEW.credit_subject)
         < (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE credit_account = 'receivable' AND credit_subject = NEW.credit_subject);
END
""",
    """
CREATE TRIGGER ledger_entries_unapplied AFTER INSERT ON ledger_entries
WHEN NEW.debit_account = 'unapplied'
BEGIN
    SELECT RAISE(ABORT, 'unapplied cash below zero')
     WHERE (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE credit_account = 'unapplied' AND credit_subject = NEW.debit_subject
               AND currency = NEW.currency)
         < (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE debit_account = 'unapplied' AND debit_subject = NEW.debit_subject
               AND currency = NEW.currency);
END
""",
)


def guard_postgresql() -> None:
    for table, column in TENANT_TABLES.items():
        rule = RULE.format(column=column)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY supplier ON {table} USING {rule} WITH CHECK {rule}")
    op.execute(PG_REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(PG_CHECK_ENTRY)
    op.execute(
        "CREATE TRIGGER ledger_entries_covered AFTER INSERT ON ledger_entries"
        " FOR EACH ROW EXECUTE FUNCTION check_ledger_entry()"
    )


def guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for trigger in SQLITE_LEDGER:
        op.execute(trigger)


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_debtor", ["supplier_id", "debtor_id", "id"], unique=False)
        batch_op.create_index(
            "ix_events_invoice", ["supplier_id", "invoice_id", "id"], unique=False
        )

    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("dedup", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sent', 'running', 'done', 'dead')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("dedup", name=op.f("uq_jobs_dedup")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(
            "ix_jobs_dead",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_jobs_due",
            ["available_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "ix_jobs_leased",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('sent', 'running')"),
            postgresql_where=sa.text("state IN ('sent', 'running')"),
        )

    op.create_table(
        "schedules",
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_schedules")),
    )
    op.create_table(
        "suppliers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("street", sa.String(length=120), nullable=False),
        sa.Column("postcode", sa.String(length=16), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("accent", sa.String(length=7), nullable=False),
        sa.Column("least_payment_minor", sa.BigInteger(), nullable=False),
        sa.Column("stripe_account", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppliers")),
    )
    op.create_table(
        "debtors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("street", sa.String(length=120), nullable=True),
        sa.Column("postcode", sa.String(length=16), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('business', 'consumer')", name=op.f("ck_debtors_kind")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_debtors_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtors")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_debtors_supplier_id_id")),
        sa.UniqueConstraint("supplier_id", "number", name=op.f("uq_debtors_supplier_id_number")),
    )
    with op.batch_alter_table("debtors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_debtors_supplier_id_name"), ["supplier_id", "name"], unique=False
        )

    op.create_table(
        "feed_states",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("feed", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.String(length=200), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("last_error_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_feed_states_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", "feed", name=op.f("pk_feed_states")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debit_account", sa.String(length=20), nullable=False),
        sa.Column("debit_subject", sa.Uuid(), nullable=False),
        sa.Column("credit_account", sa.String(length=20), nullable=False),
        sa.Column("credit_subject", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_ledger_entries_amount")),
        sa.CheckConstraint(
            "debit_account <> credit_account OR debit_subject <> credit_subject",
            name=op.f("ck_ledger_entries_sides"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_ledger_entries_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint(
            "supplier_id",
            "reason",
            "source",
            name=op.f("uq_ledger_entries_supplier_id_reason_source"),
        ),
    )
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_entries_credit", ["credit_subject", "credit_account"], unique=False
        )
        batch_op.create_index(
            "ix_ledger_entries_debit", ["debit_subject", "debit_account"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_entries_payment_id"), ["payment_id"], unique=False
        )

    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'collector', 'reader')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_staff_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_staff_supplier_id_id")),
    )
    op.create_table(
        "stripe_events",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=100), nullable=False),
        sa.Column("api_version", sa.String(length=40), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'applied', 'rejected', 'unmatched', 'set_aside')",
            name=op.f("ck_stripe_events_state"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_stripe_events_supplier_id")
        ),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_stripe_events")),
    )
    with op.batch_alter_table("stripe_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stripe_events_object_id"), ["object_id"], unique=False)
        batch_op.create_index(
            "ix_stripe_events_open",
            ["received_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('received', 'unmatched', 'rejected')"),
            postgresql_where=sa.text("state IN ('received', 'unmatched', 'rejected')"),
        )
        batch_op.create_index(
            batch_op.f("ix_stripe_events_supplier_id_received_at"),
            ["supplier_id", "received_at"],
            unique=False,
        )

    op.create_table(
        "watch_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("rearm_points", sa.Integer(), nullable=True),
        sa.Column("window_days", sa.Integer(), nullable=True),
        sa.Column("scale", sa.String(length=20), nullable=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'S-CLASS') = (scale IS NULL)", name=op.f("ck_watch_rules_scale")
        ),
        sa.CheckConstraint(
            "(kind = 'S-DROP') = (window_days IS NOT NULL)", name=op.f("ck_watch_rules_window_days")
        ),
        sa.CheckConstraint(
            "(kind = 'S-THR') = (rearm_points IS NOT NULL)",
            name=op.f("ck_watch_rules_rearm_points"),
        ),
        sa.CheckConstraint(
            "kind IN ('S-THR', 'S-DROP', 'S-CLASS')", name=op.f("ck_watch_rules_kind")
        ),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_watch_rules_threshold")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_watch_rules_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_rules")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_watch_rules_supplier_id_id")),
    )
    with op.batch_alter_table("watch_rules", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_watch_rules_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_contacts_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("debtor_id", "email", name=op.f("uq_contacts_debtor_id_email")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_contacts_supplier_id_id")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_contacts_primary",
            ["debtor_id"],
            unique=True,
            sqlite_where=sa.text("is_primary"),
            postgresql_where=sa.text("is_primary"),
        )

    op.create_table(
        "feed_subjects",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("feed", sa.String(length=40), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.String(length=80), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_feed_subjects_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("supplier_id", "feed", "debtor_id", name=op.f("pk_feed_subjects")),
    )
    with op.batch_alter_table("feed_subjects", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feed_subjects_supplier_id_feed_company_id"),
            ["supplier_id", "feed", "company_id"],
            unique=False,
        )

    op.create_table(
        "identifiers",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_identifiers_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("debtor_id", "scheme", "value", name=op.f("pk_identifiers")),
        sa.UniqueConstraint(
            "supplier_id", "scheme", "value", name=op.f("uq_identifiers_supplier_id_scheme_value")
        ),
    )
    with op.batch_alter_table("identifiers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identifiers_debtor_id"), ["debtor_id"], unique=False)

    op.create_table(
        "invoices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("type_code", sa.String(length=3), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_date_source", sa.String(length=8), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payment_reference", sa.String(length=140), nullable=True),
        sa.Column("account", sa.String(length=60), nullable=True),
        sa.Column("preceding_number", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "due_on >= issued_on OR due_date_source = 'explicit'", name=op.f("ck_invoices_due_on")
        ),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoices_kind")),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_invoices_total")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_invoices_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_invoices_supplier_id_id")),
        sa.UniqueConstraint("supplier_id", "number", name=op.f("uq_invoices_supplier_id_number")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoices_supplier_id_debtor_id_due_on"),
            ["supplier_id", "debtor_id", "due_on"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_invoices_supplier_id_due_on"), ["supplier_id", "due_on"], unique=False
        )

    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint", sa.String(length=1024), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("p256dh", sa.String(length=120), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "staff_id"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_push_subscriptions_supplier_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint(
            "supplier_id",
            "endpoint_hash",
            name=op.f("uq_push_subscriptions_supplier_id_endpoint_hash"),
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_push_subscriptions_supplier_id_id")),
    )
    with op.batch_alter_table("push_subscriptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_push_subscriptions_supplier_id_staff_id_seen_at"),
            ["supplier_id", "staff_id", "seen_at"],
            unique=False,
        )

    op.create_table(
        "score_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("source_reference", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scale", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("band", sa.String(length=4), nullable=False),
        sa.Column("limit_minor", sa.BigInteger(), nullable=True),
        sa.Column("limit_currency", sa.String(length=3), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "band IN ('A', 'B', 'C', 'D', 'E', 'none')", name=op.f("ck_score_readings_band")
        ),
        sa.CheckConstraint(
            "(limit_minor IS NULL) = (limit_currency IS NULL) AND limit_minor >= 0",
            name=op.f("ck_score_readings_limit"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_score_readings_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_readings")),
        sa.UniqueConstraint(
            "supplier_id",
            "debtor_id",
            "source",
            "as_of_on",
            "source_reference",
            name="uq_score_readings_reference",
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_score_readings_supplier_id_id")),
    )
    with op.batch_alter_table("score_readings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_score_readings_arrival", ["supplier_id", "received_at"], unique=False
        )
        batch_op.create_index(
            "ix_score_readings_history",
            ["supplier_id", "debtor_id", "source", "as_of_on", "sequence"],
            unique=False,
        )

    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "staff_id"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_staff_sessions_supplier_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staff_sessions_supplier_id_staff_id"),
            ["supplier_id", "staff_id"],
            unique=False,
        )

    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("reading_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("score_before", sa.Integer(), nullable=True),
        sa.Column("score_after", sa.Integer(), nullable=True),
        sa.Column("band_before", sa.String(length=4), nullable=False),
        sa.Column("band_after", sa.String(length=4), nullable=False),
        sa.Column("exposure", sa.JSON(), nullable=False),
        sa.Column("share_permille", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "band_before IN ('A', 'B', 'C', 'D', 'E', 'none') "
            "AND band_after IN ('A', 'B', 'C', 'D', 'E', 'none')",
            name=op.f("ck_alerts_bands"),
        ),
        sa.CheckConstraint("kind IN ('S-THR', 'S-DROP', 'S-CLASS')", name=op.f("ck_alerts_kind")),
        sa.CheckConstraint(
            "severity IN ('info', 'low', 'medium', 'high', 'critical')",
            name=op.f("ck_alerts_severity"),
        ),
        sa.CheckConstraint(
            "(acknowledged_at IS NULL) = (decision IS NULL) "
            "AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name=op.f("ck_alerts_acknowledged"),
        ),
        sa.CheckConstraint(
            "share_permille BETWEEN 0 AND 1000", name=op.f("ck_alerts_share_permille")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "acknowledged_by"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_alerts_supplier_id_acknowledged_by"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_alerts_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "reading_id"],
            ["score_readings.supplier_id", "score_readings.id"],
            name=op.f("fk_alerts_supplier_id_reading_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_alerts_supplier_id_id")),
        sa.UniqueConstraint(
            "supplier_id", "reading_id", name=op.f("uq_alerts_supplier_id_reading_id")
        ),
    )
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_alerts_debtor", ["supplier_id", "debtor_id", "source"], unique=False
        )
        batch_op.create_index(
            "ix_alerts_open",
            ["supplier_id", "raised_at"],
            unique=False,
            sqlite_where=sa.text("acknowledged_at IS NULL AND retracted_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL AND retracted_at IS NULL"),
        )
        batch_op.create_index("ix_alerts_raised", ["supplier_id", "raised_at"], unique=False)

    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_documents_supplier_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_documents_supplier_id_invoice_id"),
            ["supplier_id", "invoice_id"],
            unique=False,
        )

    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("quantity_text", sa.String(length=40), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_invoice_lines_supplier_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("invoice_id", "place", name=op.f("pk_invoice_lines")),
    )
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_lines_supplier_id_invoice_id"),
            ["supplier_id", "invoice_id"],
            unique=False,
        )

    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("stripe_account", sa.String(length=64), nullable=False),
        sa.Column("stripe_session_id", sa.String(length=100), nullable=True),
        sa.Column("stripe_session_url", sa.String(), nullable=True),
        sa.Column("stripe_payment_intent_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure_code", sa.String(length=60), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state = 'started' OR sent_at IS NOT NULL OR state = 'expired'",
            name=op.f("ck_payments_sent_at"),
        ),
        sa.CheckConstraint(
            "state IN ('started', 'sent', 'open', "
            "'processing', 'settled', 'failed', 'expired', 'unknown')",
            name=op.f("ck_payments_state"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_payments_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_payments_supplier_id_debtor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["suppliers.id"], name=op.f("fk_payments_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "stripe_account",
            "stripe_payment_intent_id",
            name=op.f("uq_payments_stripe_account_stripe_payment_intent_id"),
        ),
        sa.UniqueConstraint("stripe_session_id", name=op.f("uq_payments_stripe_session_id")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_payments_supplier_id_id")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payments_next_check",
            ["next_check_at"],
            unique=False,
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_payments_supplier_id_created_at"),
            ["supplier_id", "created_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_payments_supplier_id_debtor_id_created_at"),
            ["supplier_id", "debtor_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "portal_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_portal_grants_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_portal_grants_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_grants")),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_portal_grants_supplier_id_id")),
    )
    with op.batch_alter_table("portal_grants", schema=None) as batch_op:
        batch_op.create_index(
            "ix_portal_grants_live",
            ["contact_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL AND replaced_at IS NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_portal_grants_supplier_id_debtor_id"),
            ["supplier_id", "debtor_id"],
            unique=False,
        )

    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("debtor_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_reminders_sent_at")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'sent', 'unknown', 'skipped', 'failed')",
            name=op.f("ck_reminders_state"),
        ),
        sa.CheckConstraint(
            "state IN ('due', 'skipped') OR claimed_at IS NOT NULL",
            name=op.f("ck_reminders_claimed"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_reminders_amount")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "contact_id"],
            ["contacts.supplier_id", "contacts.id"],
            name=op.f("fk_reminders_supplier_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "debtor_id"],
            ["debtors.supplier_id", "debtors.id"],
            name=op.f("fk_reminders_supplier_id_debtor_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "contact_id",
            "currency",
            "run_on",
            "purpose",
            name=op.f("uq_reminders_contact_id_currency_run_on_purpose"),
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_reminders_supplier_id_id")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminders_supplier_id_created_at"),
            ["supplier_id", "created_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_reminders_supplier_id_debtor_id"),
            ["supplier_id", "debtor_id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_reminders_unsettled",
            ["supplier_id", "state"],
            unique=False,
            sqlite_where=sa.text("state IN ('due', 'sending', 'unknown')"),
            postgresql_where=sa.text("state IN ('due', 'sending', 'unknown')"),
        )

    op.create_table(
        "alert_reasons",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("watch_rule_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id", "alert_id"],
            ["alerts.supplier_id", "alerts.id"],
            name=op.f("fk_alert_reasons_supplier_id_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "watch_rule_id"],
            ["watch_rules.supplier_id", "watch_rules.id"],
            name=op.f("fk_alert_reasons_supplier_id_watch_rule_id"),
        ),
        sa.PrimaryKeyConstraint("alert_id", "watch_rule_id", name=op.f("pk_alert_reasons")),
    )
    with op.batch_alter_table("alert_reasons", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_alert_reasons_supplier_id_watch_rule_id"),
            ["supplier_id", "watch_rule_id"],
            unique=False,
        )

    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_deliveries_delivered"),
        ),
        sa.CheckConstraint("channel IN ('email', 'push')", name=op.f("ck_deliveries_channel")),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'gone', 'failed', 'unneeded')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "alert_id"],
            ["alerts.supplier_id", "alerts.id"],
            name=op.f("fk_deliveries_supplier_id_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "staff_id"],
            ["staff.supplier_id", "staff.id"],
            name=op.f("fk_deliveries_supplier_id_staff_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "supplier_id",
            "alert_id",
            "staff_id",
            "channel",
            name=op.f("uq_deliveries_supplier_id_alert_id_staff_id_channel"),
        ),
        sa.UniqueConstraint("supplier_id", "id", name=op.f("uq_deliveries_supplier_id_id")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deliveries_waiting",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )

    op.create_table(
        "payment_parts",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_parts_amount")),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_payment_parts_supplier_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "payment_id"],
            ["payments.supplier_id", "payments.id"],
            name=op.f("fk_payment_parts_supplier_id_payment_id"),
        ),
        sa.PrimaryKeyConstraint("payment_id", "invoice_id", name=op.f("pk_payment_parts")),
    )
    with op.batch_alter_table("payment_parts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_parts_supplier_id_invoice_id"),
            ["supplier_id", "invoice_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_payment_parts_live_invoice",
            ["invoice_id"],
            unique=True,
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        )

    op.create_table(
        "reminder_items",
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('taken', 'superseded')", name=op.f("ck_reminder_items_state")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "invoice_id"],
            ["invoices.supplier_id", "invoices.id"],
            name=op.f("fk_reminder_items_supplier_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "reminder_id"],
            ["reminders.supplier_id", "reminders.id"],
            name=op.f("fk_reminder_items_supplier_id_reminder_id"),
        ),
        sa.PrimaryKeyConstraint(
            "reminder_id", "invoice_id", "step", name=op.f("pk_reminder_items")
        ),
    )
    with op.batch_alter_table("reminder_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reminder_items_supplier_id_invoice_id"),
            ["supplier_id", "invoice_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_reminder_items_step",
            ["supplier_id", "invoice_id", "step"],
            unique=True,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )

    op.create_table(
        "push_sends",
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'gone', 'failed', 'unneeded')",
            name=op.f("ck_push_sends_state"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id", "delivery_id"],
            ["deliveries.supplier_id", "deliveries.id"],
            name=op.f("fk_push_sends_supplier_id_delivery_id"),
        ),
        sa.PrimaryKeyConstraint("delivery_id", "subscription_id", name=op.f("pk_push_sends")),
    )

    if op.get_bind().dialect.name == "postgresql":
        guard_postgresql()
    else:
        guard_sqlite()


def downgrade() -> None:
    op.drop_table("push_sends")
    with op.batch_alter_table("reminder_items", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_reminder_items_step",
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_reminder_items_supplier_id_invoice_id"))

    op.drop_table("reminder_items")
    with op.batch_alter_table("payment_parts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_payment_parts_live_invoice",
            sqlite_where=sa.text("live"),
            postgresql_where=sa.text("live"),
        )
        batch_op.drop_index(batch_op.f("ix_payment_parts_supplier_id_invoice_id"))

    op.drop_table("payment_parts")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_deliveries_waiting",
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )

    op.drop_table("deliveries")
    with op.batch_alter_table("alert_reasons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_reasons_supplier_id_watch_rule_id"))

    op.drop_table("alert_reasons")
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_reminders_unsettled",
            sqlite_where=sa.text("state IN ('due', 'sending', 'unknown')"),
            postgresql_where=sa.text("state IN ('due', 'sending', 'unknown')"),
        )
        batch_op.drop_index(batch_op.f("ix_reminders_supplier_id_debtor_id"))
        batch_op.drop_index(batch_op.f("ix_reminders_supplier_id_created_at"))

    op.drop_table("reminders")
    with op.batch_alter_table("portal_grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_grants_supplier_id_debtor_id"))
        batch_op.drop_index(
            "ix_portal_grants_live",
            sqlite_where=sa.text("revoked_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL AND replaced_at IS NULL"),
        )

    op.drop_table("portal_grants")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payments_supplier_id_debtor_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_payments_supplier_id_created_at"))
        batch_op.drop_index(
            "ix_payments_next_check",
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )

    op.drop_table("payments")
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_lines_supplier_id_invoice_id"))

    op.drop_table("invoice_lines")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documents_supplier_id_invoice_id"))

    op.drop_table("documents")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index("ix_alerts_raised")
        batch_op.drop_index(
            "ix_alerts_open",
            sqlite_where=sa.text("acknowledged_at IS NULL AND retracted_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL AND retracted_at IS NULL"),
        )
        batch_op.drop_index("ix_alerts_debtor")

    op.drop_table("alerts")
    with op.batch_alter_table("staff_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_sessions_supplier_id_staff_id"))

    op.drop_table("staff_sessions")
    with op.batch_alter_table("score_readings", schema=None) as batch_op:
        batch_op.drop_index("ix_score_readings_history")
        batch_op.drop_index("ix_score_readings_arrival")

    op.drop_table("score_readings")
    with op.batch_alter_table("push_subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_push_subscriptions_supplier_id_staff_id_seen_at"))

    op.drop_table("push_subscriptions")
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoices_supplier_id_due_on"))
        batch_op.drop_index(batch_op.f("ix_invoices_supplier_id_debtor_id_due_on"))

    op.drop_table("invoices")
    with op.batch_alter_table("identifiers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_identifiers_debtor_id"))

    op.drop_table("identifiers")
    with op.batch_alter_table("feed_subjects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feed_subjects_supplier_id_feed_company_id"))

    op.drop_table("feed_subjects")
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contacts_primary",
            sqlite_where=sa.text("is_primary"),
            postgresql_where=sa.text("is_primary"),
        )

    op.drop_table("contacts")
    with op.batch_alter_table("watch_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_watch_rules_supplier_id"))

    op.drop_table("watch_rules")
    with op.batch_alter_table("stripe_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stripe_events_supplier_id_received_at"))
        batch_op.drop_index(
            "ix_stripe_events_open",
            sqlite_where=sa.text("state IN ('received', 'unmatched', 'rejected')"),
            postgresql_where=sa.text("state IN ('received', 'unmatched', 'rejected')"),
        )
        batch_op.drop_index(batch_op.f("ix_stripe_events_object_id"))

    op.drop_table("stripe_events")
    op.drop_table("staff")
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_entries_payment_id"))
        batch_op.drop_index("ix_ledger_entries_debit")
        batch_op.drop_index("ix_ledger_entries_credit")

    op.drop_table("ledger_entries")
    op.drop_table("feed_states")
    with op.batch_alter_table("debtors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_debtors_supplier_id_name"))

    op.drop_table("debtors")
    op.drop_table("suppliers")
    op.drop_table("schedules")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_jobs_leased",
            sqlite_where=sa.text("state IN ('sent', 'running')"),
            postgresql_where=sa.text("state IN ('sent', 'running')"),
        )
        batch_op.drop_index(
            "ix_jobs_due",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(
            "ix_jobs_dead",
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )

    op.drop_table("jobs")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_invoice")
        batch_op.drop_index("ix_events_debtor")

    op.drop_table("events")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION check_ledger_entry()")
        op.execute("DROP FUNCTION refuse_change()")
