"""Tasks from messages that did not arrive, and from those that only a person can bring."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from receivables.bounces.tables import Suppression
from receivables.calls.tables import Call
from receivables.credit.queries import stopped_today
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.handover.tables import Handover
from receivables.invoices.tables import Invoice
from receivables.parties.tables import Contact, Debtor
from receivables.worklist.rules import Kind, Task
from receivables.worklist.sources.asking import Asked

#: A message that failed is a matter of its run's days: later runs have decided anew since.
_LATELY = timedelta(days=30)


def steps(session: Session, asked: Asked) -> list[Task]:
    """Steps of the scenario that a person takes, and messages that wait for somebody's yes; not
    those of which every invoice is in other hands by now.
    """
    handed_over = exists().where(
        Handover.supplier_id == ReminderItem.supplier_id,
        Handover.invoice_id == ReminderItem.invoice_id,
        Handover.stands,
    )
    ours = exists().where(
        ReminderItem.supplier_id == Reminder.supplier_id,
        ReminderItem.reminder_id == Reminder.id,
        ReminderItem.state == ItemState.TAKEN,
        ~handed_over,
    )
    rows = session.execute(
        select(
            Reminder.id,
            Reminder.debtor_id,
            Reminder.channel,
            Reminder.amount,
            Reminder.reason,
            Reminder.run_on,
            Reminder.created_at,
        ).where(
            Reminder.supplier_id == asked.supplier_id,
            Reminder.state == ReminderState.WAITING,
            Reminder.beside.is_(None),
            ours,
        )
    )
    return [
        Task(
            kind=Kind.STEP,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.created_at,
            due_on=row.run_on,
            facts={"channel": row.channel, "amount": row.amount, "reason": row.reason},
        )
        for row in rows
    ]


def calls(session: Session, asked: Asked) -> list[Task]:
    """Calls to be made: none to debtors of whom nothing may be demanded today."""
    stopped = stopped_today(session, asked.supplier_id, asked.today)
    rows = session.execute(
        select(
            Call.id, Call.debtor_id, Call.amount, Call.due_on, Call.created_at, Call.tries
        ).where(Call.supplier_id == asked.supplier_id, Call.state == "open")
    )
    return [
        Task(
            kind=Kind.CALL,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.created_at,
            due_on=row.due_on,
            not_before=row.due_on,
            episode=str(row.tries),
            facts={"amount": row.amount, "tries": row.tries},
        )
        for row in rows
        if row.debtor_id not in stopped
    ]


def addresses(session: Session, asked: Asked) -> list[Task]:
    """Debtors with invoices whom no mail reaches: there is no address, or only a dead one."""
    suppressed = exists().where(
        Suppression.supplier_id == Contact.supplier_id,
        Suppression.contact_id == Contact.id,
        Suppression.channel == "email",
        func.lower(Suppression.address) == func.lower(Contact.email),
        Suppression.lifted_at.is_(None),
    )
    reached = exists().where(
        Contact.supplier_id == Debtor.supplier_id,
        Contact.debtor_id == Debtor.id,
        Contact.is_primary,
        Contact.bounced_at.is_(None),
        ~suppressed,
    )
    dead = aliased(Contact)
    rows = session.execute(
        select(Debtor.id, Debtor.created_at, dead.email, dead.bounced_at)
        .outerjoin(
            dead,
            (dead.supplier_id == Debtor.supplier_id)
            & (dead.debtor_id == Debtor.id)
            & dead.is_primary,
        )
        .where(
            Debtor.supplier_id == asked.supplier_id,
            ~reached,
            exists().where(
                Invoice.supplier_id == Debtor.supplier_id,
                Invoice.debtor_id == Debtor.id,
                Invoice.kind == "invoice",
            ),
        )
    )
    return [
        Task(
            kind=Kind.ADDRESS,
            subject_id=row.id,
            debtor_id=row.id,
            since=row.bounced_at or row.created_at,
            episode=row.email or "",
            only_if_owing=True,
            facts={"address": row.email or ""},
        )
        for row in rows
    ]


def messages(session: Session, asked: Asked) -> list[Task]:
    """Messages of which nobody knows whether they arrived, and those turned down for good where
    none has arrived since.
    """
    later = aliased(Reminder)
    arrived_since = exists().where(
        later.supplier_id == Reminder.supplier_id,
        later.debtor_id == Reminder.debtor_id,
        later.state == ReminderState.SENT,
        later.created_at > Reminder.created_at,
    )
    rows = session.execute(
        select(
            Reminder.id,
            Reminder.debtor_id,
            Reminder.state,
            Reminder.reason,
            Reminder.to_address,
            Reminder.created_at,
        ).where(
            Reminder.supplier_id == asked.supplier_id,
            (Reminder.state == ReminderState.UNKNOWN)
            | (
                (Reminder.state == ReminderState.FAILED)
                & (Reminder.channel != "call")
                & (Reminder.created_at > asked.now - _LATELY)
                & ~arrived_since
            ),
        )
    )
    return [
        Task(
            kind=Kind.UNKNOWN_MESSAGE
            if row.state == ReminderState.UNKNOWN
            else Kind.FAILED_MESSAGE,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.created_at,
            only_if_owing=row.state == ReminderState.FAILED,
            facts={"address": row.to_address, "reason": row.reason},
        )
        for row in rows
    ]
