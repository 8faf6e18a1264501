"""Tasks from what debtors asked for, promised, said and contest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.disputes.rules import Term, Timing, due_on, is_overdue
from receivables.disputes.states import UNDECIDED, State
from receivables.disputes.tables import Dispute, DisputeItem, DisputeStep
from receivables.money import Money
from receivables.parties.contacts import ProposalState
from receivables.parties.tables import ContactProposal
from receivables.plans.states import STANDING, PlanState
from receivables.plans.tables import InstalmentRow, Plan
from receivables.promises.rules import ClaimState
from receivables.promises.tables import PaidClaim, Promise
from receivables.workdays import working_days_later
from receivables.worklist.rules import Kind, Task
from receivables.worklist.sources.asking import Asked


def broken_promises(session: Session, asked: Asked) -> list[Task]:
    """Broken promises that a person should follow up, and nobody has."""
    rows = session.execute(
        select(
            Promise.id, Promise.debtor_id, Promise.amount, Promise.promised_on, Promise.state_since
        ).where(
            Promise.supplier_id == asked.supplier_id,
            Promise.needs_person,
            Promise.dealt_with_at.is_(None),
        )
    )
    return [
        Task(
            kind=Kind.BROKEN_PROMISE,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.state_since,
            episode=row.state_since.isoformat(),
            facts={"amount": row.amount, "promised_on": row.promised_on},
        )
        for row in rows
    ]


def claims(session: Session, asked: Asked) -> list[Task]:
    """What is said to be paid and was not found, or waits for a yes."""
    rows = session.execute(
        select(
            PaidClaim.id,
            PaidClaim.debtor_id,
            PaidClaim.amount,
            PaidClaim.paid_on,
            PaidClaim.reference,
            PaidClaim.state,
            PaidClaim.state_since,
            PaidClaim.held_until,
        ).where(
            PaidClaim.supplier_id == asked.supplier_id,
            PaidClaim.state.in_((ClaimState.OPEN, ClaimState.TO_APPROVE)),
        )
    )
    return [
        Task(
            kind=Kind.CLAIM,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.state_since,
            due_on=row.held_until,
            episode=row.state_since.isoformat(),
            matter=(row.amount,),
            facts={
                "amount": row.amount,
                "paid_on": row.paid_on,
                "reference": row.reference,
                "is_second": row.state == ClaimState.TO_APPROVE,
            },
        )
        for row in rows
    ]


#: In which disputes it is the supplier's turn.
_OURS = tuple(UNDECIDED - {State.WAITING_DEBTOR, State.PROPOSED})


def disputes(session: Session, asked: Asked) -> list[Task]:
    """Disputes of which a term ends today or has ended; urgent ones from the first day."""
    amounts, currency = DisputeItem.__table__.c.disputed_minor, DisputeItem.__table__.c.currency
    rows = session.execute(
        select(
            Dispute.id,
            Dispute.debtor_id,
            Dispute.number,
            Dispute.owner_id,
            Dispute.is_urgent,
            Dispute.clock_from,
            Dispute.acknowledged_at,
            Dispute.answered_at,
            func.sum(amounts).label("minor"),
            func.min(currency).label("currency"),
        )
        .join(
            DisputeItem,
            (DisputeItem.supplier_id == Dispute.supplier_id)
            & (DisputeItem.dispute_id == Dispute.id),
        )
        .where(Dispute.supplier_id == asked.supplier_id, Dispute.state.in_(_OURS))
        .group_by(Dispute.id)
    ).all()
    waits = _waits(session, asked)
    found = [_dispute(row, waits.get(row.id, ()), asked) for row in rows]
    return [task for task in found if task is not None]


def _dispute(
    row: Any, pauses: Sequence[tuple[datetime, datetime | None]], asked: Asked
) -> Task | None:
    timing = Timing(
        since=row.clock_from,
        acknowledged_at=row.acknowledged_at,
        answered_at=row.answered_at,
        decided_at=None,
        pauses=tuple(pauses),
        zone=asked.zone,
        country=asked.country,
    )
    term = next(timing.running())
    ends_on = due_on(timing, term, asked.now, calendar=asked.calendar)
    late = is_overdue(timing, asked.now, calendar=asked.calendar)
    if not (late or row.is_urgent or (ends_on is not None and ends_on <= asked.today)):
        return None
    if late and ends_on is not None:
        # The next term may have begun to run while an earlier one is over: the day of that counts.
        ends_on = min(ends_on, asked.today - timedelta(days=1))
    return Task(
        kind=Kind.DISPUTE,
        subject_id=row.id,
        debtor_id=row.debtor_id,
        since=row.clock_from,
        due_on=ends_on,
        episode=f"{row.clock_from.isoformat()} {term}",
        matter=(Money(int(row.minor), row.currency),),
        staff_id=row.owner_id,
        facts={
            "number": f"D-{row.number:04}",
            "term": Term(term),
            "is_late": late,
            "is_urgent": row.is_urgent,
        },
    )


def _waits(session: Session, asked: Asked) -> dict[UUID, list[tuple[datetime, datetime | None]]]:
    """When each of the disputes waited for its debtor."""
    steps = session.execute(
        select(
            DisputeStep.dispute_id,
            DisputeStep.state_before,
            DisputeStep.state_after,
            DisputeStep.at,
        )
        .join(
            Dispute,
            (Dispute.supplier_id == DisputeStep.supplier_id)
            & (Dispute.id == DisputeStep.dispute_id),
        )
        .where(
            DisputeStep.supplier_id == asked.supplier_id,
            Dispute.state.in_(_OURS),
            (DisputeStep.state_before == State.WAITING_DEBTOR)
            | (DisputeStep.state_after == State.WAITING_DEBTOR),
        )
        .order_by(DisputeStep.at, DisputeStep.id)
    )
    found: dict[UUID, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for step in steps:
        if step.state_before == State.WAITING_DEBTOR and found[step.dispute_id]:
            since, _ = found[step.dispute_id].pop()
            found[step.dispute_id].append((since, step.at))
        if step.state_after == State.WAITING_DEBTOR:
            found[step.dispute_id].append((step.at, None))
    return found


def plans(session: Session, asked: Asked) -> list[Task]:
    """Plans that were asked for and wait for a person's answer."""
    rows = session.execute(
        select(Plan.id, Plan.debtor_id, Plan.total, Plan.state_since, Plan.answer_due_on).where(
            Plan.supplier_id == asked.supplier_id, Plan.state == PlanState.PROPOSED
        )
    )
    return [
        Task(
            kind=Kind.PLAN,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.state_since,
            due_on=row.answer_due_on,
            episode=row.state_since.isoformat(),
            facts={"amount": row.total},
        )
        for row in rows
    ]


def charges(session: Session, asked: Asked) -> list[Task]:
    """Plans of which an instalment could not be charged, and a person is to see to it."""
    rows = session.execute(
        select(
            Plan.id,
            Plan.debtor_id,
            InstalmentRow.id.label("instalment_id"),
            InstalmentRow.amount,
            InstalmentRow.due_on,
        )
        .join(
            Plan,
            (Plan.supplier_id == InstalmentRow.supplier_id) & (Plan.id == InstalmentRow.plan_id),
        )
        .where(
            InstalmentRow.supplier_id == asked.supplier_id,
            InstalmentRow.needs == "person",
            Plan.state.in_(STANDING),
        )
    )
    return [
        Task(
            kind=Kind.CHARGE,
            subject_id=row.instalment_id,
            debtor_id=row.debtor_id,
            due_on=row.due_on,
            matter=(row.amount,),
            facts={"amount": row.amount, "due_on": row.due_on, "plan_id": row.id},
        )
        for row in rows
    ]


#: How long somebody who asked for a change waits. Our proposal.
_PROPOSAL_DAYS = 3


def proposals(session: Session, asked: Asked) -> list[Task]:
    """Changes of contacts that the supplier has to agree to."""
    rows = session.execute(
        select(
            ContactProposal.id,
            ContactProposal.debtor_id,
            ContactProposal.kind,
            ContactProposal.state_since,
        ).where(
            ContactProposal.supplier_id == asked.supplier_id,
            ContactProposal.state == ProposalState.TO_APPROVE,
        )
    )
    return [
        Task(
            kind=Kind.PROPOSAL,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.state_since,
            due_on=_answer_by(row.state_since.date(), asked),
            episode=row.state_since.isoformat(),
            facts={"kind": row.kind},
        )
        for row in rows
    ]


def _answer_by(since: date, asked: Asked) -> date:
    return working_days_later(since, _PROPOSAL_DAYS, country=asked.country, calendar=asked.calendar)
