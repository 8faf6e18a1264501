"""Promises and what has come of them; what they hold back; what is said to be paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from receivables.ids import ContactId, DebtorId, PaidClaimId, PromiseId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason
from receivables.money import Money
from receivables.parties.tables import Contact, Debtor
from receivables.promises.errors import NoSuchPromise
from receivables.promises.facts import lowered, standing_of
from receivables.promises.rules import ClaimState, PromiseState
from receivables.promises.tables import PaidClaim, PaidClaimItem, Promise, PromiseItem


def holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[Hold]:
    """What is not asked for, because it is promised or said to be paid."""
    return [
        *_promise_holds(session, supplier_id, debtor_id),
        *_claim_holds(session, supplier_id, debtor_id),
    ]


def _promise_holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> list[Hold]:
    statement = (
        select(
            PromiseItem.invoice_id,
            PromiseItem.amount_minor,
            PromiseItem.lowered_minor,
            Promise.__table__.c.currency,
            Promise.judged_on,
        )
        .join(
            Promise,
            (Promise.supplier_id == PromiseItem.supplier_id)
            & (Promise.id == PromiseItem.promise_id),
        )
        .where(PromiseItem.supplier_id == supplier_id, PromiseItem.live)
    )
    if debtor_id is not None:
        statement = statement.where(Promise.debtor_id == debtor_id)
    rows = session.execute(statement).all()
    money = lowered(session, supplier_id, [row.invoice_id for row in rows])
    found = []
    for row in rows:
        since = sum(minor for _, minor in money.get(row.invoice_id, ())) - row.lowered_minor
        left = row.amount_minor - max(0, since)
        if left > 0:
            amount = Money(left, row.currency)
            found.append(
                Hold(
                    invoice_id=row.invoice_id,
                    reason=HoldReason.PROMISED,
                    amount=amount,
                    until=row.judged_on,
                )
            )
    return found


def _claim_holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> list[Hold]:
    statement = (
        select(
            PaidClaimItem.invoice_id,
            PaidClaimItem.amount_minor,
            PaidClaim.__table__.c.currency,
            PaidClaim.held_until,
        )
        .join(
            PaidClaim,
            (PaidClaim.supplier_id == PaidClaimItem.supplier_id)
            & (PaidClaim.id == PaidClaimItem.claim_id),
        )
        .where(
            PaidClaimItem.supplier_id == supplier_id,
            PaidClaimItem.live,
            PaidClaim.state == ClaimState.OPEN,
        )
    )
    if debtor_id is not None:
        statement = statement.where(PaidClaim.debtor_id == debtor_id)
    return [
        Hold(
            invoice_id=row.invoice_id,
            reason=HoldReason.SAID_TO_BE_PAID,
            amount=Money(row.amount_minor, row.currency),
            until=row.held_until,
        )
        for row in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseView:
    """One promise as both sides see it."""

    id: PromiseId
    debtor_id: DebtorId
    debtor_name: str
    #: Who gave it; "" where nobody wrote that down.
    contact_name: str
    amount: Money
    received: Money
    promised_on: date
    judged_on: date
    state: PromiseState
    state_since: datetime
    source: str
    note: str
    needs_person: bool
    made_at: datetime
    numbers: tuple[str, ...]


def promises(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    states: Sequence[PromiseState] = (),
    to_deal_with: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> list[PromiseView]:
    """The newest first, or what is promised soonest first where only active ones are wanted."""
    order = (
        (Promise.promised_on, Promise.id)
        if tuple(states) == (PromiseState.ACTIVE,)
        else (Promise.created_at.desc(), Promise.id.desc())
    )
    wanted = _wanted(select(Promise), supplier_id, debtor_id, states, to_deal_with)
    rows = session.scalars(wanted.order_by(*order).limit(limit).offset(offset)).all()
    return _views(session, supplier_id, rows)


def count_promises(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    states: Sequence[PromiseState] = (),
    to_deal_with: bool = False,
) -> int:
    counted = select(func.count()).select_from(Promise)
    return session.scalar(_wanted(counted, supplier_id, debtor_id, states, to_deal_with)) or 0


def _wanted(
    statement: Select[Any],
    supplier_id: SupplierId,
    debtor_id: DebtorId | None,
    states: Sequence[PromiseState],
    to_deal_with: bool,
) -> Select[Any]:
    statement = statement.where(Promise.supplier_id == supplier_id)
    if debtor_id is not None:
        statement = statement.where(Promise.debtor_id == debtor_id)
    if states:
        statement = statement.where(Promise.state.in_(states))
    if to_deal_with:
        statement = statement.where(Promise.needs_person, Promise.dealt_with_at.is_(None))
    return statement


def promise(
    session: Session,
    supplier_id: SupplierId,
    promise_id: PromiseId,
    *,
    debtor_id: DebtorId | None = None,
) -> PromiseView:
    """Raises NoSuchPromise; with `debtor_id` also for one of another debtor's."""
    statement = select(Promise).where(Promise.supplier_id == supplier_id, Promise.id == promise_id)
    if debtor_id is not None:
        statement = statement.where(Promise.debtor_id == debtor_id)
    row = session.scalar(statement)
    if row is None:
        raise NoSuchPromise(str(promise_id))
    return _views(session, supplier_id, [row])[0]


def _views(session: Session, supplier_id: SupplierId, rows: Sequence[Promise]) -> list[PromiseView]:
    stand = standing_of(session, supplier_id, rows)
    numbers = numbers_of(session, supplier_id, PromiseItem, [row.id for row in rows])
    names = names_of(session, supplier_id, rows)
    return [
        PromiseView(
            id=row.id,
            debtor_id=row.debtor_id,
            debtor_name=names[row.debtor_id],
            contact_name=names.get(row.contact_id, "") if row.contact_id else "",
            amount=row.amount,
            received=stand[row.id].received,
            promised_on=row.promised_on,
            judged_on=row.judged_on,
            state=PromiseState(row.state),
            state_since=row.state_since,
            source=row.source,
            note=row.note,
            needs_person=row.needs_person and row.dealt_with_at is None,
            made_at=row.created_at,
            numbers=tuple(numbers.get(row.id, ())),
        )
        for row in rows
    ]


def names_of(
    session: Session, supplier_id: SupplierId, rows: Sequence[Promise | PaidClaim]
) -> dict[Any, str]:
    """What the debtors and contacts of these are called, by id."""
    names: dict[Any, str] = {}
    for table, ids in (
        (Debtor, {row.debtor_id for row in rows}),
        (Contact, {row.contact_id for row in rows if row.contact_id}),
    ):
        found = session.execute(
            select(table.id, table.name).where(table.supplier_id == supplier_id, table.id.in_(ids))
        )
        names.update({row.id: row.name for row in found})
    return names


def numbers_of(
    session: Session, supplier_id: SupplierId, items: Any, ids: Sequence[Any]
) -> dict[Any, list[str]]:
    owner = items.promise_id if items is PromiseItem else items.claim_id
    rows = session.execute(
        select(owner, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == items.supplier_id) & (Invoice.id == items.invoice_id),
        )
        .where(items.supplier_id == supplier_id, owner.in_(ids))
        .order_by(Invoice.due_on, Invoice.number)
    )
    numbers: dict[Any, list[str]] = defaultdict(list)
    for of, number in rows:
        numbers[of].append(number)
    return numbers


def contact_of_promise(
    session: Session, supplier_id: SupplierId, promise_id: PromiseId
) -> ContactId | None:
    return session.scalar(
        select(Promise.contact_id).where(
            Promise.supplier_id == supplier_id, Promise.id == promise_id
        )
    )


def contact_of_claim(
    session: Session, supplier_id: SupplierId, claim_id: PaidClaimId
) -> ContactId | None:
    return session.scalar(
        select(PaidClaim.contact_id).where(
            PaidClaim.supplier_id == supplier_id, PaidClaim.id == claim_id
        )
    )
