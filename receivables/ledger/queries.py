"""What the ledger says. Outstanding is always a sum over entries, never a column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Result, Select, bindparam, func, select
from sqlalchemy.orm import Session

from receivables.database import among
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.portfolio import outstanding_on
from receivables.ledger.tables import Account, Entry
from receivables.money import Money

#: Plain columns: a statement over entities costs three times as much to run.
_INVOICE, _ENTRY = Invoice.__table__.c, Entry.__table__.c


def _sum(side: str) -> ColumnElement[int]:
    account = _ENTRY.debit_account if side == "debit" else _ENTRY.credit_account
    subject = _ENTRY.debit_subject if side == "debit" else _ENTRY.credit_subject
    return (
        select(func.coalesce(func.sum(_ENTRY.amount_minor), 0))
        .where(account == Account.RECEIVABLE, subject == _INVOICE.id)
        .correlate(Invoice.__table__)
        .scalar_subquery()
    )


#: Outstanding of the invoice in the enclosing statement, in minor units.
outstanding_minor: ColumnElement[int] = _sum("debit") - _sum("credit")


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice on which something is outstanding."""

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    issued_on: date
    due_on: date
    total: Money
    outstanding: Money


_ITEM = (
    _INVOICE.id,
    _INVOICE.number,
    _INVOICE.issued_on,
    _INVOICE.due_on,
    _INVOICE.currency,
    _INVOICE.total_minor,
    outstanding_minor.label("open_minor"),
)


def _open(*where: ColumnElement[bool], of_one: bool = False) -> Select[Any]:
    rows = (
        select(*_ITEM, *(() if of_one else (_INVOICE.debtor_id,)))
        .where(_INVOICE.supplier_id == bindparam("supplier"), _INVOICE.kind == "invoice", *where)
        # Without it both databases merge the two queries and add up every invoice twice.
        .offset(0)
        .subquery()
    )
    return select(rows).where(rows.c.open_minor > 0).order_by(rows.c.due_on, rows.c.number)


_OPEN_OF_SUPPLIER = _open()
_OPEN_OF_DEBTOR = _open(_INVOICE.debtor_id == bindparam("debtor"), of_one=True)
_OPEN_OF_DEBTORS = _open(among(_INVOICE.debtor_id, "debtors"))


def open_items(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[OpenItem]:
    """Open invoices of one debtor, or of all, the oldest due first."""
    if debtor_id is None:
        return _as_items(session.execute(_OPEN_OF_SUPPLIER, {"supplier": supplier_id}))
    asked = {"supplier": supplier_id, "debtor": debtor_id}
    return _as_items(session.execute(_OPEN_OF_DEBTOR, asked), debtor_id)


def open_items_of(
    session: Session, supplier_id: SupplierId, debtors: Collection[DebtorId]
) -> list[OpenItem]:
    """Open invoices of these debtors, the oldest due first."""
    if not debtors:
        return []
    asked = {"supplier": supplier_id, "debtors": list(debtors)}
    return _as_items(session.execute(_OPEN_OF_DEBTORS, asked))


def _as_items(rows: Result[*tuple[Any, ...]], debtor_id: Any = None) -> list[OpenItem]:
    """The rows end with whose they are, unless they are all of one."""
    return [
        OpenItem(
            invoice_id,
            owed_by[0] if owed_by else debtor_id,
            number,
            issued_on,
            due_on,
            Money(total_minor, currency),
            Money(int(open_minor), currency),
        )
        for (
            invoice_id, number, issued_on, due_on, currency, total_minor, open_minor, *owed_by,
        ) in rows.all()
    ]  # fmt: skip


_OUTSTANDING = select(
    _INVOICE.id,
    _INVOICE.currency,
    outstanding_minor.label("open_minor"),
).where(_INVOICE.supplier_id == bindparam("supplier"), among(_INVOICE.id, "ids"))


def outstanding_of(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, Money]:
    """What is outstanding on each of these invoices; unknown ids are left out."""
    if not invoice_ids:
        return {}
    rows = session.execute(_OUTSTANDING, {"supplier": supplier_id, "ids": list(invoice_ids)})
    return {row.id: Money(int(row.open_minor), row.currency) for row in rows}


def _unapplied(sign: str, by_debtor: bool) -> Select[Any]:
    account = _ENTRY.credit_account if sign == "credit" else _ENTRY.debit_account
    subject = _ENTRY.credit_subject if sign == "credit" else _ENTRY.debit_subject
    amount = _ENTRY.amount_minor if sign == "credit" else -_ENTRY.amount_minor
    statement = select(
        _ENTRY.currency.label("currency"),
        amount.label("minor"),
    ).where(_ENTRY.supplier_id == bindparam("supplier"), account == Account.UNAPPLIED)
    return statement.where(subject == bindparam("debtor")) if by_debtor else statement


def _unapplied_sum(by_debtor: bool) -> Select[Any]:
    both = _unapplied("credit", by_debtor).union_all(_unapplied("debit", by_debtor)).subquery()
    total = func.sum(both.c.minor)
    return (
        select(both.c.currency, total.label("minor"))
        .group_by(both.c.currency)
        .having(total > 0)
        .order_by(both.c.currency)
    )


_UNAPPLIED_OF_DEBTOR = _unapplied_sum(by_debtor=True)
_UNAPPLIED_OF_SUPPLIER = _unapplied_sum(by_debtor=False)


def unapplied_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> list[Money]:
    """Cash and credit of the debtor that is put against nothing, per currency; no zeros."""
    rows = session.execute(_UNAPPLIED_OF_DEBTOR, {"supplier": supplier_id, "debtor": debtor_id})
    return [Money(int(row.minor), row.currency) for row in rows]


def exposure_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> list[Money]:
    """What would be lost if the debtor failed today: outstanding less unapplied, per currency."""
    return _net(
        [item.outstanding for item in open_items(session, supplier_id, debtor_id)],
        unapplied_of(session, supplier_id, debtor_id),
    )


def exposure_total(session: Session, supplier_id: SupplierId) -> list[Money]:
    """The same over all debtors."""
    rows = session.execute(_UNAPPLIED_OF_SUPPLIER, {"supplier": supplier_id})
    return _net(
        list(outstanding_on(session, supplier_id, date.max).values()),
        [Money(int(row.minor), row.currency) for row in rows],
    )


def _net(owed: Sequence[Money], credit: Sequence[Money]) -> list[Money]:
    sums: dict[str, int] = {}
    for money in owed:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    for money in credit:
        sums[money.currency] = sums.get(money.currency, 0) - money.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items()) if minor > 0]
