"""The facts about promises: what the ledger says came of them, and what may be promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.credit.queries import standing
from receivables.ids import DebtorId, InvoiceId, PromiseId, SupplierId
from receivables.ledger.holds import Hold, HoldReason, held_amount
from receivables.ledger.queries import OpenItem, open_items, outstanding_of
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money
from receivables.parties.tables import Debtor
from receivables.payments.queries import live_amounts
from receivables.payments.rules import PaymentState
from receivables.promises.rules import Promisable, PromiseState, Terms
from receivables.promises.tables import Promise, PromiseItem
from receivables.workdays import Calendar

#: What raises or lowers an invoice without anybody paying.
_NO_MONEY = (Reason.INVOICE_ISSUED, Reason.WRITTEN_OFF, Reason.WRITE_OFF_REVERSED)

#: A payment in one of these is on its way, and the debtor has done their part.
_ON_ITS_WAY = frozenset({PaymentState.SENT, PaymentState.PROCESSING, PaymentState.UNKNOWN})


def lowered(
    session: Session, supplier_id: SupplierId, invoice_ids: Iterable[InvoiceId]
) -> dict[InvoiceId, list[tuple[date, int]]]:
    """By how much money and credit lowered each invoice, in minor units by value date; what
    went back again is negative.
    """
    wanted = list(set(invoice_ids))
    found: dict[InvoiceId, list[tuple[date, int]]] = defaultdict(list)
    if not wanted:
        return found
    for account, subject, sign in (
        (Entry.credit_account, Entry.credit_subject, 1),
        (Entry.debit_account, Entry.debit_subject, -1),
    ):
        rows = session.execute(
            select(subject, Entry.booked_on, func.sum(Entry.__table__.c.amount_minor))
            .where(
                Entry.supplier_id == supplier_id,
                account == Account.RECEIVABLE,
                subject.in_(wanted),
                Entry.reason.not_in(_NO_MONEY),
            )
            .group_by(subject, Entry.booked_on)
        )
        for invoice_id, booked_on, minor in rows:
            found[InvoiceId(invoice_id)].append((booked_on, sign * int(minor)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one promise stands now."""

    received: Money
    """With a value date that counts."""
    outstanding: Money
    """Of its invoices, whoever paid."""
    on_its_way: Money


def standing_of(
    session: Session, supplier_id: SupplierId, promises: Sequence[Promise]
) -> dict[PromiseId, Standing]:
    """How these promises stand, in a fixed number of statements for each debtor."""
    items = _items_of(session, supplier_id, [one.id for one in promises])
    invoice_ids = [item.invoice_id for rows in items.values() for item in rows]
    money = lowered(session, supplier_id, invoice_ids)
    outstanding = outstanding_of(session, supplier_id, invoice_ids)
    live = {
        debtor_id: on_its_way(session, supplier_id, debtor_id)
        for debtor_id in {one.debtor_id for one in promises if one.state == PromiseState.ACTIVE}
    }
    found = {}
    for one in promises:
        currency, own = one.amount.currency, items[one.id]
        under_way = live.get(one.debtor_id, {})
        zero = Money.zero(currency)
        found[one.id] = Standing(
            received=Money(sum(_came(one, item, money) for item in own), currency),
            outstanding=Money.total((outstanding[item.invoice_id] for item in own), currency),
            on_its_way=Money.total(
                (under_way.get(item.invoice_id, zero) for item in own), currency
            ),
        )
    return found


def _came(
    promise: Promise, item: PromiseItem, money: Mapping[InvoiceId, Sequence[tuple[date, int]]]
) -> int:
    """What came against one invoice since the promise was given, in time."""
    counted = sum(
        minor
        for booked_on, minor in money.get(item.invoice_id, ())
        if promise.awaits_money or booked_on <= promise.judged_on
    )
    return max(0, counted - item.lowered_minor)


def _items_of(
    session: Session, supplier_id: SupplierId, promise_ids: Sequence[PromiseId]
) -> dict[PromiseId, list[PromiseItem]]:
    rows = session.scalars(
        select(PromiseItem).where(
            PromiseItem.supplier_id == supplier_id, PromiseItem.promise_id.in_(promise_ids)
        )
    )
    found: dict[PromiseId, list[PromiseItem]] = defaultdict(list)
    for row in rows:
        found[row.promise_id].append(row)
    return found


def on_its_way(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[InvoiceId, Money]:
    """Per invoice, what a payment is bringing."""
    live = live_amounts(session, supplier_id, debtor_id)
    return {one: amount for one, (state, amount) in live.items() if state in _ON_ITS_WAY}


def terms(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    today: date,
    calendar: Calendar,
) -> Terms:
    """What this debtor may promise alone."""
    known = standing(session, supplier_id, debtor_id)
    country = session.scalars(
        select(Debtor.country).where(Debtor.supplier_id == supplier_id, Debtor.id == debtor_id)
    ).one()
    return Terms(
        payer_class=known.payer_class,
        insolvent=known.insolvent_on is not None,
        today=today,
        country=country,
        calendar=calendar,
    )


def promisable(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    after_formal_notice: Iterable[InvoiceId] = (),
    held_by_others: Iterable[Hold] = (),
) -> list[Promisable]:
    """Every open invoice of the debtor, the oldest first. What dunning sent and what higher
    subjects hold (disputes, plans) is told by whoever asks: they are above this one.
    """
    items = open_items(session, supplier_id, debtor_id)
    noticed = frozenset(after_formal_notice)
    under_way = on_its_way(session, supplier_id, debtor_id)
    before = _promised_before(session, supplier_id, [item.invoice_id for item in items])
    others = defaultdict(list)
    for hold in held_by_others:
        if hold.reason not in (HoldReason.PROMISED, HoldReason.SAID_TO_BE_PAID):
            others[hold.invoice_id].append(hold)
    return [
        Promisable(
            invoice_id=item.invoice_id,
            number=item.number,
            due_on=item.due_on,
            outstanding=item.outstanding,
            payable=_payable(item, under_way, others[item.invoice_id]),
            promised_before=before.get(item.invoice_id, 0),
            after_formal_notice=item.invoice_id in noticed,
        )
        for item in items
    ]


def _payable(item: OpenItem, under_way: Mapping[InvoiceId, Money], held: Sequence[Hold]) -> Money:
    zero = Money.zero(item.outstanding.currency)
    left = item.outstanding - held_amount(item.outstanding, held)
    return max(zero, left - under_way.get(item.invoice_id, zero))


def _promised_before(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, int]:
    """How often each was promised; what was cancelled does not count."""
    rows = session.execute(
        select(PromiseItem.invoice_id, func.count())
        .join(
            Promise,
            (Promise.supplier_id == PromiseItem.supplier_id)
            & (Promise.id == PromiseItem.promise_id),
        )
        .where(
            PromiseItem.supplier_id == supplier_id,
            PromiseItem.invoice_id.in_(invoice_ids),
            Promise.state != PromiseState.CANCELLED,
        )
        .group_by(PromiseItem.invoice_id)
    )
    return {row[0]: int(row[1]) for row in rows}
