"""Planned messages become rows: one for each channel of an execution, the steps with the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.events import ReminderDue, ReminderVetoed, ReminderWaiting, StepDue
from receivables.dunning.facts import FILE
from receivables.dunning.items import Line, Task, Verdict
from receivables.dunning.planning import Case, Planned
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND
from receivables.dunning.steps import Step
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.dunning.windows import Window
from receivables.history import record
from receivables.ids import DebtorId, ReminderId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.money import Money
from receivables.parties.tables import Contact
from receivables.ports.channels import Channel


@dataclass(frozen=True, slots=True)
class Writing:
    """What is the same for all rows of a run."""

    supplier_id: SupplierId
    run_on: date
    #: Why all messages of the run wait for a person.
    hold: Reason | None
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Row:
    """One execution as it is written."""

    purpose: str
    step: Step
    contact: Contact
    channel: str
    amount: Money
    state: ReminderState
    reason: Reason
    window: Window | None


def write(
    session: Session, writing: Writing, planned: Planned, window: Window | None, vetoed: bool
) -> bool:
    """Put a case's message and tasks on record; True when there is a new message."""
    for task in planned.verdict.tasks:
        _write_task(session, writing, planned.case, task)
    if planned.verdict.step is None or (window is None and not vetoed):
        return False
    return _write_message(session, writing, planned.case, planned.verdict, window, vetoed)


def _write_message(
    session: Session,
    writing: Writing,
    case: Case,
    verdict: Verdict,
    window: Window | None,
    vetoed: bool,
) -> bool:
    assert verdict.step is not None, "there is something to write"
    contact = case.contact_for(verdict.step)
    assert contact is not None, "there is somebody to write to"
    state, reason = ReminderState.DUE, Reason.STEP_DUE
    if vetoed:
        state, reason = ReminderState.VETOED, Reason.VETOED
    elif why := writing.hold or verdict.waits:
        state, reason = ReminderState.WAITING, why
    row = _Row(DEMAND, verdict.step, contact, verdict.channel, verdict.total, state, reason, window)
    reminder_id = _insert(session, writing, case, row)
    if reminder_id is None:
        return False
    if not _take_steps(session, writing.supplier_id, reminder_id, verdict.taking):
        # Another run took all its steps since this one was decided.
        session.execute(delete(ReminderItem).where(ReminderItem.reminder_id == reminder_id))
        session.execute(delete(Reminder).where(Reminder.id == reminder_id))
        return False
    _tell(session, writing, case, row, reminder_id)
    if state is not ReminderState.VETOED:
        _write_beside(session, writing, case, row, verdict.beside, reminder_id)
    return state is not ReminderState.VETOED


def _write_task(session: Session, writing: Writing, case: Case, task: Task) -> None:
    contact = case.contact_for(task.step)
    if contact is None:
        # Nobody is known to speak to: the debtor's own task "find a contact" comes first.
        return
    total = Money.total((line.amount for line in task.lines), case.account.currency)
    channel = FILE if task.channel is None else task.channel.value
    # To call is itself a person's work: there is nothing to let out before it.
    state = ReminderState.DUE if channel == Channel.CALL else ReminderState.WAITING
    row = _Row(task.step.name, task.step, contact, channel, total, state, Reason.MANUAL, None)
    reminder_id = _insert(session, writing, case, row)
    if reminder_id is None:
        return
    if not _take_steps(session, writing.supplier_id, reminder_id, task.lines):
        session.execute(delete(ReminderItem).where(ReminderItem.reminder_id == reminder_id))
        session.execute(delete(Reminder).where(Reminder.id == reminder_id))
        return
    _tell(session, writing, case, row, reminder_id)
    beside = tuple(one for one in task.step.beside if case.account.carries(one))
    _write_beside(session, writing, case, row, beside, reminder_id)


def _write_beside(
    session: Session,
    writing: Writing,
    case: Case,
    row: _Row,
    channels: Sequence[Channel],
    lead: ReminderId,
) -> None:
    """The rows of the other channels by which the same execution goes."""
    for channel in channels:
        other = _Row(
            row.purpose, row.step, row.contact, channel.value, row.amount, row.state, row.reason,
            row.window,
        )  # fmt: skip
        reminder_id = _insert(session, writing, case, other, beside=lead)
        if reminder_id is not None and row.state is ReminderState.DUE:
            _tell(session, writing, case, other, reminder_id)


def _insert(
    session: Session, writing: Writing, case: Case, row: _Row, beside: ReminderId | None = None
) -> ReminderId | None:
    values: dict[str, Any] = {
        "id": ReminderId(new_id()),
        "supplier_id": writing.supplier_id,
        "debtor_id": case.debtor.id,
        "contact_id": row.contact.id,
        "run_on": writing.run_on,
        "purpose": row.purpose,
        "step": row.step.name,
        "level": row.step.level,
        "channel": row.channel,
        "beside": beside,
        "amount_minor": row.amount.minor,
        "currency": row.amount.currency,
        "to_address": _address(row.channel, row.contact),
        "language": case.language,
        "state": row.state,
        "reason": row.reason,
        "send_from": row.window.opens if row.window else None,
        "send_until": row.window.closes if row.window else None,
        "attempts": 0,
        "created_at": writing.clock.now(),
    }
    statement = insert_or_ignore(session, Reminder).values(values).returning(Reminder.id)
    return session.execute(statement).scalar_one_or_none()


def _address(channel: str, contact: Contact) -> str:
    """Where it goes; a letter to the debtor's postal address as it stands when it is printed."""
    if channel == Channel.EMAIL:
        return contact.email
    return contact.phone or "" if channel in (Channel.SMS, Channel.CALL) else ""


def _take_steps(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, lines: Sequence[Line]
) -> bool:
    """Take the steps of a message; False when none of them was still free."""
    rows = [
        {
            "reminder_id": reminder_id,
            "invoice_id": line.item.invoice_id,
            "step": name,
            "supplier_id": supplier_id,
            "state": state,
            "amount_minor": line.amount.minor,
            "currency": line.amount.currency,
        }
        for line in lines
        for state, names in (
            (ItemState.TAKEN, (line.taken_as,)),
            (ItemState.SUPERSEDED, tuple(step.name for step in line.superseded)),
        )
        for name in names
    ]
    statement = insert_or_ignore(session, ReminderItem).values(rows).returning(ReminderItem.state)
    return ItemState.TAKEN in session.scalars(statement).all()


def _tell(
    session: Session, writing: Writing, case: Case, row: _Row, reminder_id: ReminderId
) -> None:
    supplier_id, debtor_id, step = writing.supplier_id, case.debtor.id, row.step.name
    if row.state is ReminderState.DUE:
        tell_due(
            session, supplier_id, debtor_id, reminder_id, step, row.amount, row.channel,
            clock=writing.clock,
        )  # fmt: skip
        return
    happened: ReminderWaiting | ReminderVetoed
    if row.state is ReminderState.WAITING:
        happened = ReminderWaiting(
            supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, step=step,
            amount=row.amount, reason=row.reason,
        )  # fmt: skip
    else:
        happened = ReminderVetoed(
            supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, step=step,
            reason=row.reason,
        )  # fmt: skip
    record(session, happened, clock=writing.clock)


def tell_due(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    reminder_id: ReminderId,
    step: str,
    amount: Money,
    channel: str,
    *,
    clock: Clock,
) -> None:
    """Set off what carries a planned message: the mail server, or another channel."""
    happened: ReminderDue | StepDue
    if channel == Channel.EMAIL:
        happened = ReminderDue(
            supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, step=step,
            amount=amount,
        )  # fmt: skip
    else:
        happened = StepDue(
            supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, step=step,
            amount=amount, channel=channel,
        )  # fmt: skip
    record(session, happened, clock=clock)
