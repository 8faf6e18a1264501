"""How an invoice stands, decided in one place for portal, backoffice and mails (R-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from receivables.ids import InvoiceId
from receivables.money import Money

InvoiceStatus = Literal["open", "overdue", "partly_paid", "processing", "paid", "credited"]


def days_past_due(due_on: date, today: date) -> int:
    """Whole days after the due date: 0 on it, negative before it."""
    return (today - due_on).days


def invoice_status(
    *,
    total: Money,
    outstanding: Money,
    processing: Money,
    days: int,
    by_credit_alone: bool = False,
) -> InvoiceStatus:
    """The one status of an invoice; `days` is days past due.

    `by_credit_alone` says that no money came, a credit note took all of it back.
    """
    if not outstanding:
        return "credited" if by_credit_alone else "paid"
    if processing >= outstanding:
        return "processing"
    if days > 0:
        return "overdue"
    return "partly_paid" if outstanding < total else "open"


def spread(
    amount: Money,
    parts: Sequence[tuple[InvoiceId, Money]],
    outstanding: Mapping[InvoiceId, Money],
) -> tuple[dict[InvoiceId, Money], Money]:
    """What of `amount` goes to which invoice, and what is left over.

    First to `parts`, each as far as it was meant and is still outstanding; then to the rest of
    `outstanding` in its order (the oldest first). No invoice gets more than is outstanding on
    it, and nothing is lost: the shares and what is left add up to `amount`.
    """
    wanted = [*parts, *outstanding.items()]
    open_now = dict(outstanding)
    shares: dict[InvoiceId, Money] = {}
    left = amount
    for invoice_id, most in wanted:
        open_here = open_now.get(invoice_id)
        if open_here is None or open_here.currency != amount.currency:
            continue
        share = min(open_here, left, most)
        if share.minor > 0:
            shares[invoice_id] = shares.get(invoice_id, Money.zero(amount.currency)) + share
            open_now[invoice_id] = open_here - share
            left -= share
    return shares, left
