"""What was cashed on e-invoices, and what of it their platform was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Document, Invoice
from receivables.ledger.queries import outstanding_of
from receivables.ledger.tables import Account, Entry
from receivables.lifecycle.rules import Movement, cashed, to_report
from receivables.lifecycle.tables import SentStatus
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Unreported:
    """An invoice of which something is to be said: `amount` since the last, below zero where money
    went back; `sequence` is the number of what is to be said.
    """

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    issued_on: date
    amount: Money
    cashed_on: date
    sequence: int


def touched(session: Session, supplier_id: SupplierId, since: datetime) -> list[InvoiceId]:
    """E-invoices on whose account anything was booked since then: those that came as a document.

    It reads, and is told nothing: money moves on an invoice in a dozen ways, and each counts.
    """
    booked = union(
        *(
            select(subject).where(
                Entry.supplier_id == supplier_id,
                account == Account.RECEIVABLE,
                Entry.created_at >= since,
            )
            for account, subject in (
                (Entry.credit_account, Entry.credit_subject),
                (Entry.debit_account, Entry.debit_subject),
            )
        )
    ).subquery()
    return list(
        session.scalars(
            select(Invoice.id)
            .where(
                Invoice.supplier_id == supplier_id,
                Invoice.kind == "invoice",
                Invoice.id.in_(select(booked)),
                Invoice.id.in_(
                    select(Document.invoice_id).where(Document.supplier_id == supplier_id)
                ),
            )
            .order_by(Invoice.id)
        )
    )


def unreported(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> list[Unreported]:
    """Those of these invoices of which something is to be said."""
    if not invoice_ids:
        return []
    movements = _movements(session, supplier_id, invoice_ids)
    outstanding = outstanding_of(session, supplier_id, invoice_ids)
    told = {
        row.invoice_id: (int(row.minor), row.last)
        for row in session.execute(
            select(
                SentStatus.invoice_id,
                func.sum(SentStatus.amount_minor).label("minor"),  # type: ignore[attr-defined]
                func.max(SentStatus.sequence).label("last"),
            )
            .where(SentStatus.supplier_id == supplier_id, SentStatus.invoice_id.in_(invoice_ids))
            .group_by(SentStatus.invoice_id)
        )
    }
    rows = session.scalars(
        select(Invoice)
        .where(Invoice.supplier_id == supplier_id, Invoice.id.in_(invoice_ids))
        .order_by(Invoice.id)
    ).all()
    own = _own_credit_notes(session, supplier_id, rows)
    found = []
    for row in rows:
        minor, cashed_on = cashed(movements[row.id], own[row.number])
        reported, last = told.get(row.id, (0, 0))
        amount = to_report(minor, reported, outstanding[row.id].minor)
        if amount and cashed_on is not None:
            found.append(
                Unreported(
                    row.id, row.debtor_id, row.number, row.issued_on,
                    Money(amount, row.total.currency), cashed_on, last + 1,
                )
            )  # fmt: skip
    return found


def _movements(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, list[Movement]]:
    found: dict[InvoiceId, list[Movement]] = defaultdict(list)
    for sign, account, subject in (
        (1, Entry.credit_account, Entry.credit_subject),
        (-1, Entry.debit_account, Entry.debit_subject),
    ):
        rows = session.execute(
            select(
                Entry.id,
                subject.label("invoice"),
                Entry.amount_minor,  # type: ignore[attr-defined]
                Entry.reason,
                Entry.source,
                Entry.booked_on,
            ).where(
                Entry.supplier_id == supplier_id,
                account == Account.RECEIVABLE,
                subject.in_(invoice_ids),
            )
        )
        for row in rows:
            found[InvoiceId(row.invoice)].append(
                Movement(
                    str(row.id), sign * int(row.amount_minor), row.reason, row.source, row.booked_on
                )
            )
    return found


def _own_credit_notes(
    session: Session, supplier_id: SupplierId, invoices: Sequence[Invoice]
) -> dict[str, set[str]]:
    """The credit notes that name these invoices, by the number they name."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = session.execute(
        select(Invoice.id, Invoice.preceding_number).where(
            Invoice.supplier_id == supplier_id,
            Invoice.kind == "credit_note",
            Invoice.preceding_number.in_([one.number for one in invoices]),
        )
    )
    for row in rows:
        found[row.preceding_number].add(str(row.id))
    return found
