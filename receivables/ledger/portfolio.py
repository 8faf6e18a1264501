"""The books as a whole, per currency: what stood on a day, what came and went in a period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, SupplierId
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money

#: Where money is that has arrived.
_MONEY = (Account.STRIPE_CLEARING, Account.BANK)


def outstanding_on(session: Session, supplier_id: SupplierId, day: date) -> dict[str, Money]:
    """What was outstanding at the end of `day`."""
    return _sums(
        session,
        supplier_id,
        plus=Entry.debit_account == Account.RECEIVABLE,
        minus=Entry.credit_account == Account.RECEIVABLE,
        where=[Entry.booked_on <= day],
    )


def invoiced_between(
    session: Session, supplier_id: SupplierId, after: date, until: date
) -> dict[str, Money]:
    """Invoiced, less credited, on the days after `after` up to `until`."""
    return _sums(
        session,
        supplier_id,
        plus=Entry.reason == Reason.INVOICE_ISSUED,
        minus=Entry.reason == Reason.CREDIT_NOTE_ISSUED,
        where=[Entry.booked_on > after, Entry.booked_on <= until],
    )


def received_between(
    session: Session, supplier_id: SupplierId, after: date, until: date
) -> dict[str, Money]:
    """Money that arrived on the days after `after` up to `until`."""
    return _sums(
        session,
        supplier_id,
        plus=Entry.debit_account.in_(_MONEY),
        minus=Entry.credit_account.in_(_MONEY),
        where=[Entry.booked_on > after, Entry.booked_on <= until],
    )


def _sums(
    session: Session,
    supplier_id: SupplierId,
    *,
    plus: ColumnElement[bool],
    minus: ColumnElement[bool],
    where: Sequence[ColumnElement[bool]],
) -> dict[str, Money]:
    minor, currency = Entry.amount_minor, Entry.currency  # type: ignore[attr-defined]
    total = func.sum(case((plus, minor), else_=0) - case((minus, minor), else_=0))
    rows = session.execute(
        select(currency.label("currency"), total.label("minor"))
        .where(Entry.supplier_id == supplier_id, plus | minus, *where)
        .group_by(currency)
    )
    return {row.currency: Money(int(row.minor), row.currency) for row in rows}


def unapplied_by_debtor(session: Session, supplier_id: SupplierId) -> dict[DebtorId, list[Money]]:
    """Cash and credit put against nothing, of every debtor who has some, per currency."""
    sums: dict[tuple[DebtorId, str], int] = {}
    for sign, account, subject in (
        (1, Entry.credit_account, Entry.credit_subject),
        (-1, Entry.debit_account, Entry.debit_subject),
    ):
        minor, currency = Entry.amount_minor, Entry.currency  # type: ignore[attr-defined]
        rows = session.execute(
            select(
                subject.label("debtor"), currency.label("currency"), func.sum(minor).label("sum")
            )
            .where(Entry.supplier_id == supplier_id, account == Account.UNAPPLIED)
            .group_by(subject, currency)
        )
        for row in rows:
            key = (DebtorId(row.debtor), row.currency)
            sums[key] = sums.get(key, 0) + sign * int(row.sum)
    result: dict[DebtorId, list[Money]] = {}
    for (debtor_id, name), amount in sorted(sums.items(), key=lambda one: one[0][1]):
        if amount > 0:
            result.setdefault(debtor_id, []).append(Money(amount, name))
    return result
