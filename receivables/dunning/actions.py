"""Dunning: a run plans messages, each is claimed, handed over at most once, and accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.composing import reminder_message
from receivables.dunning.events import ReminderDue
from receivables.dunning.outcomes import skip
from receivables.dunning.planning import Planned, plan, plan_again
from receivables.dunning.rules import DEMAND, Reason, run_day
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.history import record
from receivables.ids import ReminderId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.ledger.actions import lock_debtor_invoices
from receivables.links.actions import grant_for
from receivables.parties import queries as parties
from receivables.ports import MailMessage
from receivables.settings import Settings
from receivables.workdays import WEEKDAYS, Calendar


def dun_supplier(
    session: Session,
    supplier_id: SupplierId,
    today: date,
    *,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> int:
    """Make the run of one day: one message for each debtor's contact and currency at most.

    Returns how many were planned. Making it again, on any machine, changes nothing.
    """
    release_overtaken(session, supplier_id, today, clock=clock)
    planned = plan(session, supplier_id, today, calendar=calendar)
    return write_down(session, supplier_id, planned, today, clock=clock)


def release_overtaken(
    session: Session, supplier_id: SupplierId, today: date, *, clock: Clock
) -> None:
    """Close what was planned on an earlier day and never sent, so that this run decides anew."""
    late = session.scalars(
        select(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.state == ReminderState.DUE,
            Reminder.run_on < today,
        )
        .order_by(Reminder.id)
        .with_for_update()
    ).all()
    for reminder in late:
        skip(session, reminder, Reason.OVERTAKEN, clock=clock)


def write_down(
    session: Session,
    supplier_id: SupplierId,
    planned: Sequence[Planned],
    today: date,
    *,
    clock: Clock,
) -> int:
    """Put planned messages on record, with the steps they take; returns how many are new."""
    return sum(
        _write_one(session, supplier_id, one, today, clock=clock)
        for one in planned
        if one.verdict.step is not None
    )


def _write_one(
    session: Session, supplier_id: SupplierId, planned: Planned, today: date, *, clock: Clock
) -> bool:
    case, verdict = planned.case, planned.verdict
    assert verdict.step is not None, "there is something to write"
    assert case.contact is not None, "there is somebody to write to"
    row = {
        "id": ReminderId(new_id()),
        "supplier_id": supplier_id,
        "debtor_id": case.debtor.id,
        "contact_id": case.contact.id,
        "run_on": today,
        "purpose": DEMAND,
        "step": verdict.step.name,
        "level": verdict.step.level,
        "amount_minor": verdict.total.minor,
        "currency": case.account.currency,
        "to_address": case.contact.email,
        "language": case.language,
        "state": ReminderState.DUE,
        "reason": Reason.STEP_DUE,
        "attempts": 0,
        "created_at": clock.now(),
    }
    statement = insert_or_ignore(session, Reminder).values(row).returning(Reminder.id)
    reminder_id = session.execute(statement).scalar_one_or_none()
    if reminder_id is None:
        return False
    if not _take_steps(session, supplier_id, reminder_id, planned):
        # Another run took all its steps since this one was decided.
        session.execute(delete(ReminderItem).where(ReminderItem.reminder_id == reminder_id))
        session.execute(delete(Reminder).where(Reminder.id == reminder_id))
        return False
    happened = ReminderDue(
        supplier_id=supplier_id,
        debtor_id=case.debtor.id,
        reminder_id=reminder_id,
        step=verdict.step.name,
        amount=verdict.total,
    )
    record(session, happened, clock=clock)
    return True


def _take_steps(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, planned: Planned
) -> bool:
    """Take the steps of a message; False when none of them was still free."""
    rows = [
        {
            "reminder_id": reminder_id,
            "invoice_id": line.item.invoice_id,
            "step": step.name,
            "supplier_id": supplier_id,
            "state": state,
            "amount_minor": line.amount.minor,
            "currency": line.amount.currency,
        }
        for line in planned.verdict.taking
        if line.step is not None
        for state, steps in (
            (ItemState.TAKEN, (line.step,)),
            (ItemState.SUPERSEDED, line.superseded),
        )
        for step in steps
    ]
    statement = insert_or_ignore(session, ReminderItem).values(rows).returning(ReminderItem.state)
    return ItemState.TAKEN in session.scalars(statement).all()


def claim(
    session: Session,
    supplier_id: SupplierId,
    reminder_id: ReminderId,
    *,
    settings: Settings,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> MailMessage | None:
    """Take a planned message for sending; None when it must not be sent, or is taken already.

    Everything is decided anew from the ledger as it stands in this transaction. It must be
    committed before anybody connects: whoever finds the row in `sending` does not send again.
    """
    reminder = session.scalar(
        select(Reminder)
        .where(Reminder.supplier_id == supplier_id, Reminder.id == reminder_id)
        .with_for_update()
    )
    if reminder is None or reminder.state != ReminderState.DUE:
        return None
    now = clock.now()
    supplier = parties.supplier(session, supplier_id)
    if run_day(now, supplier.zone) != reminder.run_on:
        skip(session, reminder, Reason.OVERTAKEN, clock=clock)
        return None
    lock_debtor_invoices(session, supplier_id, reminder.debtor_id)
    planned = plan_again(session, reminder, calendar=calendar)
    if planned is None or planned.verdict.step is None:
        skip(session, reminder, _why_not(planned), clock=clock)
        return None
    case, verdict = planned.case, planned.verdict
    assert verdict.step is not None, "checked above"
    if case.contact is None or case.contact.id != reminder.contact_id:
        skip(session, reminder, Reason.NO_CONTACT, clock=clock)
        return None
    _release_others(session, reminder, planned, now)
    reminder.step, reminder.level = verdict.step.name, verdict.step.level
    reminder.amount = verdict.total
    reminder.to_address, reminder.language = case.contact.email, case.language
    reminder.message_id = f"reminder-{reminder.id}@{settings.mail.from_address.rpartition('@')[2]}"
    reminder.state, reminder.reason = ReminderState.SENDING, Reason.STEP_DUE
    reminder.claimed_at, reminder.attempts = now, reminder.attempts + 1
    session.flush()
    grant_id = grant_for(
        session, supplier_id, case.contact.id, lifetime=settings.links.lifetime, clock=clock
    )
    return reminder_message(
        session, supplier, planned, message_id=reminder.message_id, grant_id=grant_id,
        today=reminder.run_on, settings=settings,
    )  # fmt: skip


def _why_not(planned: Planned | None) -> Reason:
    """Why a message that was planned has no reason to be sent any more."""
    if planned is None or planned.verdict.reason in (Reason.NO_STEP_LEFT, Reason.NOT_YET):
        return Reason.SETTLED
    return planned.verdict.reason


def _release_others(session: Session, reminder: Reminder, planned: Planned, now: datetime) -> None:
    """Give back the steps of invoices that the message is not about any more."""
    kept = [line.item.invoice_id for line in planned.verdict.taking]
    session.execute(
        update(ReminderItem)
        .where(
            ReminderItem.supplier_id == reminder.supplier_id,
            ReminderItem.reminder_id == reminder.id,
            ReminderItem.released_at.is_(None),
            ReminderItem.invoice_id.not_in(kept),
        )
        .values(released_at=now)
        .execution_options(synchronize_session=False)
    )
