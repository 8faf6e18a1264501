"""How an invoice stands, decided in one place for portal, backoffice and mails (R-3)."""

from __future__ import annotations

from datetime import date
from typing import Literal

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
