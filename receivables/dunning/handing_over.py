"""The step that hands invoices over, while it waits for a person: which it is about, and a no."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.events import HandoverDeclined
from receivables.dunning.facts import FILE
from receivables.dunning.letting_out import NotWaiting, decline
from receivables.dunning.outcomes import NoSuchReminder
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, InvoiceId, ReminderId, SupplierId
from receivables.invoices.tables import Invoice

#: As much of a reason as is kept.
LONGEST_WHY = 500


class ReasonMissing(ReceivablesError):
    """Nobody said why it is not handed over."""


def waiting_handovers(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> list[Reminder]:
    """The debtor's steps of the kind that wait, the oldest first: one for each currency."""
    return list(
        session.scalars(
            select(Reminder)
            .where(
                Reminder.supplier_id == supplier_id,
                Reminder.debtor_id == debtor_id,
                Reminder.channel == FILE,
                Reminder.state == ReminderState.WAITING,
            )
            .order_by(Reminder.created_at, Reminder.id)
        )
    )


def invoices_of(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId
) -> dict[InvoiceId, str]:
    """Which invoices such a step is about, with their numbers."""
    rows = session.execute(
        select(Invoice.id, Invoice.number)
        .join(
            ReminderItem,
            (ReminderItem.supplier_id == Invoice.supplier_id)
            & (ReminderItem.invoice_id == Invoice.id),
        )
        .where(
            ReminderItem.supplier_id == supplier_id,
            ReminderItem.reminder_id == reminder_id,
            ReminderItem.state == ItemState.TAKEN,
        )
        .order_by(Invoice.due_on, Invoice.number)
    )
    return {row.id: row.number for row in rows}


def keep_ourselves(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    reminder_id: ReminderId,
    *,
    why: str,
    clock: Clock,
) -> None:
    """A person decides that nobody else collects them: the step is over, and its reason stands in
    the timeline. Raises ReasonMissing, NoSuchReminder and NotWaiting.
    """
    if not why.strip():
        raise ReasonMissing(str(reminder_id))
    waiting = {one.id: one for one in waiting_handovers(session, supplier_id, debtor_id)}
    step = waiting.get(reminder_id)
    if step is None:
        known = session.scalar(
            select(Reminder.state).where(
                Reminder.supplier_id == supplier_id,
                Reminder.debtor_id == debtor_id,
                Reminder.id == reminder_id,
                Reminder.channel == FILE,
            )
        )
        if known is None:
            raise NoSuchReminder(str(reminder_id))
        raise NotWaiting(reminder_id, known)
    numbers = tuple(invoices_of(session, supplier_id, reminder_id).values())
    decline(session, supplier_id, reminder_id, clock=clock)
    happened = HandoverDeclined(
        supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id, amount=step.amount,
        numbers=numbers, why=why.strip()[:LONGEST_WHY],
    )  # fmt: skip
    record(session, happened, clock=clock)
