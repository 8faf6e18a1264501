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
        "P1", "late interest is claimed twice for a day",
        """
        SELECT a.note_id FROM interest_claims a JOIN interest_claims b
            ON b.supplier_id = a.supplier_id AND b.invoice_id = a.invoice_id AND b.id <> a.id
           AND b.first_day <= a.last_day AND b.last_day >= a.first_day
        """,
    ),
    Check(
        "P3", "a note asks for another amount than the late interest it claims",
        """
        SELECT c.note_id FROM interest_claims c JOIN invoices n ON n.id = c.note_id
         WHERE n.currency <> c.currency OR n.kind <>
               CASE WHEN c.interest_minor < 0 THEN 'credit_note' ELSE 'invoice' END
            OR n.total_minor <> abs(c.interest_minor) + coalesce(c.compensation_minor, 0)
        """,
    ),
    Check(
        "P3", "late interest and recovery costs that a note claims stand in other accounts",
        # Notes from before these accounts were kept stand in sales, all of them.
        """
        SELECT c.note_id FROM interest_claims c WHERE c.interest_minor >= 0
           AND EXISTS (SELECT 1 FROM ledger_entries e WHERE e.reason = 'invoice_issued'
                          AND e.debit_subject = c.note_id AND e.credit_account <> 'sales')
           AND (c.interest_minor <>
                 (SELECT coalesce(sum(e.amount_minor), 0) FROM ledger_entries e
                   WHERE e.reason = 'invoice_issued' AND e.debit_subject = c.note_id
                     AND e.credit_account = 'late_interest')
             OR coalesce(c.compensation_minor, 0) <>
                 (SELECT coalesce(sum(e.amount_minor), 0) FROM ledger_entries e
                   WHERE e.reason = 'invoice_issued' AND e.debit_subject = c.note_id
                     AND e.credit_account = 'recovery_costs'))
        """,
    ),
    Check(
        "P3", "more late interest, recovery costs or plan costs were given back than claimed",
        """
        SELECT m.supplier_id FROM (
          SELECT supplier_id, currency, credit_account AS account, amount_minor
            FROM ledger_entries
           WHERE credit_account IN ('late_interest', 'recovery_costs', 'plan_costs')
           UNION ALL
          SELECT supplier_id, currency, debit_account, -amount_minor
            FROM ledger_entries
           WHERE debit_account IN ('late_interest', 'recovery_costs', 'plan_costs')) m
         GROUP BY m.supplier_id, m.currency, m.account HAVING sum(m.amount_minor) < 0
        """,
    ),
    Check(
        "P3", "a note that claims late interest is itself claimed interest on",
        """
        SELECT a.id FROM interest_claims a JOIN interest_claims b
            ON b.supplier_id = a.supplier_id AND b.note_id = a.invoice_id
        """,
    ),
    Check(
        "P2", "a payment is settled, and the ledger has another amount for it",
        """
        SELECT p.id FROM payments p WHERE p.state = 'settled' AND p.amount_minor <>
          (SELECT coalesce(sum(e.amount_minor), 0) FROM ledger_entries e
            WHERE e.supplier_id = p.supplier_id AND e.payment_id = p.id
              AND e.reason IN ('payment_settled', 'payment_surplus'))
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
        "P1", "more of a payment was given back than it brought",
        """
        SELECT e.payment_id FROM ledger_entries e WHERE e.payment_id IS NOT NULL
         GROUP BY e.payment_id
        HAVING sum(CASE WHEN e.debit_account = 'stripe_clearing' THEN e.amount_minor ELSE 0 END)
             < sum(CASE WHEN e.credit_account = 'stripe_clearing' THEN e.amount_minor ELSE 0 END)
        """,
    ),
    Check(
        "P2", "a refund is on its way or has arrived, and the ledger has another amount for it",
        """
        SELECT r.id FROM refunds r WHERE r.state IN ('pending', 'succeeded') AND r.problem = ''
           AND r.amount_minor <>
          (SELECT coalesce(sum(e.amount_minor), 0) FROM ledger_entries e
            WHERE e.supplier_id = r.supplier_id AND e.payment_id = r.payment_id
              AND e.reason = 'refunded' AND e.source LIKE r.stripe_refund_id || '/%')
        """,
    ),
    Check(
        "P2", "a refund did not happen, and the ledger has one",
        """
        SELECT r.id FROM refunds r WHERE r.state NOT IN ('pending', 'succeeded') AND
          (SELECT coalesce(sum(CASE WHEN e.reason = 'refunded' THEN e.amount_minor
                                    ELSE -e.amount_minor END), 0) FROM ledger_entries e
            WHERE e.supplier_id = r.supplier_id AND e.payment_id = r.payment_id
              AND e.reason IN ('refunded', 'refund_failed')
              AND e.source LIKE r.stripe_refund_id || '/%') <> 0
        """,
    ),
    Check(
        "P2", "the bank has taken money back or not, and the ledger says otherwise",
        """
        SELECT c.id FROM chargebacks c WHERE c.problem = '' AND
          (CASE WHEN c.money = 'withdrawn' THEN c.amount_minor ELSE 0 END) <>
          (SELECT coalesce(sum(CASE WHEN e.reason = 'charged_back' THEN e.amount_minor
                                    ELSE -e.amount_minor END), 0) FROM ledger_entries e
            WHERE e.supplier_id = c.supplier_id AND e.payment_id = c.payment_id
              AND e.reason IN ('charged_back', 'chargeback_reinstated')
              AND e.source LIKE c.stripe_dispute_id || '/%')
        """,
    ),
    Check(
        "P2", "the ledger gave money back, and nobody sent or took it",
        """
        SELECT e.id FROM ledger_entries e
         WHERE e.reason IN ('refunded', 'charged_back')
           AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = e.payment_id
                              AND e.source LIKE r.stripe_refund_id || '/%')
           AND NOT EXISTS (SELECT 1 FROM chargebacks c WHERE c.payment_id = e.payment_id
                              AND e.source LIKE c.stripe_dispute_id || '/%')
        """,
    ),
    Check(
        "P3", "more of a payment was taken from somewhere than it had put there",
        """
        SELECT m.payment_id FROM (
          SELECT payment_id, credit_account AS account, credit_subject AS subject, amount_minor
            FROM ledger_entries WHERE payment_id IS NOT NULL
           UNION ALL
          SELECT payment_id, debit_account, debit_subject, -amount_minor
            FROM ledger_entries WHERE payment_id IS NOT NULL) m
         WHERE m.account IN ('receivable', 'unapplied')
         GROUP BY m.payment_id, m.account, m.subject HAVING sum(m.amount_minor) < 0
        """,
    ),
    Check(
        "P1", "somebody else's saved card was charged, or one of another account",
        """
        SELECT p.id FROM payments p JOIN saved_methods m ON m.id = p.saved_method_id
         WHERE m.debtor_id <> p.debtor_id OR m.supplier_id <> p.supplier_id
            OR m.stripe_account <> p.stripe_account OR m.livemode <> p.livemode
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
        "P3", "the instalments of a plan are not what it is about",
        # What it costs is one of its invoices as soon as it stands.
        """
        SELECT p.id FROM plans p WHERE
          p.total_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM instalments i
                             WHERE i.plan_id = p.id)
          OR p.total_minor <> (SELECT coalesce(sum(base_minor), 0) FROM plan_invoices v
                                WHERE v.plan_id = p.id)
                              + CASE WHEN p.costs_note_id IS NULL
                                     THEN p.fee_minor + p.interest_minor ELSE 0 END
        """,
    ),
    Check(
        "P3", "a plan costs a consumer something, or stands and its costs are not on a note",
        """
        SELECT p.id FROM plans p JOIN debtors d ON d.id = p.debtor_id
          LEFT JOIN invoices n ON n.id = p.costs_note_id
         WHERE p.fee_minor + p.interest_minor > 0
           AND (d.kind = 'consumer'
             OR (p.activated_at IS NOT NULL
                 AND coalesce(n.total_minor, 0) <> p.fee_minor + p.interest_minor))
        """,
    ),
    Check(
        "P3", "a plan stands and its invoices do not know, or the other way round",
        """
        SELECT p.id FROM plans p JOIN plan_invoices v ON v.plan_id = p.id
         WHERE v.stands <> (p.state IN ('active', 'in_default', 'cured'))
        """,
    ),
    Check(
        "P4", "one step of an invoice was sent twice",
        # What was given back when the message was claimed was not in it.
        """
        SELECT ri.invoice_id FROM reminder_items ri JOIN reminders r ON r.id = ri.reminder_id
         WHERE r.state IN ('sent', 'unknown')
           AND (ri.released_at IS NULL OR ri.released_at > r.claimed_at)
         GROUP BY ri.invoice_id, ri.step HAVING count(*) > 1
        """,
    ),
    Check(
        "P3", "bank lines were taken for payments, and the ledger has another sum for them",
        # What matching books has a source of its own form: words, "~" and two ids.
        """
        SELECT s.id FROM suppliers s WHERE
          (SELECT coalesce(sum(CASE WHEN e.reason = 'transfer_reversed' THEN -e.amount_minor
                                    ELSE e.amount_minor END), 0)
             FROM ledger_entries e WHERE e.supplier_id = s.id
              AND e.reason IN ('transfer_booked', 'transfer_surplus', 'transfer_reversed')
              AND e.source LIKE '%~____________________________________'
                                || '/____________________________________')
       <> (SELECT coalesce(sum(b.amount_minor), 0) FROM bank_matches m
             JOIN bank_entries b ON b.supplier_id = m.supplier_id AND b.id = m.entry_id
            WHERE m.supplier_id = s.id AND m.kind = 'receipt' AND m.state = 'stands'
              AND m.id NOT IN (SELECT r.undoes FROM bank_matches r
                                WHERE r.undoes IS NOT NULL AND r.state = 'stands'))
        """,
    ),
    Check(
        "P7", "work is due and nobody does it",
        "SELECT id FROM jobs WHERE state IN ('pending', 'sent') AND available_at < :late",
        timedelta(minutes=10),
    ),
    Check(
        "P5", "a text message was claimed, and nobody was told what became of it",
        "SELECT id FROM text_messages WHERE state = 'sending' AND claimed_at < :late",
        timedelta(minutes=5),
    ),
    Check(
        "P5", "an e-invoice was paid, or its money went back, and its platform was not told once",
        """
        SELECT m.id FROM (
          SELECT i.id, i.supplier_id, s.since, e.created_at, e.lowered,
                 CASE WHEN e.reason IN ('invoice_issued', 'written_off', 'write_off_reversed')
                      THEN 0
                      WHEN e.reason = 'cash_allocated'
                       AND (i.supplier_id, i.number, e.cause) IN
                           (SELECT c.supplier_id, c.preceding_number,
                                   replace(CAST(c.id AS text), '-', '')
                              FROM invoices c WHERE c.kind = 'credit_note')
                       AND e.entry NOT IN (SELECT replace(u.source, '-', '')
                              FROM ledger_entries u WHERE u.reason = 'allocation_undone')
                      THEN 0 ELSE e.lowered END AS cash
            FROM lifecycle_settings s JOIN (
              SELECT supplier_id, credit_subject AS invoice_id, amount_minor AS lowered, reason,
                     created_at, replace(substr(source, 1, 36), '-', '') AS cause,
                     replace(CAST(id AS text), '-', '') AS entry
                FROM ledger_entries WHERE credit_account = 'receivable' AND supplier_id IN
                     (SELECT supplier_id FROM lifecycle_settings WHERE emits)
               UNION ALL
              SELECT supplier_id, debit_subject, -amount_minor, reason, created_at, '', ''
                FROM ledger_entries WHERE debit_account = 'receivable' AND supplier_id IN
                     (SELECT supplier_id FROM lifecycle_settings WHERE emits)) e
              ON e.supplier_id = s.supplier_id
            JOIN invoices i ON i.supplier_id = e.supplier_id AND i.id = e.invoice_id
           WHERE s.emits AND i.kind = 'invoice' AND EXISTS (SELECT 1 FROM documents d
                   WHERE d.supplier_id = i.supplier_id AND d.invoice_id = i.id)) m
         GROUP BY m.id, m.supplier_id, m.since
        HAVING max(m.created_at) >= m.since AND max(m.created_at) < :late
           AND CASE WHEN sum(m.lowered) = 0
                    THEN sum(m.cash) <> (SELECT coalesce(sum(t.amount_minor), 0)
                           FROM sent_statuses t
                          WHERE t.supplier_id = m.supplier_id AND t.invoice_id = m.id)
                    ELSE sum(m.cash) < (SELECT coalesce(sum(t.amount_minor), 0)
                           FROM sent_statuses t
                          WHERE t.supplier_id = m.supplier_id AND t.invoice_id = m.id) END
        """,
        timedelta(days=1),
    ),
    Check(
        "P7", "the pages of a print batch are not set",
        "SELECT id FROM letter_batches WHERE state = 'setting' AND created_at < :late",
        timedelta(minutes=30),
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
        "P7", "a refund was never sent nor closed",
        "SELECT id FROM refunds WHERE state = 'started' AND created_at < :late",
        timedelta(minutes=10),
    ),
    Check(
        "P7", "nobody knows what became of a refund, for a week",
        "SELECT id FROM refunds WHERE state = 'unknown' AND created_at < :late",
        timedelta(days=7),
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
