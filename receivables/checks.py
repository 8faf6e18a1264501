"""Invariants put to the live database: nightly, on `quittance check`, and after every test.

Each check is a statement that finds nothing while the books are right. P1 to P8 are the
promises of ARCHITECTURE.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from receivables.database import UtcDateTime


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: which promise, and what was found."""

    promise: str
    what: str


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` returns one row per violation; it may use :late, an instant long enough ago."""

    promise: str
    what: str
    sql: str
    late_after: timedelta = timedelta(0)


CHECKS = (
    Check(
        "P1", "more was put against an invoice than was asked for",
        """
        SELECT i.id FROM invoices i WHERE
          (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries e
            WHERE e.debit_account = 'receivable' AND e.debit_subject = i.id)
        < (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries e
            WHERE e.credit_account = 'receivable' AND e.credit_subject = i.id)
        """,
    ),
    Check(
        "P1", "an invoice stands in the ledger with another amount than it asks for",
        """
        SELECT i.id FROM invoices i WHERE i.kind = 'invoice' AND i.total_minor <>
          (SELECT coalesce(sum(amount_minor), 0) FROM ledger_entries e
            WHERE e.reason = 'invoice_issued' AND e.debit_subject = i.id)
        """,
    ),
    Check(
        "P2", "a payment is settled, and the ledger has another amount for it",
        """
        SELECT p.id FROM payments p WHERE p.state = 'settled' AND p.amount_minor <>
          (SELECT coalesce(sum(e.amount_minor), 0) FROM ledger_entries e
            WHERE e.supplier_id = p.supplier_id AND e.debit_account = 'stripe_clearing'
              AND e.payment_id = p.id)
        """,
    ),
    Check(
        "P2", "the ledger has money of a payment that is not settled",
        """
        SELECT e.id FROM ledger_entries e JOIN payments p ON p.id = e.payment_id
         WHERE e.debit_account = 'stripe_clearing' AND p.state <> 'settled'
        """,
    ),
    Check(
        "P3", "an entry mixes two suppliers",
        """
        SELECT e.id FROM ledger_entries e JOIN invoices i
            ON (e.credit_account = 'receivable' AND e.credit_subject = i.id)
            OR (e.debit_account = 'receivable' AND e.debit_subject = i.id)
         WHERE i.supplier_id <> e.supplier_id OR i.currency <> e.currency
        """,
    ),
    Check(
        "P4", "one step of an invoice was sent twice",
        """
        SELECT ri.invoice_id FROM reminder_items ri JOIN reminders r ON r.id = ri.reminder_id
         WHERE r.state IN ('sent', 'unknown')
         GROUP BY ri.invoice_id, ri.step HAVING count(*) > 1
        """,
    ),
    Check(
        "P7", "work is due and nobody does it",
        "SELECT id FROM jobs WHERE state IN ('pending', 'sent') AND available_at < :late",
        timedelta(minutes=10),
    ),
    Check(
        "P7", "work failed for good and waits for a person",
        "SELECT id FROM jobs WHERE state = 'dead'",
    ),
    Check(
        "P7", "a payment attempt was never sent nor closed",
        "SELECT id FROM payments WHERE state = 'started' AND created_at < :late",
        timedelta(minutes=10),
    ),
    Check(
        "P7", "nobody knows what became of a payment, for a week",
        "SELECT id FROM payments WHERE state = 'unknown' AND created_at < :late",
        timedelta(days=7),
    ),
)  # fmt: skip


def findings(session: Session, *, now: datetime) -> Iterator[Finding]:
    """Everything that is wrong; needs a system transaction."""
    for check in CHECKS:
        statement = text(check.sql)
        if ":late" in check.sql:
            late = bindparam("late", now - check.late_after, type_=UtcDateTime())
            statement = statement.bindparams(late)
        for row in session.execute(statement):
            yield Finding(check.promise, f"{check.what}: {row[0]}")
