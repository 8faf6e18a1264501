"""What the database itself refuses, whatever the code does.

Append-only tables cannot be changed, no receivable falls below zero, no unapplied cash is spent
twice; on PostgreSQL a supplier's transaction sees that supplier's rows and no others. The
migrations put these statements in place.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import MetaData, Table

#: Facts: added, never changed.
APPEND_ONLY = (
    "ledger_entries",
    "events",
    "score_readings",
    "dispute_steps",
    "plan_consents",
    "bank_statements",
    "bank_entries",
    "reference_rates",
    "supplier_rates",
    "interest_decisions",
    "bounces",
    "replies",
    "status_messages",
    "letter_prints",
    "call_attempts",
    "interest_claims",
    "interest_notices",
)

#: Tables that are no supplier's: only the installation's own transactions change them.
SYSTEM_ONLY = ("schedules", "reference_rates", "seen_publications")

#: Of these, what every supplier may read: facts about the world.
SHARED = ("reference_rates",)

_SUPPLIER = "nullif(current_setting('app.supplier', true), '')::uuid"
_IS_SYSTEM = "current_setting('app.system', true) = 'on'"


def tenant_column(table: Table) -> str | None:
    """The column that says whose row it is; None for tables of the installation."""
    if table.name == "suppliers":
        return "id"
    return "supplier_id" if "supplier_id" in table.columns else None


def statements(metadata: MetaData, dialect: str) -> Iterator[str]:
    """All guards for a freshly made schema."""
    tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
    names = {table.name for table in tables}
    append_only = [name for name in APPEND_ONLY if name in names]
    if dialect == "sqlite":
        for name in append_only:
            yield from _sqlite_append_only(name)
        yield from _SQLITE_LEDGER
        return
    for table in tables:
        yield from _row_security(table)
        if table.name in SHARED:
            yield from _shared(table.name)
    yield _PG_REFUSE_CHANGE
    for name in append_only:
        yield (
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    yield _PG_CHECK_ENTRY
    yield (
        "CREATE TRIGGER ledger_entries_covered AFTER INSERT ON ledger_entries"
        " FOR EACH ROW EXECUTE FUNCTION check_ledger_entry()"
    )
    yield _PG_CHECK_GIVEN_BACK
    yield (
        "CREATE TRIGGER ledger_entries_given_back AFTER INSERT ON ledger_entries"
        " FOR EACH ROW EXECUTE FUNCTION check_given_back()"
    )
    yield _PG_COUNT_GROWN


def grants(role: str, metadata: MetaData) -> Iterator[str]:
    """What the application's role on PostgreSQL may do: read and write, and change no fact."""
    name = '"' + role.replace('"', '""') + '"'
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
    for table in APPEND_ONLY:
        if table in metadata.tables:
            yield f"REVOKE UPDATE, DELETE ON {table} FROM {name}"


def _row_security(table: Table) -> Iterator[str]:
    column = tenant_column(table)
    if column is None:
        return
    rule = f"({_IS_SYSTEM} OR {column} = {_SUPPLIER})"
    yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY supplier ON {table.name} USING {rule} WITH CHECK {rule}"


def _shared(name: str) -> Iterator[str]:
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY everybody_reads ON {name} FOR SELECT USING (true)"
    yield f"CREATE POLICY installation_adds ON {name} FOR INSERT WITH CHECK ({_IS_SYSTEM})"


def _sqlite_append_only(name: str) -> Iterator[str]:
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}"
            f" BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
        )


_PG_REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$
"""

# The lock makes two postings to one account wait for each other; the sum that follows is a
# statement of its own, so under READ COMMITTED it sees what the other has committed.
_PG_CHECK_ENTRY = """
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

# No payment gives back more than it brought. The lock: as above.
_PG_CHECK_GIVEN_BACK = """
CREATE FUNCTION check_given_back() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    balance bigint;
BEGIN
    IF NEW.credit_account = 'stripe_clearing' AND NEW.payment_id IS NOT NULL THEN
        PERFORM 1 FROM payments WHERE id = NEW.payment_id FOR UPDATE;
        SELECT coalesce(sum(CASE WHEN debit_account = 'stripe_clearing'
                                 THEN amount_minor ELSE -amount_minor END), 0)
          INTO balance FROM ledger_entries
         WHERE supplier_id = NEW.supplier_id AND payment_id = NEW.payment_id
           AND (debit_account = 'stripe_clearing' OR credit_account = 'stripe_clearing');
        IF balance < 0 THEN
            RAISE EXCEPTION 'more given back than received' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

# Only a table's owner may have its rows counted: see `receivables.growth`. The one that changed
# most of those that have at least doubled; None where there is none, or another is at it.
_PG_COUNT_GROWN = """
CREATE FUNCTION count_grown_table() RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    grown regclass;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('count_grown_table')) THEN
        RETURN NULL;
    END IF;
    SELECT c.oid INTO grown
      FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
     WHERE s.schemaname = 'public' AND s.n_mod_since_analyze > 500 + greatest(c.reltuples, 0)
     ORDER BY s.n_mod_since_analyze DESC LIMIT 1;
    IF grown IS NOT NULL THEN
        EXECUTE format('ANALYZE %s', grown);
    END IF;
    RETURN grown;
END $$
"""

_SQLITE_LEDGER = (
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
    """
CREATE TRIGGER ledger_entries_given_back AFTER INSERT ON ledger_entries
WHEN NEW.credit_account = 'stripe_clearing' AND NEW.payment_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'more given back than received')
     WHERE (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE debit_account = 'stripe_clearing' AND payment_id = NEW.payment_id)
         < (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries
             WHERE credit_account = 'stripe_clearing' AND payment_id = NEW.payment_id);
END
""",
)
