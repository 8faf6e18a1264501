"""Handling a dispute: who answers for it, what is said, until somebody decides (`deciding`)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.disputes.errors import MessageMissing, StepNotPossible
from receivables.disputes.events import (
    ColleagueAsked,
    DebtorWrote,
    DisputeAcknowledged,
    DisputeAssigned,
    DisputeNoted,
    DisputeQuestioned,
    SupplierWrote,
)
from receivables.disputes.reasons import Department
from receivables.disputes.states import (
    UNDECIDED,
    State,
    Step,
    way_to_investigating,
)
from receivables.disputes.steps import Words, hold, items_of, move, said_of, tell, write
from receivables.disputes.tables import Dispute, DisputePolicy
from receivables.history import record
from receivables.ids import DebtorId, DisputeId, StaffId, SupplierId
from receivables.jobs import insert_or_ignore


def take_over(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    staff_id: StaffId,
    *,
    clock: Clock,
) -> None:
    """Somebody answers for it from now on, and looks into it if nobody did yet."""
    dispute = hold(session, supplier_id, dispute_id)
    assign(
        session,
        supplier_id,
        dispute_id,
        owner_id=staff_id,
        department=Department(dispute.department),
        clock=clock,
    )
    if dispute.state in (State.SUBMITTED, State.ACKNOWLEDGED):
        look_into(session, dispute, clock=clock)


def look_into(session: Session, dispute: Dispute, *, clock: Clock) -> None:
    """Take it to `investigating`; the debtor is told when that is how they learn we have it.

    Raises StepNotPossible for one that is decided.
    """
    is_news = dispute.state == State.SUBMITTED
    move(session, dispute, way_to_investigating(State(dispute.state)), clock=clock)
    if is_news:
        happened = DisputeAcknowledged(**said_of(dispute))
        tell(session, dispute, happened, clock=clock, letter="acknowledged")


def assign(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    *,
    owner_id: StaffId | None,
    department: Department,
    clock: Clock,
) -> None:
    """Another person or department answers for it; the database refuses staff of another's."""
    dispute = hold(session, supplier_id, dispute_id)
    if (dispute.owner_id, dispute.department) == (owner_id, department):
        return
    dispute.owner_id, dispute.department = owner_id, department
    session.flush()
    happened = DisputeAssigned(**said_of(dispute), owner_id=owner_id, department=department)
    record(session, happened, clock=clock)


def ask_debtor(
    session: Session, supplier_id: SupplierId, dispute_id: DisputeId, words: Words, *, clock: Clock
) -> None:
    """Ask the debtor something: the clock stands until they answer.

    Raises MessageMissing and StepNotPossible.
    """
    if not words.body:
        raise MessageMissing("a question")
    dispute = hold(session, supplier_id, dispute_id)
    steps = (*way_to_investigating(State(dispute.state)), Step.ASK_DEBTOR)
    move(session, dispute, steps, clock=clock)
    message_id = write(session, dispute, words, side="supplier", clock=clock)
    _answered(dispute, clock)
    happened = DisputeQuestioned(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, letter="questioned", quoting=message_id)


def _answered(dispute: Dispute, clock: Clock) -> None:
    if dispute.answered_at is None:
        dispute.answered_at = clock.now()


def reply(
    session: Session, supplier_id: SupplierId, dispute_id: DisputeId, words: Words, *, clock: Clock
) -> None:
    """Write to the debtor without waiting for them. Raises MessageMissing."""
    if not words:
        raise MessageMissing("a message")
    dispute = hold(session, supplier_id, dispute_id)
    if dispute.state in (State.SUBMITTED, State.ACKNOWLEDGED):
        move(session, dispute, way_to_investigating(State(dispute.state)), clock=clock)
    message_id = write(session, dispute, words, side="supplier", clock=clock)
    _answered(dispute, clock)
    happened = SupplierWrote(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, letter="wrote", quoting=message_id)


def note(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    words: Words,
    *,
    clock: Clock,
    asks_colleague: bool = False,
) -> None:
    """Write something for colleagues alone; `asks_colleague` says that it waits for one of them.

    Raises MessageMissing, and StepNotPossible where a decided dispute should wait.
    """
    if not words:
        raise MessageMissing("a note")
    dispute = hold(session, supplier_id, dispute_id)
    happened: DisputeNoted | ColleagueAsked = DisputeNoted(**said_of(dispute))
    if asks_colleague:
        steps = (*way_to_investigating(State(dispute.state)), Step.ASK_COLLEAGUE)
        move(session, dispute, steps, clock=clock)
        happened = ColleagueAsked(**said_of(dispute))
    write(session, dispute, words, side="supplier", clock=clock, is_internal=True)
    record(session, happened, clock=clock)


def debtor_writes(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    dispute_id: DisputeId,
    words: Words,
    *,
    clock: Clock,
) -> None:
    """The debtor answers, or adds something. Raises MessageMissing and StepNotPossible."""
    if not words:
        raise MessageMissing("a message")
    dispute = hold(session, supplier_id, dispute_id, debtor_id=debtor_id)
    if dispute.state not in UNDECIDED:
        raise StepNotPossible(dispute.state, Step.ANSWER)
    if dispute.state in (State.WAITING_DEBTOR, State.PROPOSED):
        move(session, dispute, (Step.ANSWER,), clock=clock)
        _drop_proposal(session, dispute)
    message_id = write(session, dispute, words, side="debtor", clock=clock)
    happened = DebtorWrote(**said_of(dispute))
    tell(session, dispute, happened, clock=clock, memo="answered", quoting=message_id)


def _drop_proposal(session: Session, dispute: Dispute) -> None:
    for item in items_of(session, dispute):
        item.proposed_minor = None
    session.flush()


def set_policy(session: Session, supplier_id: SupplierId, *, delay_days: int | None) -> None:
    """Within how many days after its date an invoice is to be contested; None: no such time."""
    session.execute(
        insert_or_ignore(session, DisputePolicy).values(supplier_id=supplier_id, delay_days=None)
    )
    policy = session.get_one(DisputePolicy, supplier_id)
    policy.delay_days = delay_days
    session.flush()
