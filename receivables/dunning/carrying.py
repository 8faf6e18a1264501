"""Steps that go by text message, letter or telephone: decided here, carried by their channel.

The engine's row says that the step is taken and by which way; the channel's own row says how it
fares, and tells it by events with the same execution. Letters and calls are handed over in the
transaction that decides; a text message is claimed in it and sent outside.
"""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from receivables.calls.actions import hand_over as have_called
from receivables.clock import Clock, local_date
from receivables.dunning.actions import Claimed, claim_row
from receivables.dunning.events import ReminderFailed, ReminderSkipped
from receivables.dunning.items import days_past_due
from receivables.dunning.outcomes import lose_sight, mark_sent, release_steps
from receivables.dunning.reasons import Reason
from receivables.dunning.steps import FORMAL_DEADLINE, LegalEffect
from receivables.dunning.tables import Reminder, ReminderState
from receivables.history import record
from receivables.ids import ExecutionId, ReminderId, SupplierId
from receivables.links.actions import grant_for
from receivables.links.tokens import link_to, make_token
from receivables.ports.channels import Channel, ChannelMessage, MessageLine, OwnWords
from receivables.post.actions import hand_over as have_printed
from receivables.settings import Settings
from receivables.wording.queries import Key, text_in_use
from receivables.workdays import WEEKDAYS, Calendar

POST = (Channel.LETTER, Channel.REGISTERED)


def claim_message(
    session: Session,
    supplier_id: SupplierId,
    reminder_id: ReminderId,
    channel: Channel,
    *,
    settings: Settings,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> ChannelMessage | None:
    """Take a planned step for its channel; None when it must not go, or is taken already.

    Decided anew from the ledger as it stands in this transaction, like an e-mail.
    """
    claimed = claim_row(session, supplier_id, reminder_id, channel, clock=clock, calendar=calendar)
    if claimed is None:
        return None
    return _message(session, claimed, channel, settings=settings, clock=clock)


def hand_over(
    session: Session,
    supplier_id: SupplierId,
    reminder_id: ReminderId,
    channel: Channel,
    *,
    settings: Settings,
    clock: Clock,
    calendar: Calendar = WEEKDAYS,
) -> bool:
    """Give a letter or a call to those who make it, in the transaction that decides."""
    message = claim_message(
        session, supplier_id, reminder_id, channel, settings=settings, clock=clock,
        calendar=calendar,
    )  # fmt: skip
    if message is None:
        return False
    if channel in POST:
        have_printed(session, message, clock=clock)
    else:
        assert channel is Channel.CALL, channel
        have_called(session, message, clock=clock)
    return True


def carried(
    session: Session,
    supplier_id: SupplierId,
    execution_id: ExecutionId,
    *channels: Channel,
    clock: Clock,
) -> None:
    """The channel did it: the text was taken, the letter posted, the call made."""
    for row in _in_hand(session, supplier_id, execution_id, *channels):
        mark_sent(session, supplier_id, row.id, clock=clock)


def lost(
    session: Session,
    supplier_id: SupplierId,
    execution_id: ExecutionId,
    channel: Channel,
    *,
    clock: Clock,
) -> None:
    """Nobody knows whether the channel did it."""
    for row in _in_hand(session, supplier_id, execution_id, channel):
        lose_sight(session, supplier_id, row.id, clock=clock)


def turned_down(
    session: Session,
    supplier_id: SupplierId,
    execution_id: ExecutionId,
    *channels: Channel,
    reason: str,
    is_dead: bool = False,
    clock: Clock,
) -> None:
    """The channel will not do it any more: dropped for want of a reason, or failed for good. Where
    its address `is_dead`, the steps are free again: the next run takes the next channel.
    """
    for row in _in_hand(session, supplier_id, execution_id, *channels):
        needless = reason in ("settled", "needless")
        row.state = ReminderState.SKIPPED if needless else ReminderState.FAILED
        row.reason = Reason.SETTLED if needless else reason[:500]
        session.flush()
        if is_dead and row.beside is None:
            release_steps(session, row, clock.now())
        told = ReminderSkipped if needless else ReminderFailed
        happened = told(
            supplier_id=supplier_id, debtor_id=row.debtor_id, reminder_id=row.id,
            reason=row.reason,
        )  # fmt: skip
        record(session, happened, clock=clock)


def not_reached(
    session: Session,
    supplier_id: SupplierId,
    execution_id: ExecutionId,
    channel: Channel,
    *,
    reason: str,
    is_dead: bool,
    clock: Clock,
) -> None:
    """What the channel had done did not reach the debtor after all."""
    lead = ReminderId(execution_id)
    rows = session.scalars(
        select(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            or_(Reminder.id == lead, Reminder.beside == lead),
            Reminder.channel == channel,
            Reminder.state == ReminderState.SENT,
        )
        .with_for_update()
    ).all()
    for row in rows:
        row.state, row.sent_at = ReminderState.UNKNOWN, None
    session.flush()
    turned_down(
        session, supplier_id, execution_id, channel, reason=reason, is_dead=is_dead, clock=clock
    )


def _in_hand(
    session: Session, supplier_id: SupplierId, execution_id: ExecutionId, *channels: Channel
) -> list[Reminder]:
    lead = ReminderId(execution_id)
    return list(
        session.scalars(
            select(Reminder)
            .where(
                Reminder.supplier_id == supplier_id,
                or_(Reminder.id == lead, Reminder.beside == lead),
                Reminder.channel.in_(channels),
                Reminder.state.in_((ReminderState.SENDING, ReminderState.UNKNOWN)),
            )
            .with_for_update()
        )
    )


def _message(
    session: Session, claimed: Claimed, channel: Channel, *, settings: Settings, clock: Clock
) -> ChannelMessage:
    reminder, verdict = claimed.reminder, claimed.planned.verdict
    contact = claimed.planned.case.contact
    assert verdict.step is not None, "a step was claimed"
    assert contact is not None, "it was claimed for somebody"
    grant_id = grant_for(
        session, reminder.supplier_id, reminder.contact_id, lifetime=settings.links.lifetime,
        clock=clock,
    )  # fmt: skip
    is_formal = verdict.step.legal_effect is LegalEffect.FORMAL_NOTICE
    deadline_on = local_date(clock.now(), claimed.supplier.zone) + FORMAL_DEADLINE
    return ChannelMessage(
        execution_id=reminder.execution_id,
        supplier_id=reminder.supplier_id,
        debtor_id=reminder.debtor_id,
        contact_id=reminder.contact_id,
        channel=channel,
        language=reminder.language,
        level=verdict.step.level,
        tone=verdict.step.tone,
        address=reminder.to_address,
        lines=_lines(claimed, verdict.account.currency),
        link=link_to(make_token(grant_id, settings.links.secrets), settings.web.portal_url),
        formal_notice=is_formal,
        deadline_on=deadline_on if is_formal else None,
        own=_own_words(session, reminder, verdict.step.name, channel),
    )


def worded_as(channel: Channel) -> Channel | None:
    """By which channel's words a message goes; None: a person speaks."""
    if channel is Channel.CALL:
        return None
    return Channel.LETTER if channel in POST else channel


def _own_words(
    session: Session, reminder: Reminder, step: str, channel: Channel
) -> OwnWords | None:
    """The supplier's own words for this channel, where there are any in use."""
    worded = worded_as(channel)
    if worded is None:
        return None
    own = text_in_use(session, reminder.supplier_id, Key(step, worded, reminder.language))
    if own is None:
        return None
    return OwnWords(subject=own.subject, opening=own.opening, closing=own.closing)


def _lines(claimed: Claimed, currency: str) -> tuple[MessageLine, ...]:
    lines = claimed.planned.verdict.lines
    assert all(line.amount.currency == currency for line in lines), "one message, one currency"
    return tuple(
        MessageLine(
            invoice_id=line.item.invoice_id,
            number=line.item.number,
            issued_on=line.item.issued_on,
            due_on=line.item.due_on,
            days_past_due=days_past_due(line.item.due_on, claimed.reminder.run_on),
            amount=line.amount,
        )
        for line in lines
    )
