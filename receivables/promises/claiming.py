""" "I have already paid": the debtor is believed for five working days, and somebody looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.history import record
from receivables.ids import ContactId, DebtorId, InvoiceId, PaidClaimId, SupplierId, new_id
from receivables.ledger.actions import book_transfer, lock_debtor_invoices
from receivables.ledger.queries import open_items, outstanding_of
from receivables.ledger.rules import spread
from receivables.money import Money
from receivables.parties.queries import debtor as debtor_of
from receivables.parties.queries import supplier as supplier_of
from receivables.promises.errors import (
    AlreadyBooked,
    AlreadyClaimed,
    ClaimDecided,
    NoSuchClaim,
    NothingChosen,
    PaidOnImpossible,
    PromisesNothing,
    PromisesTooMuch,
)
from receivables.promises.events import (
    ClaimApproved,
    ClaimEvent,
    ClaimMatched,
    ClaimNotFound,
    ClaimRefused,
    SaidToBePaid,
)
from receivables.promises.rules import OLDEST_PAYMENT, ClaimState, believed_until
from receivables.promises.tables import PaidClaim, PaidClaimItem
from receivables.workdays import WEEKDAYS, Calendar

#: What can still be matched: also what nobody found in time.
_UNDECIDED = (ClaimState.OPEN, ClaimState.TO_APPROVE)
_MATCHABLE = (*_UNDECIDED, ClaimState.LAPSED, ClaimState.NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaim:
    """What a debtor says: `amount` was paid on a day with this reference."""

    invoice_ids: Sequence[InvoiceId]
    amount: Money
    paid_on: date
    reference: str
    note: str = ""
    contact_id: ContactId | None = None


def claim_paid(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewClaim,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> PaidClaimId:
    """Write down that invoices are said to be paid. They are left alone for five working days;
    a second declaration about one of them waits for the supplier's yes, and holds nothing.

    Raises NothingChosen, PromisesNothing, PaidOnImpossible and AlreadyClaimed.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    if not today - OLDEST_PAYMENT <= new.paid_on <= today:
        raise PaidOnImpossible(str(new.paid_on))
    if new.amount.minor <= 0:
        raise PromisesNothing(str(new.amount))
    wanted = frozenset(new.invoice_ids)
    items = [
        item
        for item in open_items(session, supplier_id, debtor_id)
        if item.invoice_id in wanted and item.outstanding.currency == new.amount.currency
    ]
    if not items:
        raise NothingChosen(f"{len(wanted)} invoices")
    earlier = _claimed_before(session, supplier_id, [item.invoice_id for item in items])
    for item in items:
        if item.invoice_id in earlier.live:
            raise AlreadyClaimed(item.number)
    shares, _ = spread(new.amount, [], {item.invoice_id: item.outstanding for item in items})
    needs_approval = any(invoice_id in earlier.ever for invoice_id in shares)
    country = debtor_of(session, supplier_id, debtor_id).country
    until = None if needs_approval else believed_until(today, country=country, calendar=calendar)
    return _write_down(session, supplier_id, debtor_id, new, shares, until, clock=clock)


@dataclass(frozen=True, slots=True)
class _Earlier:
    live: frozenset[InvoiceId]
    ever: frozenset[InvoiceId]


def _claimed_before(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> _Earlier:
    rows = session.execute(
        select(PaidClaimItem.invoice_id, PaidClaimItem.live).where(
            PaidClaimItem.supplier_id == supplier_id, PaidClaimItem.invoice_id.in_(invoice_ids)
        )
    ).all()
    return _Earlier(
        live=frozenset(row.invoice_id for row in rows if row.live),
        ever=frozenset(row.invoice_id for row in rows),
    )


def _write_down(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewClaim,
    shares: dict[InvoiceId, Money],
    until: date | None,
    *,
    clock: Clock,
) -> PaidClaimId:
    claim_id, now = PaidClaimId(new_id()), clock.now()
    row = PaidClaim(
        id=claim_id,
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        contact_id=new.contact_id,
        amount=new.amount,
        paid_on=new.paid_on,
        reference=new.reference,
        note=new.note,
        state=ClaimState.OPEN if until else ClaimState.TO_APPROVE,
        state_since=now,
        held_until=until,
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        PaidClaimItem(
            claim_id=claim_id,
            invoice_id=invoice_id,
            supplier_id=supplier_id,
            amount_minor=share.minor,
            live=True,
        )
        for invoice_id, share in shares.items()
    )
    session.flush()
    said = _said(session, SaidToBePaid, row, paid_on=new.paid_on, needs_approval=until is None)
    record(session, said, clock=clock)
    return claim_id


def _said(session: Session, kind: type[ClaimEvent], row: PaidClaim, **more: object) -> ClaimEvent:
    about = _invoices_of(session, row)
    return kind(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        invoice_id=about[0] if len(about) == 1 else None,
        claim_id=row.id,
        amount=row.amount,
        **more,
    )


def _invoices_of(session: Session, row: PaidClaim) -> list[InvoiceId]:
    return list(
        session.scalars(
            select(PaidClaimItem.invoice_id)
            .where(PaidClaimItem.supplier_id == row.supplier_id, PaidClaimItem.claim_id == row.id)
            .order_by(PaidClaimItem.invoice_id)
        )
    )


def _held(
    session: Session,
    supplier_id: SupplierId,
    claim_id: PaidClaimId,
    *,
    among: Iterable[ClaimState],
) -> PaidClaim:
    """The declaration, nobody else's until the transaction ends. Raises NoSuchClaim, and
    ClaimDecided when it is in another state.
    """
    row = session.scalar(
        select(PaidClaim)
        .where(PaidClaim.supplier_id == supplier_id, PaidClaim.id == claim_id)
        .with_for_update()
    )
    if row is None:
        raise NoSuchClaim(str(claim_id))
    if row.state not in tuple(among):
        raise ClaimDecided(row.state)
    return row


def _end(session: Session, row: PaidClaim, state: ClaimState, *, clock: Clock) -> None:
    row.state, row.state_since = state, clock.now()
    session.execute(
        update(PaidClaimItem)
        .where(PaidClaimItem.supplier_id == row.supplier_id, PaidClaimItem.claim_id == row.id)
        .values(live=False)
        .execution_options(synchronize_session=False)
    )
    session.flush()


def approve(
    session: Session,
    supplier_id: SupplierId,
    claim_id: PaidClaimId,
    *,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> None:
    """Believe a second declaration, for five working days from now.

    Raises NoSuchClaim and ClaimDecided.
    """
    row = _held(session, supplier_id, claim_id, among=(ClaimState.TO_APPROVE,))
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    country = debtor_of(session, supplier_id, row.debtor_id).country
    row.state, row.state_since = ClaimState.OPEN, clock.now()
    row.held_until = believed_until(today, country=country, calendar=calendar)
    record(session, _said(session, ClaimApproved, row), clock=clock)


def refuse(
    session: Session, supplier_id: SupplierId, claim_id: PaidClaimId, *, clock: Clock
) -> None:
    """Do not believe a second declaration; the debtor is asked for a proof.

    Raises NoSuchClaim and ClaimDecided.
    """
    row = _held(session, supplier_id, claim_id, among=(ClaimState.TO_APPROVE,))
    _end(session, row, ClaimState.REFUSED, clock=clock)
    record(session, _said(session, ClaimRefused, row), clock=clock)


def not_found(
    session: Session, supplier_id: SupplierId, claim_id: PaidClaimId, *, clock: Clock
) -> None:
    """The money is not there; the debtor is asked for a proof.

    Raises NoSuchClaim and ClaimDecided.
    """
    row = _held(session, supplier_id, claim_id, among=_UNDECIDED)
    _end(session, row, ClaimState.NOT_FOUND, clock=clock)
    record(session, _said(session, ClaimNotFound, row, in_time=True), clock=clock)


def match(
    session: Session,
    supplier_id: SupplierId,
    claim_id: PaidClaimId,
    *,
    amount: Money,
    reference: str,
    booked_on: date,
    clock: Clock,
) -> None:
    """The money is there: book it against the declaration's invoices, the oldest first.

    `reference` names the bank's line. Raises AlreadyBooked when one of its name stands in the
    books, PromisesTooMuch when it is more than is outstanding on them, and NoSuchClaim,
    ClaimDecided, PromisesNothing and PaidOnImpossible.
    """
    row = _held(session, supplier_id, claim_id, among=_MATCHABLE)
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    if not today - OLDEST_PAYMENT <= booked_on <= today:
        raise PaidOnImpossible(str(booked_on))
    if amount.minor <= 0 or amount.currency != row.amount.currency:
        raise PromisesNothing(str(amount))
    lock_debtor_invoices(session, supplier_id, row.debtor_id)
    mine = frozenset(_invoices_of(session, row))
    outstanding = {
        item.invoice_id: item.outstanding
        for item in open_items(session, supplier_id, row.debtor_id)
        if item.invoice_id in mine
    }
    shares, left = spread(amount, [], outstanding)
    if left:
        raise PromisesTooMuch(amount, amount - left)
    for invoice_id, share in shares.items():
        booked = book_transfer(
            session,
            supplier_id=supplier_id,
            debtor_id=row.debtor_id,
            invoice_id=invoice_id,
            amount=share,
            reference=reference,
            booked_on=booked_on,
            clock=clock,
        )
        if not booked:
            raise AlreadyBooked(reference)
    _end(session, row, ClaimState.MATCHED, clock=clock)
    record(session, _said(session, ClaimMatched, row), clock=clock)


def close_settled(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, clock: Clock
) -> None:
    """Close the declarations whose invoices are paid meanwhile, however they were."""
    rows = session.scalars(
        select(PaidClaim)
        .where(
            PaidClaim.supplier_id == supplier_id,
            PaidClaim.debtor_id == debtor_id,
            PaidClaim.state.in_(_MATCHABLE),
        )
        .order_by(PaidClaim.id)
        .with_for_update()
    ).all()
    for row in rows:
        if not any(outstanding_of(session, supplier_id, _invoices_of(session, row)).values()):
            _end(session, row, ClaimState.MATCHED, clock=clock)
            record(session, _said(session, ClaimMatched, row), clock=clock)


def lapse(
    session: Session, supplier_id: SupplierId, today: date, *, most: int, clock: Clock
) -> int:
    """End the declarations nobody found the money of in time; how many there were."""
    rows = session.scalars(
        select(PaidClaim)
        .where(
            PaidClaim.supplier_id == supplier_id,
            PaidClaim.state == ClaimState.OPEN,
            PaidClaim.held_until < today,
        )
        .order_by(PaidClaim.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _end(session, row, ClaimState.LAPSED, clock=clock)
        record(session, _said(session, ClaimNotFound, row, in_time=False), clock=clock)
    return len(rows)
