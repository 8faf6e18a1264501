"""What became of a message: sent, put off, turned down, unknown, or not worth sending any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.dunning.events import (
    InvoiceReminded,
    ReminderFailed,
    ReminderSent,
    ReminderSkipped,
    ReminderUnknown,
)
from receivables.dunning.first_reminder import WRITTEN
from receivables.dunning.rules import Reason
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record, record_all
from receivables.ids import ReminderId, SupplierId
from receivables.interest.laws import MILDEST, wants_first_reminder
from receivables.interest.notices import first_notices, note_notice
from receivables.invoices.queries import of_supplier
from receivables.parties import queries as parties
from receivables.parties.actions import mark_bounced
from receivables.ports import Channel, MailRefused

#: How long a claimed message may be under way before a person is shown it.
#: Longer than the mailer's own deadline for one message.
SENDING_LIMIT = timedelta(minutes=2)

_IN_HAND = (ReminderState.SENDING, ReminderState.UNKNOWN)


class NoSuchReminder(NoSuch):
    """The supplier has no such reminder."""


class NotUnknown(ReceivablesError):
    """What became of the reminder is known already, or not due to be asked."""

    def __init__(self, reminder_id: ReminderId, state: str) -> None:
        self.reminder_id, self.state = reminder_id, state
        super().__init__(f"reminder {reminder_id} is {state}")


def mark_sent(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, *, clock: Clock
) -> bool:
    """The mail server took it. True unless that was known.

    A message that was given up for lost meanwhile (`unknown`) is found again by this.
    """
    reminder = _in_hand(session, supplier_id, reminder_id)
    if reminder is None:
        return False
    reminder.state, reminder.sent_at = ReminderState.SENT, clock.now()
    reminder.reason = Reason.STEP_DUE
    session.flush()
    _note_first_reminder(session, reminder, clock)
    if reminder.channel != Channel.EMAIL:
        # What another channel did stands in the timeline by that channel's own events.
        return True
    sent = ReminderSent(
        supplier_id=supplier_id,
        debtor_id=reminder.debtor_id,
        reminder_id=reminder.id,
        contact_id=reminder.contact_id,
        step=reminder.step,
        amount=reminder.amount,
    )
    reminded = [
        InvoiceReminded(
            supplier_id=supplier_id,
            invoice_id=item.invoice_id,
            reminder_id=reminder.id,
            step=reminder.step,
            amount=item.amount,
        )
        for item in _standing(session, reminder)
        if item.state == ItemState.TAKEN
    ]
    record_all(session, supplier_id, [sent, *reminded], clock=clock)
    return True


def _note_first_reminder(session: Session, reminder: Reminder, clock: Clock) -> None:
    """Where the law wants a free first reminder, its days begin with the message that was one:
    the first that asked for an invoice in mild words, by a way on which the law's words fit.
    """
    supplier_id = reminder.supplier_id
    if reminder.level > MILDEST or reminder.channel not in WRITTEN:
        return
    debtor = parties.debtor(session, supplier_id, reminder.debtor_id)
    if not wants_first_reminder(debtor.country, debtor.kind):
        return
    supplier = parties.supplier(session, supplier_id)
    today = local_date(clock.now(), supplier.zone)
    taken = {item.invoice_id for item in _standing(session, reminder)
             if item.state == ItemState.TAKEN}  # fmt: skip
    known = first_notices(session, supplier_id, taken)
    for invoice_id in sorted(taken - known.keys()):
        if supplier.company_number and of_supplier(session, supplier_id, invoice_id).due_on < today:
            note_notice(
                session,
                supplier_id=supplier_id,
                invoice_id=invoice_id,
                on=today,
                way="electronic" if reminder.channel == Channel.EMAIL else "post",
                by="system",
                clock=clock,
            )


def put_off(session: Session, supplier_id: SupplierId, reminder_id: ReminderId) -> int | None:
    """It was certainly not taken, and may be sent later: back to due.

    Returns how often it was tried, or None when it is not in hand any more.
    """
    reminder = _in_hand(session, supplier_id, reminder_id)
    if reminder is None:
        return None
    reminder.state, reminder.claimed_at = ReminderState.DUE, None
    return reminder.attempts


def refuse(
    session: Session,
    supplier_id: SupplierId,
    reminder_id: ReminderId,
    refusal: MailRefused,
    *,
    clock: Clock,
) -> None:
    """It was turned down for good. A dead address is remembered, and its steps are free again:
    they are taken once there is another address.
    """
    reminder = _in_hand(session, supplier_id, reminder_id)
    if reminder is None:
        return
    if refusal.address_is_dead:
        mark_bounced(session, supplier_id=supplier_id, contact_id=reminder.contact_id, clock=clock)
        release_steps(session, reminder, clock.now())
    _fail(session, reminder, str(refusal)[:500], clock=clock)


def lose_sight(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, *, clock: Clock
) -> None:
    """It was handed over and nobody said whether it was taken."""
    reminder = _in_hand(session, supplier_id, reminder_id)
    if reminder is not None and reminder.state == ReminderState.SENDING:
        _mark_unknown(session, reminder, clock=clock)


def mark_unanswered(session: Session, *, clock: Clock) -> int:
    """Show to a person what has been `sending` for too long: its worker is gone.

    Needs a system transaction; returns how many there were.
    """
    lost = session.scalars(
        select(Reminder)
        .where(
            Reminder.state == ReminderState.SENDING,
            # What another channel has in hand is watched there.
            Reminder.channel == Channel.EMAIL,
            Reminder.claimed_at < clock.now() - SENDING_LIMIT,
        )
        .order_by(Reminder.id)
        .with_for_update(skip_locked=True)
    ).all()
    for reminder in lost:
        _mark_unknown(session, reminder, clock=clock)
    return len(lost)


def confirm_sent(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, *, clock: Clock
) -> None:
    """A person found out that an unknown message was sent. Raises NoSuchReminder, NotUnknown."""
    _unknown(session, supplier_id, reminder_id)
    mark_sent(session, supplier_id, reminder_id, clock=clock)


def give_up(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, *, clock: Clock
) -> None:
    """A person found out that an unknown message was not sent: its steps are free again, and the
    next run decides. Raises NoSuchReminder, NotUnknown.
    """
    reminder = _unknown(session, supplier_id, reminder_id)
    release_steps(session, reminder, clock.now())
    _fail(session, reminder, Reason.NOT_SENT, clock=clock)


def skip(session: Session, reminder: Reminder, reason: Reason, *, clock: Clock) -> None:
    """A planned message has no reason to be sent any more; its steps are free again."""
    assert reminder.state == ReminderState.DUE, reminder.state
    reminder.state, reminder.reason = ReminderState.SKIPPED, reason
    session.flush()
    release_steps(session, reminder, clock.now())
    happened = ReminderSkipped(
        supplier_id=reminder.supplier_id,
        debtor_id=reminder.debtor_id,
        reminder_id=reminder.id,
        reason=reason,
    )
    record(session, happened, clock=clock)


def _in_hand(session: Session, supplier_id: SupplierId, reminder_id: ReminderId) -> Reminder | None:
    """The message, locked, if somebody is (or was) at sending it."""
    return session.scalar(
        select(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.id == reminder_id,
            Reminder.state.in_(_IN_HAND),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _unknown(session: Session, supplier_id: SupplierId, reminder_id: ReminderId) -> Reminder:
    reminder = session.scalar(
        select(Reminder)
        .where(Reminder.supplier_id == supplier_id, Reminder.id == reminder_id)
        .with_for_update()
    )
    if reminder is None:
        raise NoSuchReminder(str(reminder_id))
    if reminder.state != ReminderState.UNKNOWN:
        raise NotUnknown(reminder_id, reminder.state)
    return reminder


def _mark_unknown(session: Session, reminder: Reminder, *, clock: Clock) -> None:
    reminder.state, reminder.reason = ReminderState.UNKNOWN, Reason.NO_ANSWER
    session.flush()
    happened = ReminderUnknown(
        supplier_id=reminder.supplier_id, debtor_id=reminder.debtor_id, reminder_id=reminder.id
    )
    record(session, happened, clock=clock)


def _fail(session: Session, reminder: Reminder, reason: str, *, clock: Clock) -> None:
    reminder.state, reminder.reason = ReminderState.FAILED, reason
    session.flush()
    happened = ReminderFailed(
        supplier_id=reminder.supplier_id,
        debtor_id=reminder.debtor_id,
        reminder_id=reminder.id,
        reason=reason,
    )
    record(session, happened, clock=clock)


def _standing(session: Session, reminder: Reminder) -> list[ReminderItem]:
    return list(
        session.scalars(
            select(ReminderItem)
            .where(
                ReminderItem.supplier_id == reminder.supplier_id,
                ReminderItem.reminder_id == reminder.id,
                ReminderItem.released_at.is_(None),
            )
            .order_by(ReminderItem.invoice_id, ReminderItem.step)
        )
    )


def release_steps(session: Session, reminder: Reminder, now: datetime) -> None:
    """The steps a message took are free again."""
    session.execute(
        update(ReminderItem)
        .where(
            ReminderItem.supplier_id == reminder.supplier_id,
            ReminderItem.reminder_id == reminder.id,
            ReminderItem.released_at.is_(None),
        )
        .values(released_at=now)
        .execution_options(synchronize_session=False)
    )
