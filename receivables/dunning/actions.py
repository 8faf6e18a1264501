"""Dunning: a run plans messages, each is claimed, handed over at most once, and accounted for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.dunning.composing import reminder_message
from receivables.dunning.facts import Vetoes, vetoes
from receivables.dunning.house import absences_since, hours_of
from receivables.dunning.letting_out import decent_hour_for
from receivables.dunning.outcomes import skip
from receivables.dunning.planning import Planned, frame_of, in_chunks, plan_again, taken_by
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import why_nothing
from receivables.dunning.runs import note_run, usual_of
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.dunning.windows import Window, may_be_late, window_for, zone_of
from receivables.dunning.writing import ToWrite, Writing, write
from receivables.ids import InvoiceId, ReminderId, SupplierId
from receivables.ledger.actions import lock_debtor_invoices
from receivables.links.actions import grant_for
from receivables.parties import queries as parties
from receivables.parties.tables import Supplier
from receivables.ports import MailMessage
from receivables.ports.channels import Channel
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
    frame = frame_of(session, supplier_id, today, calendar=calendar)
    planned = [one for chunk in in_chunks(session, frame) for one in chunk if does(one)]
    batch = sum(one.verdict.step is not None for one in planned)
    hold = usual_of(session, supplier_id, today, calendar=calendar).holds(batch)
    written = write_down(
        session, supplier_id, planned, today, hold=hold, calendar=calendar, clock=clock
    )
    note_run(session, supplier_id, today, batch, hold, clock=clock)
    return written


def does(planned: Planned) -> bool:
    """Whether a run writes anything down for a case."""
    return planned.verdict.step is not None or bool(planned.verdict.tasks)


def release_overtaken(
    session: Session, supplier_id: SupplierId, today: date, *, clock: Clock
) -> None:
    """Close what was planned on an earlier day and never sent, so that this run decides anew.

    What a person let out stays theirs, and what may still be sent in the debtor's own hours.
    """
    late = session.scalars(
        select(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.state == ReminderState.DUE,
            Reminder.run_on < today,
            Reminder.let_out_at.is_(None),
            Reminder.channel.in_((Channel.EMAIL, Channel.SMS)),
        )
        .order_by(Reminder.id)
        .with_for_update()
    ).all()
    now = clock.now()
    for reminder in late:
        if reminder.send_until is None or reminder.send_until <= now:
            skip(session, reminder, Reason.OVERTAKEN, clock=clock)


def write_down(
    session: Session,
    supplier_id: SupplierId,
    planned: Sequence[Planned],
    today: date,
    *,
    hold: Reason | None = None,
    calendar: Calendar = WEEKDAYS,
    clock: Clock,
) -> int:
    """Put planned messages and tasks on record, with the steps they take; returns how many
    messages are new. With `hold` all messages wait for a person.

    A message whose hours would be on a day off where the debtor is, as a Friday's in the far east
    are, or on one on which the supplier is away, is left to the next run.
    """
    supplier = parties.supplier(session, supplier_id)
    hours, taken_out = hours_of(session, supplier_id), vetoes(session, supplier_id, today)
    absences = absences_since(session, supplier_id, today)
    windows: dict[str, Window | None] = {}
    for place in {one.case.account.place for one in planned}:
        zone = zone_of(place[:2], otherwise=supplier.zone)
        window = window_for(clock.now(), supplier_zone=supplier.zone, debtor_zone=zone, hours=hours)
        works = window is not None and calendar.is_working_day(
            local_date(window.opens, zone), place
        )
        sent_on = local_date(window.opens, supplier.zone) if window else today
        away = any(first <= sent_on <= last for first, last in absences)
        windows[place] = window if works and not away else None
    writing = Writing(supplier_id, today, hold, clock)
    cases = [
        ToWrite(planned=one, window=windows[one.case.account.place], vetoed=_vetoed(taken_out, one))
        for one in planned
    ]
    return write(session, writing, cases)


def _vetoed(taken_out: Vetoes, planned: Planned) -> bool:
    return taken_out.cover(planned.case.debtor.id, planned.case.account.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that was decided anew, and is on record as being handed over."""

    reminder: Reminder
    planned: Planned
    supplier: Supplier


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
    claimed = claim_row(
        session, supplier_id, reminder_id, Channel.EMAIL, clock=clock, calendar=calendar
    )
    if claimed is None:
        return None
    reminder, contact = claimed.reminder, claimed.planned.case.contact
    assert contact is not None, "it was claimed for somebody"
    reminder.message_id = f"reminder-{reminder.id}@{settings.mail.from_address.rpartition('@')[2]}"
    session.flush()
    grant_id = grant_for(
        session, supplier_id, reminder.contact_id, lifetime=settings.links.lifetime, clock=clock
    )
    return reminder_message(
        session, claimed.supplier, claimed.planned, message_id=reminder.message_id,
        grant_id=grant_id, today=reminder.run_on,
        sent_on=local_date(clock.now(), claimed.supplier.zone), settings=settings,
    )  # fmt: skip


def claim_row(
    session: Session,
    supplier_id: SupplierId,
    reminder_id: ReminderId,
    channel: Channel,
    *,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> Claimed | None:
    """The part of a claim that every channel has in common: locked, decided anew, `sending`."""
    reminder = session.scalar(
        select(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.id == reminder_id,
            Reminder.channel == channel,
        )
        .with_for_update()
        # As it stands behind the lock, whoever looked at it before.
        .execution_options(populate_existing=True)
    )
    if reminder is None or reminder.state != ReminderState.DUE:
        return None
    now = clock.now()
    supplier = parties.supplier(session, supplier_id)
    if is_early(reminder, now):
        return None
    if _is_overtaken(session, reminder, supplier, now):
        skip(session, reminder, Reason.OVERTAKEN, clock=clock)
        return None
    lock_debtor_invoices(session, supplier_id, reminder.debtor_id)
    today = local_date(now, supplier.zone) if reminder.let_out_at else reminder.run_on
    taken = taken_by(session, reminder)
    planned = plan_again(session, reminder, today, only=taken, calendar=calendar)
    if planned is None or planned.verdict.step is None or planned.verdict.vetoed:
        skip(session, reminder, _why_not(session, reminder, planned), clock=clock)
        return None
    case, verdict = planned.case, planned.verdict
    assert verdict.step is not None, "checked above"
    contact = case.contact_for(verdict.step)
    if contact is None or contact.id != reminder.contact_id:
        skip(session, reminder, Reason.NO_CONTACT, clock=clock)
        return None
    _release_others(session, reminder, taken, planned, now)
    reminder.step, reminder.level = verdict.step.name, verdict.step.level
    reminder.amount = verdict.total
    if channel is Channel.EMAIL:
        reminder.to_address = contact.email
    reminder.language = case.language
    reminder.state, reminder.reason = ReminderState.SENDING, Reason.STEP_DUE
    reminder.claimed_at, reminder.attempts = now, reminder.attempts + 1
    return Claimed(reminder=reminder, planned=planned, supplier=supplier)


def is_early(reminder: Reminder, now: datetime) -> bool:
    """Whether the debtor's hours have not begun yet."""
    return reminder.send_from is not None and now < reminder.send_from


_REMINDER = Reminder.__table__.c
_HOURS = select(_REMINDER.send_from, _REMINDER.let_out_at).where(
    _REMINDER.supplier_id == bindparam("supplier"),
    _REMINDER.id == bindparam("reminder"),
    _REMINDER.state == ReminderState.DUE,
)


def early_until(
    session: Session, supplier_id: SupplierId, reminder_id: ReminderId, *, clock: Clock
) -> datetime | None:
    """When a planned message may be handed over, while that is still to come: its hours have not
    begun, or a person let it out and it is night by now.
    """
    asked = {"supplier": supplier_id, "reminder": reminder_id}
    hours = session.execute(_HOURS, asked).one_or_none()
    if hours is None:
        return None
    if hours.send_from is not None and clock.now() < hours.send_from:
        return cast("datetime", hours.send_from)
    if hours.let_out_at is None:
        return None
    return decent_hour_for(session, session.get_one(Reminder, reminder_id), clock)


def _is_overtaken(session: Session, reminder: Reminder, supplier: Supplier, now: datetime) -> bool:
    """Whether its hours are over: the window for what was never tried, the evening for the rest."""
    if reminder.send_until is None:
        return False
    if not reminder.attempts:
        return now >= reminder.send_until
    debtor = parties.debtor(session, reminder.supplier_id, reminder.debtor_id)
    zone = zone_of(debtor.country, otherwise=supplier.zone)
    same_day = local_date(now, zone) == local_date(reminder.send_until, zone)
    return not (same_day and may_be_late(now, zone))


def _why_not(session: Session, reminder: Reminder, planned: Planned | None) -> Reason:
    """Why a message that was planned has no reason to be sent any more: of the invoices that it was
    about, and of no others.
    """
    if planned is None:
        return Reason.SETTLED
    verdict = planned.verdict
    if verdict.vetoed:
        return Reason.VETOED
    about = set(
        session.scalars(
            select(ReminderItem.invoice_id).where(
                ReminderItem.supplier_id == reminder.supplier_id,
                ReminderItem.reminder_id == reminder.id,
                ReminderItem.state == ItemState.TAKEN,
            )
        )
    )
    left = [line for line in verdict.held if line.item.invoice_id in about]
    if not left:
        return Reason.SETTLED
    return verdict.reason if verdict.reason in {one.reason for one in left} else why_nothing(left)


def _release_others(
    session: Session,
    reminder: Reminder,
    taken: Collection[InvoiceId],
    planned: Planned,
    now: datetime,
) -> None:
    """Give back the steps of invoices that the message is not about any more."""
    kept = {line.item.invoice_id for line in planned.verdict.taking}
    if kept.issuperset(taken):
        return
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
