"""Reminders as the supplier's staff see them: sent, under way, lost, and what comes tomorrow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from receivables.dunning.control_tables import DunningVeto
from receivables.dunning.facts import FILE
from receivables.dunning.items import Task
from receivables.dunning.planning import Planned, frame_of, in_chunks
from receivables.dunning.rules import Reason
from receivables.dunning.tables import (
    ItemState,
    Reminder,
    ReminderItem,
    ReminderState,
    shown_state,
)
from receivables.ids import DebtorId, InvoiceId, ReminderId, SupplierId, VetoId
from receivables.invoices.tables import Invoice
from receivables.money import Money
from receivables.parties.tables import Debtor
from receivables.workdays import HOLIDAYS, Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderView:
    """One message: on record, or (id and state None) as it would be planned.

    `state` is as `shown_state` tells it. `reason` is a Reason, or the mail server's words where it
    turned the message down.
    """

    id: ReminderId | None
    debtor_id: DebtorId
    debtor_name: str
    recipient: str
    language: str
    step: str
    state: str | None
    at: datetime | None
    numbers: tuple[str, ...]
    amount: Money
    reason: str
    level: int = 0
    #: A `ports.Channel`, or "file".
    channel: str = "email"
    #: Why it waits for a person; empty where it does not.
    waits: str = ""
    is_vetoed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """One invoice that a run leaves alone although something is outstanding on it, and why."""

    debtor_id: DebtorId
    debtor_name: str
    recipient: str
    language: str
    invoice_id: InvoiceId
    number: str
    #: What could be demanded; zero while all of it is on its way.
    amount: Money
    reason: Reason
    #: When its next step falls, if there is one.
    next_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a run would do: the messages, people's own steps, and every open invoice that no
    message is about.
    """

    on: date
    messages: tuple[ReminderView, ...]
    held: tuple[LeftAlone, ...]
    tasks: tuple[ReminderView, ...] = ()


def preview(
    session: Session, supplier_id: SupplierId, on: date, *, calendar: Calendar = HOLIDAYS
) -> Preview:
    """What a run on that day would send, and why, if nothing changes until then.

    It asks the function the run itself asks. What waits for being shown is shown by this.
    """
    frame = frame_of(session, supplier_id, on, calendar=calendar)
    frame = replace(frame, house=replace(frame.house, shown=None))
    planned = [one for chunk in in_chunks(session, frame) for one in chunk]
    return Preview(
        on=on,
        messages=tuple(_as_view(one) for one in planned if one.verdict.step is not None),
        held=tuple(line for one in planned for line in _left_alone(one)),
        tasks=tuple(_as_task(one, task) for one in planned for task in one.verdict.tasks),
    )


def _as_task(planned: Planned, task: Task) -> ReminderView:
    case = planned.case
    return ReminderView(
        id=None,
        debtor_id=case.debtor.id,
        debtor_name=case.debtor.name,
        recipient=case.contact.email if case.contact else "",
        language=case.language,
        step=task.step.name,
        state=None,
        at=None,
        numbers=tuple(line.item.number for line in task.lines),
        amount=Money.total((line.amount for line in task.lines), case.account.currency),
        reason=Reason.MANUAL,
        level=task.step.level,
        channel=FILE if task.channel is None else task.channel.value,
    )


def _as_view(planned: Planned) -> ReminderView:
    case, verdict = planned.case, planned.verdict
    assert verdict.step is not None, "there is something to write"
    telling = {line.reason for line in verdict.lines}
    unusual = (one for one in (Reason.PROMISE_BROKEN, Reason.CAUGHT_UP) if one in telling)
    return ReminderView(
        id=None,
        debtor_id=case.debtor.id,
        debtor_name=case.debtor.name,
        recipient=case.contact.email if case.contact else "",
        language=case.language,
        step=verdict.step.name,
        state=None,
        at=None,
        numbers=tuple(line.item.number for line in verdict.lines),
        amount=verdict.total,
        reason=next(unusual, verdict.reason),
        level=verdict.step.level,
        channel=verdict.channel,
        waits=verdict.waits or "",
        is_vetoed=verdict.vetoed,
    )


def _left_alone(planned: Planned) -> list[LeftAlone]:
    case = planned.case
    return [
        LeftAlone(
            debtor_id=case.debtor.id,
            debtor_name=case.debtor.name,
            recipient=case.contact.email if case.contact else "",
            language=case.language,
            invoice_id=line.item.invoice_id,
            number=line.item.number,
            amount=line.amount,
            reason=line.reason,
            next_on=line.next_on,
        )
        for line in planned.verdict.held
    ]


def reminders(
    session: Session,
    supplier_id: SupplierId,
    *,
    states: Sequence[ReminderState] = (),
    debtor_id: DebtorId | None = None,
    leads_only: bool = False,
    skip: int = 0,
    most: int = 50,
) -> list[ReminderView]:
    """Messages on record, newest first; in some states, or of one debtor, if named. `leads_only`
    leaves out what goes beside another by a second channel.
    """
    statement = (
        select(Reminder, Debtor.name)
        .join(
            Debtor,
            (Debtor.supplier_id == Reminder.supplier_id) & (Debtor.id == Reminder.debtor_id),
        )
        .where(Reminder.supplier_id == supplier_id)
        .order_by(Reminder.created_at.desc(), Reminder.id.desc())
        .offset(skip)
        .limit(most)
    )
    if states:
        statement = statement.where(Reminder.state.in_(states))
    if debtor_id is not None:
        statement = statement.where(Reminder.debtor_id == debtor_id)
    if leads_only:
        statement = statement.where(Reminder.beside.is_(None))
    rows = session.execute(statement).all()
    numbers = _numbers(session, supplier_id, [row.Reminder.id for row in rows])
    return [
        ReminderView(
            id=row.Reminder.id,
            debtor_id=row.Reminder.debtor_id,
            debtor_name=row.name,
            recipient=row.Reminder.to_address,
            language=row.Reminder.language,
            step=row.Reminder.step,
            state=shown_state(row.Reminder.state, row.Reminder.channel),
            at=row.Reminder.sent_at or row.Reminder.claimed_at or row.Reminder.created_at,
            numbers=tuple(numbers[row.Reminder.id]),
            amount=row.Reminder.amount,
            reason=row.Reminder.reason,
            level=row.Reminder.level,
            channel=row.Reminder.channel,
        )
        for row in rows
    ]


def _numbers(
    session: Session, supplier_id: SupplierId, reminder_ids: Sequence[ReminderId]
) -> dict[ReminderId, list[str]]:
    """The invoices of which each message takes, or would have taken, a step."""
    found: dict[ReminderId, list[str]] = defaultdict(list)
    rows = session.execute(
        select(ReminderItem.reminder_id, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == ReminderItem.supplier_id)
            & (Invoice.id == ReminderItem.invoice_id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.reminder_id.in_(reminder_ids),
            ReminderItem.state == ItemState.TAKEN,
        )
        .order_by(Invoice.due_on, Invoice.number)
    )
    for row in rows:
        found[row.reminder_id].append(row.number)
    return found


def reminder_count(
    session: Session, supplier_id: SupplierId, *, states: Sequence[ReminderState] = ()
) -> int:
    """How many messages are on record, in some states if named."""
    statement = select(func.count()).where(Reminder.supplier_id == supplier_id)
    if states:
        statement = statement.where(Reminder.state.in_(states))
    return session.scalar(statement) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VetoView:
    """What was taken out of a day: one debtor's messages, or (no name) everybody's."""

    id: VetoId
    debtor_name: str
    currency: str
    at: datetime


def vetoes_of(session: Session, supplier_id: SupplierId, run_on: date) -> list[VetoView]:
    """What stands taken out of a day."""
    rows = session.execute(
        select(DunningVeto, Debtor.name)
        .outerjoin(
            Debtor,
            (Debtor.supplier_id == DunningVeto.supplier_id) & (Debtor.id == DunningVeto.debtor_id),
        )
        .where(
            DunningVeto.supplier_id == supplier_id,
            DunningVeto.run_on == run_on,
            DunningVeto.withdrawn_at.is_(None),
        )
        .order_by(DunningVeto.id)
    )
    return [
        VetoView(id=veto.id, debtor_name=name or "", currency=veto.currency or "", at=veto.at)
        for veto, name in rows
    ]


def last_steps(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> dict[InvoiceId, str]:
    """The words of the last message that was sent, or perhaps sent, for each invoice."""
    return {one.invoice_id: one.step for one in _had(session, supplier_id, debtor_id)}


def last_levels(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> dict[InvoiceId, int]:
    """The level of the same."""
    return {one.invoice_id: one.level for one in _had(session, supplier_id, debtor_id)}


def _had(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> Sequence[Row[InvoiceId, str, int]]:
    """What was sent about each invoice, the oldest first."""
    statement = (
        select(ReminderItem.invoice_id, Reminder.step, Reminder.level)
        .join(
            Reminder,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.state == ItemState.TAKEN,
            ReminderItem.released_at.is_(None),
            Reminder.state.in_((ReminderState.SENT, ReminderState.UNKNOWN)),
        )
        .order_by(Reminder.run_on, Reminder.level)
    )
    if debtor_id is not None:
        statement = statement.where(Reminder.debtor_id == debtor_id)
    return session.execute(statement).all()
