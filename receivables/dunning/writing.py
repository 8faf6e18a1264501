"""Planned messages become rows: one for each channel of an execution, the steps with the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, cast

from sqlalchemy import Table, delete
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
from receivables.history import Event, record, record_all
from receivables.ids import DebtorId, ReminderId, SupplierId, new_id
from receivables.many import Row, add_unknown
from receivables.money import Money
from receivables.parties.tables import Contact
from receivables.ports.channels import Channel

_REMINDERS: Final = cast("Table", Reminder.__table__)
_ITEMS: Final = cast("Table", ReminderItem.__table__)


@dataclass(frozen=True, slots=True)
class Writing:
    """What is the same for all rows of a run."""

    supplier_id: SupplierId
    run_on: date
    #: Why all messages of the run wait for a person.
    hold: Reason | None
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ToWrite:
    """A case to be put on record: in which hours it may go, and whether it was vetoed."""

    planned: Planned
    window: Window | None
    vetoed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One execution by one of its channels, as it is written."""

    id: ReminderId
    case: Case
    purpose: str
    step: Step
    contact: Contact
    channel: str
    amount: Money
    state: ReminderState
    reason: Reason
    window: Window | None
    lines: tuple[Line, ...]
    #: By which channels the same execution goes, too.
    others: tuple[Channel, ...]
    beside: ReminderId | None = None


def write(session: Session, writing: Writing, cases: Sequence[ToWrite]) -> int:
    """Put messages and tasks on record, in a few statements however many there are; returns how
    many messages are new, and were not vetoed.
    """
    leads = [row for one in cases for row in _rows(writing, one)]
    leads = _with_steps(session, writing, _new(session, writing, leads))
    others = [row for lead in leads for row in _beside(lead)]
    beside: dict[ReminderId | None, list[_Row]] = {}
    for row in _new(session, writing, others):
        beside.setdefault(row.beside, []).append(row)
    told = [
        _event(writing.supplier_id, row)
        for lead in leads
        for row in (lead, *beside.get(lead.id, ()))
        if row is lead or row.state is ReminderState.DUE
    ]
    record_all(session, writing.supplier_id, told, clock=writing.clock)
    return sum(row.purpose == DEMAND and row.state is not ReminderState.VETOED for row in leads)


def _rows(writing: Writing, one: ToWrite) -> Iterator[_Row]:
    """The executions of a case: people's steps, and the day's message."""
    case, verdict = one.planned.case, one.planned.verdict
    for task in verdict.tasks:
        row = _task(case, task)
        if row is not None:
            yield row
    if verdict.step is not None and (one.window is not None or one.vetoed):
        yield _message(writing, case, verdict, one)


def _message(writing: Writing, case: Case, verdict: Verdict, one: ToWrite) -> _Row:
    assert verdict.step is not None, "there is something to write"
    contact = case.contact_for(verdict.step)
    assert contact is not None, "there is somebody to write to"
    state, reason = ReminderState.DUE, Reason.STEP_DUE
    if one.vetoed:
        state, reason = ReminderState.VETOED, Reason.VETOED
    elif why := writing.hold or verdict.waits:
        state, reason = ReminderState.WAITING, why
    return _Row(
        id=ReminderId(new_id()), case=case, purpose=DEMAND, step=verdict.step, contact=contact,
        channel=verdict.channel, amount=verdict.total, state=state, reason=reason,
        window=one.window, lines=verdict.taking, others=() if one.vetoed else verdict.beside,
    )  # fmt: skip


def _task(case: Case, task: Task) -> _Row | None:
    contact = case.contact_for(task.step)
    if contact is None:
        # Nobody is known to speak to: the debtor's own task "find a contact" comes first.
        return None
    total = Money.total((line.amount for line in task.lines), case.account.currency)
    channel = FILE if task.channel is None else task.channel.value
    # To call is itself a person's work: there is nothing to let out before it.
    state = ReminderState.DUE if channel == Channel.CALL else ReminderState.WAITING
    return _Row(
        id=ReminderId(new_id()), case=case, purpose=task.step.name, step=task.step,
        contact=contact, channel=channel, amount=total, state=state, reason=Reason.MANUAL,
        window=None, lines=task.lines,
        others=tuple(one for one in task.step.beside if case.account.carries(one)),
    )  # fmt: skip


def _beside(lead: _Row) -> Iterator[_Row]:
    """The rows of the other channels by which the same execution goes."""
    for channel in lead.others:
        yield replace(
            lead, id=ReminderId(new_id()), channel=channel.value, beside=lead.id, others=()
        )


def _new(session: Session, writing: Writing, rows: Sequence[_Row]) -> list[_Row]:
    """Put executions on record; those that no earlier run has."""
    added = add_unknown(session, _REMINDERS, [_values(writing, row) for row in rows])
    return [row for row in rows if (row.id,) in added]


def _values(writing: Writing, row: _Row) -> Row:
    return {
        "id": row.id,
        "supplier_id": writing.supplier_id,
        "debtor_id": row.case.debtor.id,
        "contact_id": row.contact.id,
        "run_on": writing.run_on,
        "purpose": row.purpose,
        "step": row.step.name,
        "level": row.step.level,
        "channel": row.channel,
        "beside": row.beside,
        "amount_minor": row.amount.minor,
        "currency": row.amount.currency,
        "to_address": _address(row.channel, row.contact),
        "language": row.case.language,
        "state": row.state,
        "reason": row.reason,
        "send_from": row.window.opens if row.window else None,
        "send_until": row.window.closes if row.window else None,
        "attempts": 0,
        "created_at": writing.clock.now(),
    }


def _address(channel: str, contact: Contact) -> str:
    """Where it goes; a letter to the debtor's postal address as it stands when it is printed."""
    if channel == Channel.EMAIL:
        return contact.email
    return contact.phone or "" if channel in (Channel.SMS, Channel.CALL) else ""


def _with_steps(session: Session, writing: Writing, leads: Sequence[_Row]) -> list[_Row]:
    """Take the steps of executions; those of which at least one was still free. The others,
    whose steps another run took since they were decided, are off the record again.
    """
    rows = [values for lead in leads for values in _steps(writing.supplier_id, lead)]
    added = add_unknown(session, _ITEMS, rows)
    keys = (_ITEMS.c.reminder_id, _ITEMS.c.invoice_id, _ITEMS.c.step)
    taken = {
        row["reminder_id"]
        for row in rows
        if row["state"] == ItemState.TAKEN and tuple(row[key.name] for key in keys) in added
    }
    empty = [lead.id for lead in leads if lead.id not in taken]
    if empty:
        session.execute(delete(ReminderItem).where(ReminderItem.reminder_id.in_(empty)))
        session.execute(delete(Reminder).where(Reminder.id.in_(empty)))
    return [lead for lead in leads if lead.id in taken]


def _steps(supplier_id: SupplierId, lead: _Row) -> Iterator[Row]:
    for line in lead.lines:
        for state, names in (
            (ItemState.TAKEN, (line.taken_as,)),
            (ItemState.SUPERSEDED, tuple(step.name for step in line.superseded)),
        ):
            for name in names:
                yield {
                    "reminder_id": lead.id,
                    "invoice_id": line.item.invoice_id,
                    "step": name,
                    "supplier_id": supplier_id,
                    "state": state,
                    "amount_minor": line.amount.minor,
                    "currency": line.amount.currency,
                }


def _event(supplier_id: SupplierId, row: _Row) -> Event:
    debtor_id, step = row.case.debtor.id, row.step.name
    if row.state is ReminderState.DUE:
        return _due(supplier_id, debtor_id, row.id, step, row.amount, row.channel)
    if row.state is ReminderState.WAITING:
        return ReminderWaiting(
            supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=row.id, step=step,
            amount=row.amount, reason=row.reason,
        )  # fmt: skip
    return ReminderVetoed(
        supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=row.id, step=step,
        reason=row.reason,
    )  # fmt: skip


def _due(
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    reminder_id: ReminderId,
    step: str,
    amount: Money,
    channel: str,
) -> ReminderDue | StepDue:
    """What sets off the carrying of a message: the mail server, or another channel."""
    if channel == Channel.EMAIL:
        return ReminderDue(
            supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, step=step,
            amount=amount,
        )  # fmt: skip
    return StepDue(
        supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, step=step,
        amount=amount, channel=channel,
    )  # fmt: skip


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
    """Set off what carries a message that a person let out."""
    due = _due(supplier_id, debtor_id, reminder_id, step, amount, channel)
    record(session, due, clock=clock)
