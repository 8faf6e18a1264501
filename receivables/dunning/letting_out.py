"""What waits for a person: let out, declined, or given up because its day is over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.events import (
    ReminderLetOut,
    ReminderSkipped,
    ReminderVetoed,
)
from receivables.dunning.facts import FILE
from receivables.dunning.outcomes import NoSuchReminder, release_steps
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.dunning.windows import decent_hour, zone_of
from receivables.dunning.writing import tell_due
from receivables.errors import ReceivablesError
from receivables.handover.queries import holds as handed_over
from receivables.history import record
from receivables.ids import DebtorId, InvoiceId, ReminderId, SupplierId
from receivables.ledger.queries import outstanding_of
from receivables.parties import queries as parties
from receivables.ports.channels import Channel
from receivables.workdays import HOLIDAYS, region_of


class NotWaiting(ReceivablesError):
    """The message does not wait for a person, or not any more."""

    def __init__(self, reminder_id: ReminderId, state: str) -> None:
        self.reminder_id, self.state = reminder_id, state
        super().__init__(f"reminder {reminder_id} is {state}")


def let_out(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, *, clock: Clock
) -> None:
    """A person lets a waiting message out, by all its channels: it is decided anew when it is
    handed over. Raises NoSuchReminder, NotWaiting.
    """
    lead = _waiting(session, supplier_id, reminder_id)
    for row in _execution(session, lead):
        if row.channel == FILE:
            _note_done(row, clock)
            continue
        row.state, row.let_out_at = ReminderState.DUE, clock.now()
        row.send_from, row.send_until = decent_hour_for(session, row, clock), None
        session.flush()
        tell_due(
            session, supplier_id, row.debtor_id, row.id, row.step, row.amount, row.channel,
            clock=clock,
        )  # fmt: skip
    happened = ReminderLetOut(
        supplier_id=supplier_id, debtor_id=lead.debtor_id, reminder_id=lead.id, step=lead.step
    )
    record(session, happened, clock=clock)


def decent_hour_for(session: Session, row: Reminder, clock: Clock) -> datetime | None:
    """When it may go; what only a person carries needs no hour."""
    if row.channel not in (Channel.EMAIL, Channel.SMS):
        return None
    debtor = parties.debtor(session, row.supplier_id, row.debtor_id)
    region = region_of(debtor.country, debtor.postcode or "")
    place = f"{debtor.country}-{region}" if region else debtor.country
    home = parties.supplier(session, row.supplier_id).zone
    zone = zone_of(debtor.country, otherwise=home)
    return decent_hour(clock.now(), zone, place, HOLIDAYS)


def _note_done(row: Reminder, clock: Clock) -> None:
    """A file was handed over by a person: there is nothing for a machine to carry."""
    now = clock.now()
    row.state, row.let_out_at, row.claimed_at, row.sent_at = ReminderState.SENT, now, now, now


def let_out_all(session: Session, supplier_id: SupplierId, reason: Reason, *, clock: Clock) -> int:
    """Let out every message that waits for this reason; returns how many."""
    waiting = session.scalars(
        select(Reminder.id).where(
            Reminder.supplier_id == supplier_id,
            Reminder.state == ReminderState.WAITING,
            Reminder.beside.is_(None),
            Reminder.reason == reason,
        )
    ).all()
    for reminder_id in waiting:
        let_out(session, supplier_id, reminder_id, clock=clock)
    return len(waiting)


def decline(
    session: Session,
    supplier_id: SupplierId,
    reminder_id: ReminderId,
    *,
    reason: Reason = Reason.DECLINED,
    clock: Clock,
) -> None:
    """A person decides against a message that waits, or is not sent yet: its steps are over, and
    the next ones come on their days. Raises NoSuchReminder, NotWaiting.
    """
    lead = _lead(session, supplier_id, reminder_id)
    if lead.state not in (ReminderState.WAITING, ReminderState.DUE):
        raise NotWaiting(reminder_id, lead.state)
    for row in _execution(session, lead):
        row.state, row.reason = ReminderState.VETOED, reason
    session.flush()
    happened = ReminderVetoed(
        supplier_id=supplier_id, debtor_id=lead.debtor_id, reminder_id=lead.id, step=lead.step,
        reason=reason,
    )  # fmt: skip
    record(session, happened, clock=clock)


def close_overtaken(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None, *, clock: Clock
) -> int:
    """Close what waits for a person though there is no reason left: its invoices are paid, are
    handed over, or each has taken a later step. Returns how many; nothing waits for ever.
    """
    statement = (
        select(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.state == ReminderState.WAITING,
            Reminder.beside.is_(None),
        )
        .order_by(Reminder.id)
        .with_for_update()
    )
    if debtor_id is not None:
        statement = statement.where(Reminder.debtor_id == debtor_id)
    waiting = session.scalars(statement).all()
    if not waiting:
        return 0
    items = _items(session, supplier_id, [row.id for row in waiting])
    invoices = [one.invoice_id for several in items.values() for one in several]
    open_now = outstanding_of(session, supplier_id, invoices)
    superseded = _with_later(session, supplier_id, invoices)
    gone = {hold.invoice_id for hold in handed_over(session, supplier_id, debtor_id)}
    closed = 0
    for row in waiting:
        if row.channel == FILE and all(one.invoice_id in gone for one in items.get(row.id, [])):
            _note_done(row, clock)
            closed += 1
            continue
        left = [one for one in items.get(row.id, []) if open_now.get(one.invoice_id)]
        if row.purpose == DEMAND and left:
            continue
        if left and not all(_is_later(superseded, one, row) for one in left):
            continue
        _close(session, row, Reason.SUPERSEDED if left else Reason.SETTLED, clock=clock)
        closed += 1
    return closed


def _close(session: Session, lead: Reminder, reason: Reason, *, clock: Clock) -> None:
    for row in _execution(session, lead):
        row.state, row.reason = ReminderState.SKIPPED, reason
    session.flush()
    if reason is Reason.SETTLED:
        release_steps(session, lead, clock.now())
    else:
        # The step was never said: the higher one stands for it.
        session.execute(
            update(ReminderItem)
            .where(
                ReminderItem.supplier_id == lead.supplier_id,
                ReminderItem.reminder_id == lead.id,
                ReminderItem.released_at.is_(None),
            )
            .values(state=ItemState.SUPERSEDED)
            .execution_options(synchronize_session=False)
        )
    happened = ReminderSkipped(
        supplier_id=lead.supplier_id, debtor_id=lead.debtor_id, reminder_id=lead.id, reason=reason
    )
    record(session, happened, clock=clock)


def _items(
    session: Session, supplier_id: SupplierId, reminders: list[ReminderId]
) -> dict[ReminderId, list[ReminderItem]]:
    found: dict[ReminderId, list[ReminderItem]] = {}
    rows = session.scalars(
        select(ReminderItem).where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.reminder_id.in_(reminders),
            ReminderItem.state == ItemState.TAKEN,
            ReminderItem.released_at.is_(None),
        )
    )
    for row in rows:
        found.setdefault(row.reminder_id, []).append(row)
    return found


def _with_later(
    session: Session, supplier_id: SupplierId, invoices: list[InvoiceId]
) -> dict[InvoiceId, list[tuple[ReminderId, int]]]:
    """Each invoice's messages with the level they spoke at."""
    rows = session.execute(
        select(ReminderItem.invoice_id, Reminder.id, Reminder.level)
        .join(
            Reminder,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.invoice_id.in_(invoices),
            ReminderItem.released_at.is_(None),
            ReminderItem.state == ItemState.TAKEN,
            Reminder.state.in_((ReminderState.SENT, ReminderState.UNKNOWN, ReminderState.DUE)),
        )
    )
    found: dict[InvoiceId, list[tuple[ReminderId, int]]] = {}
    for row in rows:
        found.setdefault(row.invoice_id, []).append((row.id, row.level))
    return found


def _is_later(
    messages: dict[InvoiceId, list[tuple[ReminderId, int]]], item: ReminderItem, waiting: Reminder
) -> bool:
    return any(
        reminder_id != waiting.id and level > waiting.level
        for reminder_id, level in messages.get(item.invoice_id, [])
    )


def _lead(session: Session, supplier_id: SupplierId, reminder_id: ReminderId) -> Reminder:
    reminder = session.scalar(
        select(Reminder)
        .where(Reminder.supplier_id == supplier_id, Reminder.id == reminder_id)
        .with_for_update()
    )
    if reminder is None:
        raise NoSuchReminder(str(reminder_id))
    return reminder


def _waiting(session: Session, supplier_id: SupplierId, reminder_id: ReminderId) -> Reminder:
    reminder = _lead(session, supplier_id, reminder_id)
    if reminder.state != ReminderState.WAITING or reminder.beside is not None:
        raise NotWaiting(reminder_id, reminder.state)
    return reminder


def _execution(session: Session, lead: Reminder) -> list[Reminder]:
    """The message and those beside it that are in the same state."""
    beside = session.scalars(
        select(Reminder)
        .where(
            Reminder.supplier_id == lead.supplier_id,
            Reminder.beside == lead.id,
            Reminder.state == lead.state,
        )
        .order_by(Reminder.id)
    )
    return [lead, *beside]
