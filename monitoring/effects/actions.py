"""Proposals that solvency gives rise to: made, done, declined, undone.

What is done goes through `receivables.credit`, where plans, reminders and limits read it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.effects import rules
from monitoring.effects.events import EffectDecided, EffectProposed
from monitoring.effects.policies import policy_of
from monitoring.effects.rules import Effect, Wanted
from monitoring.effects.tables import SolvencyProposal
from receivables.clock import Clock, local_date
from receivables.credit import actions as credit
from receivables.credit.queries import standing
from receivables.credit.rules import Standing
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import (
    DebtorId,
    SolvencyEventId,
    SolvencyProposalId,
    StaffId,
    SupplierId,
    new_id,
)
from receivables.jobs import insert_or_ignore
from receivables.ledger.queries import exposure_of
from receivables.money import Money
from receivables.parties import queries as parties
from receivables.parties.tables import Supplier


class NoSuchProposal(NoSuch):
    """The supplier has no such proposal."""


class AlreadyDecided(ReceivablesError):
    """A colleague was faster, or the reason for it has gone; `state` is how it stands."""

    def __init__(self, proposal_id: SolvencyProposalId, state: str) -> None:
        self.proposal_id, self.state = proposal_id, state
        super().__init__(f"proposal {proposal_id} is {state}")


class ChangedSince(ReceivablesError):
    """Somebody has changed it by hand since it was done: there is nothing to put back."""

    def __init__(self, proposal_id: SolvencyProposalId) -> None:
        self.proposal_id = proposal_id
        super().__init__(f"what proposal {proposal_id} did was changed since")


def follow_class(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> list[SolvencyProposalId]:
    """Do or propose what the supplier wants to follow from the debtor's class as it is now."""
    now, supplier, is_person = _situation(session, supplier_id, debtor_id)
    policy = policy_of(session, supplier_id)
    owed = _owed(session, supplier_id, debtor_id, supplier.currency)
    wanted = rules.after_class(policy, now, owed, is_person=is_person)
    if _is_lowered(session, supplier_id, debtor_id, now.limit):
        # Once is enough: a debtor who falls from D to E has the part of the limit that was chosen.
        wanted = [one for one in wanted if one.effect is not Effect.LIMIT]
    if not policy.concerns(now.solvency_class):
        _drop_open(session, supplier_id, debtor_id, prefix="class:")
    today = local_date(clock.now(), supplier.zone)
    if not now.may_help_themselves(today):
        wanted = [one for one in wanted if one.effect is not Effect.PLANS]
    occasion = f"class:{now.solvency_class.value}:{today.isoformat()}"
    return _propose_all(
        session, supplier_id, debtor_id, wanted, occasion, now.solvency_class.value, clock
    )


def follow_insolvency(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    event_id: SolvencyEventId,
    kind: str,
    clock: Clock,
) -> list[SolvencyProposalId]:
    """Propose what follows from an insolvency: no credit, and payment in advance."""
    now, supplier, is_person = _situation(session, supplier_id, debtor_id)
    _drop_open(session, supplier_id, debtor_id, prefix="class:")
    wanted = rules.after_insolvency(
        policy_of(session, supplier_id), now, supplier.currency, is_person=is_person
    )
    return _propose_all(session, supplier_id, debtor_id, wanted, f"event:{event_id}", kind, clock)


def follow_retraction(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    event_id: SolvencyEventId,
    kind: str,
    clock: Clock,
) -> list[SolvencyProposalId]:
    """Ask a person whether demands may go out again; what the event had called for is moot."""
    _drop_open(session, supplier_id, debtor_id, prefix="event:")
    now = standing(session, supplier_id, debtor_id)
    if now.insolvent_on is None:
        return []
    wanted = [Wanted(effect=Effect.RESUME, now=False)]
    return _propose_all(session, supplier_id, debtor_id, wanted, f"event:{event_id}", kind, clock)


def _situation(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> tuple[Standing, Supplier, bool]:
    debtor = parties.debtor(session, supplier_id, debtor_id)
    return (
        standing(session, supplier_id, debtor_id),
        parties.supplier(session, supplier_id),
        debtor.kind == "consumer",
    )


def _owed(session: Session, supplier_id: SupplierId, debtor_id: DebtorId, currency: str) -> Money:
    found = exposure_of(session, supplier_id, debtor_id)
    mine = (one for one in found if one.currency == currency)
    return next(mine, Money.zero(currency))


def _propose_all(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    wanted: list[Wanted],
    occasion: str,
    cause: str,
    clock: Clock,
) -> list[SolvencyProposalId]:
    made = []
    for one in wanted:
        if _waits(session, supplier_id, debtor_id, one.effect):
            continue
        row = {
            "id": new_id(),
            "supplier_id": supplier_id,
            "debtor_id": debtor_id,
            "effect": one.effect.value,
            "occasion": occasion,
            "cause": cause,
            "state": "open",
            "wanted": _as_json(one),
            "before": {},
            "is_automatic": one.now,
            "made_at": clock.now(),
        }
        statement = insert_or_ignore(session, SolvencyProposal).values(row)
        new = session.execute(statement.returning(SolvencyProposal.id)).scalar_one_or_none()
        if new is None:
            continue
        made.append(new)
        if one.now:
            apply(session, supplier_id=supplier_id, proposal_id=new, staff_id=None, clock=clock)
            continue
        record(
            session,
            EffectProposed(
                supplier_id=supplier_id,
                debtor_id=debtor_id,
                proposal_id=new,
                effect=one.effect,
                cause=cause,
            ),
            clock=clock,
        )
    return made


def _waits(session: Session, supplier_id: SupplierId, debtor_id: DebtorId, effect: Effect) -> bool:
    """Whether the same is proposed already, for whatever reason."""
    return (
        session.scalar(
            select(SolvencyProposal.id).where(
                SolvencyProposal.supplier_id == supplier_id,
                SolvencyProposal.debtor_id == debtor_id,
                SolvencyProposal.effect == effect.value,
                SolvencyProposal.state == "open",
            )
        )
        is not None
    )


def _is_lowered(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, limit: Money | None
) -> bool:
    """Whether the limit is what a class made of it before."""
    done = session.scalars(
        select(SolvencyProposal.wanted).where(
            SolvencyProposal.supplier_id == supplier_id,
            SolvencyProposal.debtor_id == debtor_id,
            SolvencyProposal.effect == Effect.LIMIT.value,
            SolvencyProposal.state == "applied",
            SolvencyProposal.occasion.startswith("class:", autoescape=True),
        )
    )
    return limit is not None and any(limit_of(one) == limit for one in done)


def _as_json(one: Wanted) -> dict[str, Any]:
    return {} if one.limit is None else _limit_json(one.limit)


def _limit_json(limit: Money | None) -> dict[str, Any]:
    return {"minor": None if limit is None else limit.minor,
            "currency": None if limit is None else limit.currency}  # fmt: skip


def limit_of(kept: dict[str, Any]) -> Money | None:
    """The limit in what a proposal wants, or in what stood before it."""
    if kept.get("minor") is None:
        return None
    return Money(kept["minor"], kept["currency"])


def _drop_open(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, prefix: str
) -> None:
    """The reason for them has gone."""
    session.execute(
        update(SolvencyProposal)
        .where(
            SolvencyProposal.supplier_id == supplier_id,
            SolvencyProposal.debtor_id == debtor_id,
            SolvencyProposal.state == "open",
            SolvencyProposal.occasion.startswith(prefix, autoescape=True),
        )
        .values(state="obsolete")
    )


def apply(
    session: Session,
    *,
    supplier_id: SupplierId,
    proposal_id: SolvencyProposalId,
    staff_id: StaffId | None,
    clock: Clock,
) -> None:
    """Do what was proposed; `staff_id` is who agreed, None by itself. Raises NoSuchProposal and
    AlreadyDecided.
    """
    row = _locked(session, supplier_id, proposal_id, "open")
    row.before = _do(session, row, clock)
    _decide(session, row, "applied", staff_id, clock)


def decline(
    session: Session,
    *,
    supplier_id: SupplierId,
    proposal_id: SolvencyProposalId,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """Leave things as they are. Raises NoSuchProposal and AlreadyDecided."""
    _decide(
        session, _locked(session, supplier_id, proposal_id, "open"), "declined", staff_id, clock
    )


def undo(
    session: Session,
    *,
    supplier_id: SupplierId,
    proposal_id: SolvencyProposalId,
    staff_id: StaffId,
    clock: Clock,
) -> None:
    """Put back what stood before. Raises NoSuchProposal, AlreadyDecided (also for what was not
    done) and ChangedSince.
    """
    row = _locked(session, supplier_id, proposal_id, "applied")
    _undo(session, row, clock)
    _decide(session, row, "undone", staff_id, clock)


def _do(session: Session, row: SolvencyProposal, clock: Clock) -> dict[str, Any]:
    """Returns what stood before."""
    now = standing(session, row.supplier_id, row.debtor_id)
    whose: dict[str, Any] = {
        "supplier_id": row.supplier_id, "debtor_id": row.debtor_id, "clock": clock,
    }  # fmt: skip
    today = _today(session, row, clock)
    match Effect(row.effect):
        case Effect.LIMIT:
            credit.set_limit(session, limit=limit_of(row.wanted), **whose)
            return _limit_json(now.limit)
        case Effect.PREPAYMENT:
            credit.set_prepayment(session, since=today, **whose)
            return _day_json(now.prepayment_since)
        case Effect.PLANS:
            until = today + timedelta(days=rules.PLANS_DAYS)
            credit.block_self_service(session, until=until, **whose)
            return _day_json(now.self_service_blocked_until)
        case Effect.RESUME:
            credit.retract_insolvency(session, **whose)
            return _day_json(now.insolvent_on)


def _undo(session: Session, row: SolvencyProposal, clock: Clock) -> None:
    now = standing(session, row.supplier_id, row.debtor_id)
    whose: dict[str, Any] = {
        "supplier_id": row.supplier_id, "debtor_id": row.debtor_id, "clock": clock,
    }  # fmt: skip
    before = row.before.get("day")
    match Effect(row.effect):
        case Effect.LIMIT:
            if now.limit != limit_of(row.wanted):
                raise ChangedSince(row.id)
            credit.set_limit(session, limit=limit_of(row.before), **whose)
        case Effect.PREPAYMENT:
            if now.prepayment_since is None:
                raise ChangedSince(row.id)
            credit.set_prepayment(session, since=None, **whose)
        case Effect.PLANS:
            if before is None:
                credit.open_self_service(session, **whose)
        case Effect.RESUME:
            if now.insolvent_on is not None or before is None:
                raise ChangedSince(row.id)
            credit.note_insolvency(session, insolvent_on=date.fromisoformat(before), **whose)


def _day_json(day: date | None) -> dict[str, Any]:
    return {"day": None if day is None else day.isoformat()}


def _today(session: Session, row: SolvencyProposal, clock: Clock) -> date:
    return local_date(clock.now(), parties.supplier(session, row.supplier_id).zone)


def _locked(
    session: Session, supplier_id: SupplierId, proposal_id: SolvencyProposalId, state: str
) -> SolvencyProposal:
    row = session.scalar(
        select(SolvencyProposal)
        .where(SolvencyProposal.supplier_id == supplier_id, SolvencyProposal.id == proposal_id)
        .with_for_update()
    )
    if row is None:
        raise NoSuchProposal(str(proposal_id))
    if row.state != state:
        raise AlreadyDecided(proposal_id, row.state)
    return row


def _decide(
    session: Session, row: SolvencyProposal, state: str, staff_id: StaffId | None, clock: Clock
) -> None:
    row.state, row.decided_by, row.decided_at = state, staff_id, clock.now()
    session.flush()
    record(
        session,
        EffectDecided(
            supplier_id=row.supplier_id,
            debtor_id=row.debtor_id,
            proposal_id=row.id,
            effect=row.effect,
            state=state,
            is_automatic=row.is_automatic and state == "applied",
        ),
        clock=clock,
    )
