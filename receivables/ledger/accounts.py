"""All invoices of one debtor in one look: what is open, and what was paid last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, Integer, bindparam, case, cast, desc, func, null, select, union_all
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import OpenItem, outstanding_minor
from receivables.ledger.tables import Account, Entry
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class PaidItem:
    """An invoice of which nothing is outstanding, and the day that was so."""

    invoice_id: InvoiceId
    number: str
    total: Money
    paid_on: date


@dataclass(frozen=True, slots=True)
class AccountItems:
    """The open invoices, the oldest due first; the latest paid ones, newest first, and how many
    there are in all.
    """

    open: Sequence[OpenItem]
    paid: Sequence[PaidItem]
    paid_count: int


_INVOICE, _ENTRY = Invoice.__table__.c, Entry.__table__.c

#: Named twice below and added up once: both databases keep what is named twice.
_OF_DEBTOR = (
    select(
        _INVOICE.id,
        _INVOICE.number,
        _INVOICE.issued_on,
        _INVOICE.due_on,
        _INVOICE.currency,
        _INVOICE.total_minor,
        outstanding_minor.label("open_minor"),
    )
    .where(
        _INVOICE.supplier_id == bindparam("supplier"),
        _INVOICE.debtor_id == bindparam("debtor"),
        _INVOICE.kind == "invoice",
    )
    .offset(0)  # as for the open ones alone: both databases would add up every invoice twice
    .cte("of_debtor")
)
_ONE = _OF_DEBTOR.c
_ALIKE = (_ONE.id, _ONE.number, _ONE.issued_on, _ONE.currency, _ONE.total_minor)

_OPEN = select(
    *_ALIKE,
    _ONE.due_on,
    _ONE.open_minor,
    cast(null(), Date).label("paid_on"),
    cast(null(), Integer).label("paid_count"),
).where(_ONE.open_minor > 0)

_PAID_ON = (
    select(func.max(_ENTRY.booked_on))
    .where(_ENTRY.credit_account == Account.RECEIVABLE, _ENTRY.credit_subject == _ONE.id)
    .correlate(_OF_DEBTOR)
    .scalar_subquery()
)
_PAID_COUNT = (
    select(func.count()).select_from(_OF_DEBTOR).where(_ONE.open_minor == 0).scalar_subquery()
)
_LATEST_PAID = (
    select(
        *_ALIKE,
        cast(null(), Date).label("due_on"),
        _ONE.open_minor,
        _PAID_ON.label("paid_on"),
        _PAID_COUNT.label("paid_count"),
    )
    .where(_ONE.open_minor == 0)
    .order_by(desc("paid_on"), _ONE.number.desc())
    .limit(bindparam("most_paid"))
    .subquery()
)
_BOTH = union_all(_OPEN, select(_LATEST_PAID)).subquery()
_IN_ORDER = select(_BOTH).order_by(
    _BOTH.c.due_on.nulls_last(),
    _BOTH.c.paid_on.desc(),
    case((_BOTH.c.paid_count.is_(None), _BOTH.c.number)),
    _BOTH.c.number.desc(),
)


def account_items(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, most_paid: int
) -> AccountItems:
    """What is open, and the `most_paid` latest of what is paid."""
    asked = {"supplier": supplier_id, "debtor": debtor_id, "most_paid": most_paid}
    still_open: list[OpenItem] = []
    paid: list[PaidItem] = []
    all_paid = 0
    for (
        invoice_id, number, issued_on, currency, total_minor, due_on, open_minor, paid_on, count,
    ) in session.connection().execute(_IN_ORDER, asked).all():  # fmt: skip
        total = Money(total_minor, currency)
        if count is None:
            outstanding = Money(int(open_minor), currency)
            still_open.append(
                OpenItem(invoice_id, debtor_id, number, issued_on, due_on, total, outstanding)
            )
        else:
            paid.append(PaidItem(invoice_id, number, total, paid_on or issued_on))
            all_paid = count
    return AccountItems(still_open, paid, all_paid)
