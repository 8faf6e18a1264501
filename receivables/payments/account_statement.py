"""The statement of account as a letter: what is open, what came in a year, what is in favour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import OpenItem, open_items, unapplied_of
from receivables.ledger.tables import Account, Entry
from receivables.letters.rendering import Letterhead, render_letter
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.letterheads import letterhead
from receivables.payments.queries import live_amounts
from receivables.payments.receipt import receipt_number
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment

#: How far back payments are listed.
LOOKS_BACK = timedelta(days=365)
#: A letter of more rows is nobody's reading; the rest is one line with its sum.
MOST_ROWS = 300

#: The debtor has done their part, or may have.
_ON_THEIR_WAY = frozenset({PaymentState.SENT, PaymentState.PROCESSING, PaymentState.UNKNOWN})
_MONEY_IN = (Account.STRIPE_CLEARING, Account.BANK)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementItem:
    """An open invoice."""

    number: str
    issued_on: date
    due_on: date
    invoiced: Money
    outstanding: Money
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPayment:
    """Money that came; below zero where it went back."""

    on: date
    #: Our receipt's number, or the reference of a transfer.
    reference: str
    #: Empty for a transfer.
    method: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementGroup:
    """All of one currency."""

    currency: str
    items: tuple[StatementItem, ...]
    #: Older items are listed; how many younger ones are not, and their sum.
    items_left_out: int
    sum_left_out: Money
    outstanding: Money
    overdue: Money
    #: Of the outstanding, what is on its way already.
    processing: Money
    credit: Money
    payments: tuple[StatementPayment, ...]
    payments_left_out: int

    @property
    def balance(self) -> Money:
        """What is left to pay; below zero when the debtor is owed."""
        return self.outstanding - self.processing - self.credit


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """-> account_statement/letter.xml."""

    head: Letterhead
    zone: str
    on: date
    since: date
    groups: tuple[StatementGroup, ...]


def account_statement_of(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, now: datetime
) -> AccountStatement:
    """The same figures as on the account's page, to be kept or sent to a bookkeeper."""
    supplier = parties.supplier(session, supplier_id)
    debtor = parties.debtor(session, supplier_id, debtor_id)
    today = local_date(now, supplier.zone)
    since = today - LOOKS_BACK
    items = open_items(session, supplier_id, debtor_id)
    credits = {one.currency: one for one in unapplied_of(session, supplier_id, debtor_id)}
    moved = _money_moved(session, supplier_id, debtor_id, since)
    on_its_way = _on_its_way(session, supplier_id, debtor_id)
    currencies = dict.fromkeys(
        [
            *(item.outstanding.currency for item in items),
            *credits,
            *(one.amount.currency for one in moved),
        ]
    )
    return AccountStatement(
        head=letterhead(supplier, debtor),
        zone=supplier.zone,
        on=today,
        since=since,
        groups=tuple(
            _group(
                currency,
                [item for item in items if item.outstanding.currency == currency],
                [one for one in moved if one.amount.currency == currency],
                credits.get(currency, Money.zero(currency)),
                on_its_way,
                today,
            )
            for currency in (currencies or (supplier.currency,))
        ),
    )


def print_account_statement(
    statement: AccountStatement,
    *,
    locale: str,
    now: datetime,
    slip: Mapping[str, Any] | None = None,
) -> bytes:
    """`slip` is what is set at its foot (`receivables.slips.letters.foot_of`)."""
    return render_letter(
        "account_statement",
        head=statement.head,
        locale=locale,
        zone=statement.zone,
        written_at=now,
        slip=slip,
        statement=statement,
    )


def _group(
    currency: str,
    items: Sequence[OpenItem],
    moved: Sequence[StatementPayment],
    credit: Money,
    on_its_way: dict[InvoiceId, Money],
    today: date,
) -> StatementGroup:
    def total(some: Iterable[OpenItem]) -> Money:
        return Money.total((item.outstanding for item in some), currency)

    processing = Money.total(
        (min(on_its_way[one.invoice_id], one.outstanding) for one in items
         if one.invoice_id in on_its_way),
        currency,
    )  # fmt: skip
    left_out = items[MOST_ROWS:]
    return StatementGroup(
        currency=currency,
        items=tuple(
            StatementItem(
                number=item.number,
                issued_on=item.issued_on,
                due_on=item.due_on,
                invoiced=item.total,
                outstanding=item.outstanding,
                overdue=item.due_on < today,
            )
            for item in items[:MOST_ROWS]
        ),
        items_left_out=len(left_out),
        sum_left_out=total(left_out),
        outstanding=total(items),
        overdue=total(item for item in items if item.due_on < today),
        processing=processing,
        credit=credit,
        payments=tuple(moved[:MOST_ROWS]),
        payments_left_out=max(0, len(moved) - MOST_ROWS),
    )


def _on_its_way(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[InvoiceId, Money]:
    return {
        invoice_id: amount
        for invoice_id, (state, amount) in live_amounts(session, supplier_id, debtor_id).items()
        if state in _ON_THEIR_WAY
    }


def _money_moved(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, since: date
) -> list[StatementPayment]:
    """What came from the debtor and what went back, newest first; one payment is one line."""
    theirs = select(Invoice.id).where(
        Invoice.supplier_id == supplier_id, Invoice.debtor_id == debtor_id
    )
    sides = [
        and_(
            money_account.in_(_MONEY_IN),
            or_(
                and_(account == Account.RECEIVABLE, subject.in_(theirs)),
                and_(account == Account.UNAPPLIED, subject == debtor_id),
            ),
        )
        for money_account, account, subject in (
            (Entry.debit_account, Entry.credit_account, Entry.credit_subject),
            (Entry.credit_account, Entry.debit_account, Entry.debit_subject),
        )
    ]
    entries = session.scalars(
        select(Entry).where(Entry.supplier_id == supplier_id, Entry.booked_on >= since, or_(*sides))
    ).all()
    methods = _methods(session, supplier_id, debtor_id)
    sums: dict[tuple[date, bool, str, str, str], int] = {}
    for entry in entries:
        came = entry.debit_account in _MONEY_IN
        reference = (
            receipt_number(entry.payment_id)
            if entry.payment_id
            else entry.source.rpartition("/")[0].partition("~")[0] or entry.source
        )
        method = methods.get(entry.payment_id, "") if entry.payment_id else ""
        key = (entry.booked_on, came, reference, method, entry.amount.currency)
        sums[key] = sums.get(key, 0) + (entry.amount.minor if came else -entry.amount.minor)
    return [
        StatementPayment(on=on, reference=reference, method=method, amount=Money(minor, currency))
        for (on, _, reference, method, currency), minor in sorted(sums.items(), reverse=True)
    ]


def _methods(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[PaymentId, str]:
    rows = session.execute(
        select(Payment.id, Payment.method).where(
            Payment.supplier_id == supplier_id,
            Payment.debtor_id == debtor_id,
            Payment.state == PaymentState.SETTLED,
        )
    )
    return {row.id: row.method for row in rows}
