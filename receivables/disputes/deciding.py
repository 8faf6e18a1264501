"""How a dispute ends: decided by the supplier, agreed, taken back, run out; and begun once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.disputes import rules
from receivables.disputes.errors import (
    AlreadyDisputed,
    MessageMissing,
    NothingToDispute,
    ReopenedAlready,
    StepNotPossible,
)
from receivables.disputes.events import (
    DisputeClosed,
    DisputeDecided,
    DisputeExpired,
    DisputeProposed,
    DisputeReopened,
    DisputeWithdrawn,
    InvoiceDisputeDecided,
)
from receivables.disputes.states import State, Step, way_to_a_decision, way_to_investigating
from receivables.disputes.steps import (
    NO_WORDS,
    Memo,
    Words,
    hold,
    items_of,
    move,
    said_of,
    tell,
    write,
)
from receivables.disputes.tables import Dispute, DisputeItem
from receivables.history import record
from receivables.ids import DebtorId, DisputeId, InvoiceId, SupplierId
from receivables.invoices import queries as invoices
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import lock_invoices
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.workdays import WEEKDAYS, Calendar

#: What is upheld of each invoice that is disputed; one that is left out: nothing.
Upheld = Mapping[InvoiceId, Money]


def _open_items(session: Session, dispute: Dispute) -> list[DisputeItem]:
    return [item for item in items_of(session, dispute) if item.is_open]


def _parts(items: Sequence[DisputeItem], upheld: Upheld) -> list[tuple[Money, Money]]:
    return [
        (item.disputed, upheld.get(item.invoice_id, Money.zero(item.disputed.currency)))
        for item in items
    ]


def propose(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    upheld: Upheld,
    words: Words,
    *,
    clock: Clock,
) -> None:
    """Offer to uphold so much; the debtor may agree, or write back.

    Raises UpheldTooMuch, MessageMissing where nothing is offered, and StepNotPossible.
    """
    dispute = hold(session, supplier_id, dispute_id)
    items = _open_items(session, dispute)
    steps = (*way_to_investigating(State(dispute.state)), Step.PROPOSE)
    offered = rules.verdict(_parts(items, upheld)).upheld
    if not offered and not words.body:
        raise MessageMissing("an offer of nothing")
    move(session, dispute, steps, clock=clock)
    for item, (_, part) in zip(items, _parts(items, upheld), strict=True):
        item.proposed_minor = part.minor
    message_id = write(session, dispute, words, side="supplier", clock=clock)
    dispute.answered_at = dispute.answered_at or clock.now()
    happened = DisputeProposed(**said_of(dispute), amount=offered)
    tell(session, dispute, happened, clock=clock, letter="proposed", quoting=message_id)


def agree(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    dispute_id: DisputeId,
    *,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> None:
    """The debtor agrees to what was proposed. Raises StepNotPossible when nothing is."""
    dispute = hold(session, supplier_id, dispute_id, debtor_id=debtor_id)
    items = _open_items(session, dispute)
    if dispute.state != State.PROPOSED:
        raise StepNotPossible(dispute.state, Step.ACCEPT)
    offered = {
        item.invoice_id: Money(item.proposed_minor or 0, item.disputed.currency) for item in items
    }
    _decide(
        session, dispute, items, offered, NO_WORDS, memo="agreed", clock=clock, calendar=calendar
    )


def decide(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    upheld: Upheld,
    words: Words,
    *,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> None:
    """Uphold all, a part or nothing. What is upheld waits for the credit note of the supplier's
    books; the rest is asked for again after some days of grace, as it stood.

    Raises UpheldTooMuch, StepNotPossible, and MessageMissing unless all is upheld.
    """
    dispute = hold(session, supplier_id, dispute_id)
    items = _open_items(session, dispute)
    way_to_a_decision(State(dispute.state))
    if rules.verdict(_parts(items, upheld)).step is not Step.ACCEPT and not words.body:
        raise MessageMissing("a decision against the debtor")
    _decide(session, dispute, items, upheld, words, memo=None, clock=clock, calendar=calendar)


def _decide(
    session: Session,
    dispute: Dispute,
    items: Sequence[DisputeItem],
    upheld: Upheld,
    words: Words,
    *,
    memo: Memo | None,
    clock: Clock,
    calendar: Calendar,
) -> None:
    lock_invoices(session, dispute.supplier_id, [item.invoice_id for item in items])
    parts = _parts(items, upheld)
    verdict = rules.verdict(parts)
    steps = [*way_to_a_decision(State(dispute.state)), verdict.step]
    if verdict.upheld:
        steps.append(Step.AWAIT_CREDIT_NOTE)
    move(session, dispute, steps, clock=clock)
    for item, (_, part) in zip(items, parts, strict=True):
        item.upheld_minor, item.credited_minor, item.is_open = part.minor, 0, bool(part)
    outcome = {
        Step.ACCEPT: State.ACCEPTED,
        Step.ACCEPT_IN_PART: State.ACCEPTED_IN_PART,
        Step.REJECT: State.REJECTED,
    }[verdict.step]
    _end(session, dispute, items, outcome, clock=clock, calendar=calendar)
    message_id = write(session, dispute, words, side="supplier", clock=clock) if words else None
    decided = DisputeDecided(**said_of(dispute), outcome=outcome, amount=verdict.upheld)
    tell(session, dispute, decided, clock=clock, letter="decided", memo=memo, quoting=message_id)
    for item in items:
        of_invoice = InvoiceDisputeDecided(
            **said_of(dispute), invoice_id=item.invoice_id, amount=item.upheld
        )
        record(session, of_invoice, clock=clock)


def _end(
    session: Session,
    dispute: Dispute,
    items: Sequence[DisputeItem],
    outcome: State,
    *,
    clock: Clock,
    calendar: Calendar,
) -> None:
    """Write down how it ended; what is not upheld of it has its days of grace."""
    supplier = supplier_of(session, dispute.supplier_id)
    today = local_date(clock.now(), supplier.zone)
    until = rules.grace_until(today, country=supplier.country, calendar=calendar)
    dispute.decided_at, dispute.decided_on, dispute.outcome = clock.now(), today, outcome
    dispute.answered_at = dispute.answered_at or dispute.decided_at
    for item in items:
        item.proposed_minor = None
        item.grace_until = until if item.upheld < item.disputed else None
    session.flush()


def withdraw(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    dispute_id: DisputeId,
    *,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> None:
    """The debtor takes it back. Raises StepNotPossible once it is decided."""
    dispute = hold(session, supplier_id, dispute_id, debtor_id=debtor_id)
    _drop(session, dispute, Step.WITHDRAW, clock=clock, calendar=calendar)
    happened = DisputeWithdrawn(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, letter="withdrawn", memo="withdrawn")


def expire(
    session: Session, dispute: Dispute, *, clock: Clock, calendar: Calendar = WEEKDAYS
) -> None:
    """The debtor was asked, reminded twice, and did not answer."""
    _drop(session, dispute, Step.EXPIRE, clock=clock, calendar=calendar)
    happened = DisputeExpired(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, letter="expired", memo="expired")


def _drop(
    session: Session, dispute: Dispute, step: Step, *, clock: Clock, calendar: Calendar
) -> None:
    """End it with nothing upheld."""
    items = _open_items(session, dispute)
    move(session, dispute, (step,), clock=clock)
    for item in items:
        item.upheld_minor, item.is_open = 0, False
    _end(session, dispute, items, State(dispute.state), clock=clock, calendar=calendar)


def reopen(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    dispute_id: DisputeId,
    words: Words,
    *,
    clock: Clock,
) -> None:
    """The debtor has another word, once: what was not upheld and is still open is disputed again.

    Raises MessageMissing, ReopenedAlready, AlreadyDisputed and NothingToDispute.
    """
    if not words.body:
        raise MessageMissing("another word")
    dispute = hold(session, supplier_id, dispute_id, debtor_id=debtor_id)
    supplier = supplier_of(session, supplier_id)
    today = local_date(clock.now(), supplier.zone)
    if not rules.may_reopen(
        State(dispute.state),
        times=dispute.times_reopened,
        decided_on=dispute.decided_on,
        today=today,
    ):
        raise ReopenedAlready
    _contest_again(session, dispute)
    move(session, dispute, (Step.REOPEN,), clock=clock)
    dispute.times_reopened, dispute.clock_from = 1, clock.now()
    dispute.answered_at = dispute.decided_at = None
    dispute.decided_on = dispute.outcome = None
    write(session, dispute, words, side="debtor", clock=clock)
    happened = DisputeReopened(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, letter="reopened", memo="reopened")


def _contest_again(session: Session, dispute: Dispute) -> None:
    items = items_of(session, dispute)
    ids = [item.invoice_id for item in items]
    lock_invoices(session, dispute.supplier_id, ids)
    elsewhere = session.scalar(
        select(Invoice.number)
        .join(
            DisputeItem,
            (DisputeItem.supplier_id == Invoice.supplier_id)
            & (DisputeItem.invoice_id == Invoice.id),
        )
        .where(
            DisputeItem.supplier_id == dispute.supplier_id,
            DisputeItem.invoice_id.in_(ids),
            DisputeItem.is_open,
        )
    )
    if elsewhere is not None:
        raise AlreadyDisputed(elsewhere)
    outstanding = outstanding_of(session, dispute.supplier_id, ids)
    for item in items:
        left = min(item.disputed - item.upheld, outstanding[item.invoice_id])
        if left.minor > 0:
            item.disputed, item.is_open = left, True
            item.upheld_minor = item.grace_until = None
            item.credited_minor = 0
    if not any(item.is_open for item in items):
        raise NothingToDispute
    session.flush()


def close(
    session: Session, supplier_id: SupplierId, dispute_id: DisputeId, *, clock: Clock
) -> None:
    """Nothing is left to be done: the credit note came another way, or the time for another word
    is over. Raises StepNotPossible for one that is not decided.
    """
    dispute = hold(session, supplier_id, dispute_id)
    is_news = dispute.state == State.AWAITING_CREDIT_NOTE
    move(session, dispute, (Step.CLOSE,), clock=clock)
    for item in items_of(session, dispute):
        item.is_open = False
    happened = DisputeClosed(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, letter="closed" if is_news else None)


def take_credit_note(
    session: Session, supplier_id: SupplierId, credit_note_id: InvoiceId, *, clock: Clock
) -> None:
    """A credit note was taken in: what waits for it has it, and is closed when that is all.

    It counts for the invoice it names; one that names none, for the debtor's only dispute that
    waits for exactly this amount.
    """
    credit_note = invoices.of_supplier(session, supplier_id, credit_note_id)
    waiting = (
        select(DisputeItem)
        .join(
            Dispute,
            (Dispute.supplier_id == DisputeItem.supplier_id)
            & (Dispute.id == DisputeItem.dispute_id),
        )
        .join(
            Invoice,
            (Invoice.supplier_id == DisputeItem.supplier_id)
            & (Invoice.id == DisputeItem.invoice_id),
        )
        .where(
            DisputeItem.supplier_id == supplier_id,
            DisputeItem.is_open,
            Dispute.debtor_id == credit_note.debtor_id,
            Dispute.state == State.AWAITING_CREDIT_NOTE,
        )
    )
    if credit_note.preceding_number is not None:
        found = session.scalars(waiting.where(Invoice.number == credit_note.preceding_number)).all()
    else:
        found = [
            item for item in session.scalars(waiting) if item.not_credited == credit_note.total
        ]
    if len(found) != 1:
        return
    (item,) = found
    dispute = hold(session, supplier_id, item.dispute_id)
    item.credited_minor += credit_note.total.minor
    item.is_open = bool(item.not_credited)
    session.flush()
    if not any(one.is_open for one in items_of(session, dispute)):
        close(session, supplier_id, dispute.id, clock=clock)
