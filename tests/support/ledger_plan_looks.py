"""What the machine of the books looks up of plans by itself, past the product's own queries."""

from __future__ import annotations

PLANS = "SELECT id, state, paused_for <> '', saved_method_id IS NOT NULL FROM plans"
PARTS = "SELECT id, due_on, amount_minor FROM instalments WHERE plan_id = ? ORDER BY place"
COVERED = "SELECT invoice_id FROM plan_invoices WHERE plan_id = ? ORDER BY due_on, invoice_id"
#: Of what notice was given, when it was given last, and whether its days to cure are running.
NOTICED = """
SELECT m.instalment_id, max(m.decided_on),
       p.state = 'in_default' AND max(m.decided_on) >= date(p.state_since)
  FROM plan_messages m JOIN plans p ON p.id = m.plan_id
 WHERE m.plan_id = ? AND m.kind = 'give_notice' GROUP BY m.instalment_id
"""
RECEIPTS = """
SELECT e.booked_on,
       CASE WHEN e.credit_account = 'receivable' THEN e.amount_minor ELSE -e.amount_minor END,
       p.instalment_id, e.payment_id
  FROM plan_invoices v
  JOIN ledger_entries e ON (e.credit_account = 'receivable' AND e.credit_subject = v.invoice_id)
    OR (e.debit_account = 'receivable' AND e.debit_subject = v.invoice_id)
  LEFT JOIN payments p ON p.id = e.payment_id
 WHERE v.plan_id = ? AND e.rowid > ? AND e.reason <> 'invoice_issued'
"""
RETURNS = """
SELECT id, payment_id FROM refunds WHERE state IN ('pending', 'succeeded', 'failed')
 UNION ALL SELECT id, payment_id FROM chargebacks WHERE money <> 'with_us'
"""
