"""Promises are given, judged, replaced and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.history import record
from receivables.ids import ContactId, DebtorId, InvoiceId, PromiseId, SupplierId, new_id
from receivables.ledger.actions import lock_debtor_invoices
from receivables.ledger.holds import Hold
from receivables.ledger.rules import spread
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.promises.errors import (
    NoSuchPromise,
    NothingChosen,
    NotPromisable,
    PromisedForThePast,
    PromisedTooLate,
    PromisesNothing,
    PromisesTooMuch,
)
from receivables.promises.events import (
    PromiseBroken,
    PromiseCancelled,
    PromiseEvent,
    PromiseKept,
    PromiseMade,
    PromiseSuperseded,
)
from receivables.promises.facts import Standing, lowered, promisable, standing_of, terms
from receivables.promises.rules import (
    MOST_DAYS_BY_STAFF,
    Promisable,
    PromiseState,
    Refusal,
    Source,
    Terms,
    judge,
    last_value_date,
    needs_person,
)
from receivables.promises.tables import Promise, PromiseItem
from receivables.workdays import WEEKDAYS, Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPromise:
    """What is promised: `amount` None is all that can be paid of the chosen invoices."""

    invoice_ids: Sequence[InvoiceId]
    amount: Money | None
    promised_on: date
    source: Source
    note: str = ""
    contact_id: ContactId | None = None


def promise(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewPromise,
    clock: Clock,
    after_formal_notice: Iterable[InvoiceId] = (),
    held_by_others: Iterable[Hold] = (),
    calendar: Calendar = WEEKDAYS,
) -> PromiseId:
    """Take a debtor's word: what it covers is not asked for until the day has passed.

    Active promises about the same invoices are replaced. Where the debtor promises alone the
    policy holds; staff may promise for them what they like, ninety days ahead at most. For
    `after_formal_notice` and `held_by_others` see `facts.promisable`.

    Raises NothingChosen, NotPromisable, PromisedTooLate, PromisedForThePast, PromisesTooMuch and
    PromisesNothing.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    policy = terms(session, supplier_id, debtor_id, today=today, calendar=calendar)
    chosen = _chosen(
        promisable(
            session,
            supplier_id,
            debtor_id,
            after_formal_notice=after_formal_notice,
            held_by_others=held_by_others,
        ),
        new.invoice_ids,
    )
    _check(policy, chosen, new)
    amount = _amount(chosen, new.amount)
    shares, _ = spread(
        amount,
        [(item.invoice_id, item.payable) for item in chosen],
        {item.invoice_id: item.payable for item in chosen},
    )
    for old in _active(session, supplier_id, debtor_id, about=list(shares)):
        _end(session, old, PromiseState.SUPERSEDED, clock=clock)
        record(session, _said(session, PromiseSuperseded, old), clock=clock)
    return _write_down(session, supplier_id, debtor_id, new, amount, shares, policy, clock=clock)


def _chosen(items: Sequence[Promisable], wanted: Sequence[InvoiceId]) -> list[Promisable]:
    chosen = [item for item in items if item.invoice_id in frozenset(wanted)]
    if not chosen or len({item.payable.currency for item in chosen}) > 1:
        raise NothingChosen(f"{len(chosen)} invoices")
    return chosen


def _check(policy: Terms, chosen: Sequence[Promisable], new: NewPromise) -> None:
    if new.promised_on < policy.today:
        raise PromisedForThePast(str(new.promised_on))
    if new.source is not Source.DEBTOR:
        latest = policy.today + timedelta(days=MOST_DAYS_BY_STAFF)
    else:
        for item in chosen:
            if refusal := policy.refusal(item):
                raise NotPromisable(item.number, refusal)
        latest = policy.latest_of(chosen)
    if new.promised_on > latest:
        raise PromisedTooLate(new.promised_on, latest)
    if not any(item.payable for item in chosen):
        raise NotPromisable(chosen[0].number, Refusal.NOTHING_LEFT)


def _amount(chosen: Sequence[Promisable], wanted: Money | None) -> Money:
    most = Money.total((item.payable for item in chosen), chosen[0].payable.currency)
    if wanted is None:
        return most
    if wanted.minor <= 0:
        raise PromisesNothing(str(wanted))
    if wanted.currency != most.currency or wanted > most:
        raise PromisesTooMuch(wanted, most)
    return wanted


def _write_down(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewPromise,
    amount: Money,
    shares: dict[InvoiceId, Money],
    policy: Terms,
    *,
    clock: Clock,
) -> PromiseId:
    promise_id, now = PromiseId(new_id()), clock.now()
    row = Promise(
        id=promise_id,
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=new.contact_id,
        amount=amount,
        promised_on=new.promised_on,
        judged_on=last_value_date(
            new.promised_on, country=policy.country, calendar=policy.calendar
        ),
        source=new.source,
        note=new.note,
        state=PromiseState.ACTIVE,
        state_since=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    before = lowered(session, supplier_id, list(shares))
    session.add_all(
        PromiseItem(
            promise_id=promise_id,
            invoice_id=invoice_id,
            supplier_id=supplier_id,
            amount_minor=share.minor,
            lowered_minor=sum(minor for _, minor in before.get(invoice_id, ())),
            live=True,
        )
        for invoice_id, share in shares.items()
    )
    session.flush()
    record(session, _said(session, PromiseMade, row, source=str(new.source)), clock=clock)
    return promise_id


def _active(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    about: Sequence[InvoiceId] | None = None,
) -> list[Promise]:
    """The debtor's active promises, held until the transaction ends."""
    statement = (
        select(Promise)
        .where(
            Promise.supplier_id == supplier_id,
            Promise.debtor_id == debtor_id,
            Promise.state == PromiseState.ACTIVE,
        )
        .order_by(Promise.id)
        .with_for_update()
    )
    if about is not None:
        covering = select(PromiseItem.promise_id).where(
            PromiseItem.supplier_id == supplier_id,
            PromiseItem.live,
            PromiseItem.invoice_id.in_(about),
        )
        statement = statement.where(Promise.id.in_(covering))
    return list(session.scalars(statement))


def _end(session: Session, row: Promise, state: PromiseState, *, clock: Clock) -> None:
    row.state, row.state_since = state, clock.now()
    session.execute(
        update(PromiseItem)
        .where(PromiseItem.supplier_id == row.supplier_id, PromiseItem.promise_id == row.id)
        .values(live=False)
        .execution_options(synchronize_session=False)
    )
    session.flush()


def _said(session: Session, kind: type[PromiseEvent], row: Promise, **more: object) -> PromiseEvent:
    """An event of a promise; about the one invoice where it is about one."""
    about = session.scalars(
        select(PromiseItem.invoice_id)
        .where(PromiseItem.supplier_id == row.supplier_id, PromiseItem.promise_id == row.id)
        .limit(2)
    ).all()
    return kind(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        invoice_id=about[0] if len(about) == 1 else None,
        promise_id=row.id,
        amount=row.amount,
        promised_on=row.promised_on,
        **more,
    )


def look_at(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    *,
    clock: Clock,
    has_receipt: bool = False,
) -> None:
    """Judge a debtor's active promises by what the ledger says today.

    `has_receipt`: because of a payment here, whose receipt thanks for it already. A second call
    changes nothing.
    """
    rows = _active(session, supplier_id, debtor_id)
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    stand = standing_of(session, supplier_id, rows)
    for row in rows:
        _judge(session, row, stand[row.id], today, has_receipt=has_receipt, clock=clock)


def _judge(
    session: Session,
    row: Promise,
    now: Standing,
    today: date,
    *,
    has_receipt: bool,
    clock: Clock,
) -> None:
    state = judge(
        row.amount,
        received=now.received,
        outstanding=now.outstanding,
        on_its_way=now.on_its_way,
        judged_on=row.judged_on,
        today=today,
    )
    if state is None:
        row.awaits_money = row.awaits_money or today > row.judged_on
        return
    _end(session, row, state, clock=clock)
    if state is PromiseState.KEPT:
        happened = _said(session, PromiseKept, row, has_receipt=has_receipt)
    elif state is PromiseState.CANCELLED:
        happened = _said(session, PromiseCancelled, row)
    else:
        row.needs_person = needs_person(row.amount, now.received)
        happened = _said(
            session,
            PromiseBroken,
            row,
            received=now.received,
            needs_person=row.needs_person,
        )
    record(session, happened, clock=clock)


def due_debtors(session: Session, supplier_id: SupplierId, today: date) -> list[DebtorId]:
    """Whose promises are to be judged, since their day has passed."""
    rows = session.scalars(
        select(Promise.debtor_id)
        .where(
            Promise.supplier_id == supplier_id,
            Promise.state == PromiseState.ACTIVE,
            Promise.judged_on < today,
        )
        .distinct()
    )
    return sorted(rows)


def cancel(
    session: Session, supplier_id: SupplierId, promise_id: PromiseId, *, clock: Clock
) -> DebtorId:
    """Take an active promise back: what it covered is asked for again. Whose it was.

    Raises NoSuchPromise.
    """
    row = session.scalar(
        select(Promise)
        .where(
            Promise.supplier_id == supplier_id,
            Promise.id == promise_id,
            Promise.state == PromiseState.ACTIVE,
        )
        .with_for_update()
    )
    if row is None:
        raise NoSuchPromise(str(promise_id))
    _end(session, row, PromiseState.CANCELLED, clock=clock)
    record(session, _said(session, PromiseCancelled, row), clock=clock)
    return row.debtor_id


def deal_with(
    session: Session, supplier_id: SupplierId, promise_id: PromiseId, *, clock: Clock
) -> None:
    """Note that a person has looked at a broken promise. Raises NoSuchPromise."""
    row = session.scalar(
        select(Promise).where(
            Promise.supplier_id == supplier_id, Promise.id == promise_id, Promise.needs_person
        )
    )
    if row is None:
        raise NoSuchPromise(str(promise_id))
    if row.dealt_with_at is None:
        row.dealt_with_at = clock.now()
