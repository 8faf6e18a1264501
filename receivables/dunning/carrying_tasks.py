"""The work of steps that no e-mail carries, and what their channels tell of them."""

from __future__ import annotations

from datetime import timedelta

from receivables.broker import Work, actor, reaction
from receivables.calls.events import CallClosed
from receivables.dunning import carrying, outcomes
from receivables.dunning.actions import early_until
from receivables.dunning.events import StepDue
from receivables.ids import ReminderId, SupplierId
from receivables.jobs import backoff
from receivables.ports import Channel
from receivables.post.events import LetterHandedOver, LetterReturned, LetterSkipped
from receivables.sms.events import TextFailed, TextSent, TextUndelivered, TextUnknown
from receivables.sms.sending import send
from receivables.sms.tables import TextState
from receivables.workdays import HOLIDAYS

#: Longer than the gateway's own deadline.
_SENDING_TIME = timedelta(seconds=75)


@reaction(StepDue, queue_name="mail", time_limit=_SENDING_TIME)
def carry_step(work: Work, due: StepDue) -> None:
    """A step that is due by another way than e-mail goes to that way."""
    _carry(work, due.reminder_id, Channel(due.channel))


@actor(queue_name="mail", time_limit=_SENDING_TIME)
def carry_again(work: Work, reminder_id: ReminderId, channel: str) -> None:
    """Another try of what was certainly not taken, or what came before its hour."""
    _carry(work, reminder_id, Channel(channel))


def _carry(work: Work, reminder_id: ReminderId, channel: Channel) -> None:
    runtime, supplier_id = work.runtime, work.claimed.supplier_id
    assert supplier_id is not None, "a reminder is one supplier's"
    settings, clock = runtime.settings, runtime.clock
    with work.transaction() as session:
        early = early_until(session, supplier_id, reminder_id, clock=clock)
        if early is not None:
            carry_again.enqueue(
                session, now=clock.now(), available_at=early, supplier_id=supplier_id,
                reminder_id=reminder_id, channel=channel.value,
            )  # fmt: skip
            return
    if channel is Channel.SMS:
        _text(work, supplier_id, reminder_id)
        return
    with work.finish() as session:
        carrying.hand_over(
            session, supplier_id, reminder_id, channel, settings=settings, clock=clock,
            calendar=HOLIDAYS,
        )  # fmt: skip


def _text(work: Work, supplier_id: SupplierId, reminder_id: ReminderId) -> None:
    """Send one text; without a gateway it stays due, and its day closes it."""
    runtime, clock = work.runtime, work.runtime.clock
    if runtime.texter is None:
        return
    state = send(
        runtime,
        supplier_id,
        lambda session: carrying.claim_message(
            session, supplier_id, reminder_id, Channel.SMS, settings=runtime.settings,
            clock=clock, calendar=HOLIDAYS,
        ),
    )  # fmt: skip
    if state is TextState.DUE:
        with work.transaction() as session:
            tried = outcomes.put_off(session, supplier_id, reminder_id)
            if tried is not None:
                now = clock.now()
                carry_again.enqueue(
                    session, now=now, available_at=now + backoff(tried), supplier_id=supplier_id,
                    reminder_id=reminder_id, channel=Channel.SMS.value,
                )  # fmt: skip


@reaction(TextSent)
def text_was_sent(work: Work, sent: TextSent) -> None:
    with work.finish() as session:
        carrying.carried(
            session, sent.supplier_id, sent.execution_id, Channel.SMS, clock=work.runtime.clock
        )


@reaction(TextUnknown)
def text_is_unknown(work: Work, unknown: TextUnknown) -> None:
    with work.finish() as session:
        carrying.lost(
            session, unknown.supplier_id, unknown.execution_id, Channel.SMS,
            clock=work.runtime.clock,
        )  # fmt: skip


@reaction(TextFailed)
def text_failed(work: Work, failed: TextFailed) -> None:
    with work.finish() as session:
        carrying.turned_down(
            session, failed.supplier_id, failed.execution_id, Channel.SMS, reason=failed.reason,
            is_dead=failed.number_is_dead, clock=work.runtime.clock,
        )  # fmt: skip


@reaction(TextUndelivered)
def text_did_not_arrive(work: Work, lost: TextUndelivered) -> None:
    with work.finish() as session:
        # Its own "sent" may not have been reacted to yet.
        carrying.carried(
            session, lost.supplier_id, lost.execution_id, Channel.SMS, clock=work.runtime.clock
        )
        carrying.not_reached(
            session, lost.supplier_id, lost.execution_id, Channel.SMS, reason=lost.reason,
            is_dead=lost.number_is_dead, clock=work.runtime.clock,
        )  # fmt: skip


@reaction(LetterHandedOver)
def letter_was_posted(work: Work, posted: LetterHandedOver) -> None:
    with work.finish() as session:
        carrying.carried(
            session, posted.supplier_id, posted.execution_id, *carrying.POST,
            clock=work.runtime.clock,
        )  # fmt: skip


@reaction(LetterSkipped)
def letter_was_dropped(work: Work, skipped: LetterSkipped) -> None:
    with work.finish() as session:
        carrying.turned_down(
            session, skipped.supplier_id, skipped.execution_id, *carrying.POST,
            reason=skipped.reason, clock=work.runtime.clock,
        )  # fmt: skip


@reaction(LetterReturned)
def letter_came_back(work: Work, returned: LetterReturned) -> None:
    with work.finish() as session:
        carrying.turned_down(
            session, returned.supplier_id, returned.execution_id, *carrying.POST,
            reason=returned.reason, clock=work.runtime.clock,
        )  # fmt: skip


@reaction(CallClosed)
def call_was_closed(work: Work, closed: CallClosed) -> None:
    with work.finish() as session:
        if closed.how == "done":
            carrying.carried(
                session, closed.supplier_id, closed.execution_id, Channel.CALL,
                clock=work.runtime.clock,
            )  # fmt: skip
        else:
            carrying.turned_down(
                session, closed.supplier_id, closed.execution_id, Channel.CALL,
                reason=closed.how, clock=work.runtime.clock,
            )  # fmt: skip
