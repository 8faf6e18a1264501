"""Dunning's work: runs by the calendar, one message at a time, thanks when money arrives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from receivables.broker import Work, actor, reaction, scheduled
from receivables.dunning import actions, outcomes
from receivables.dunning.composing import thanks_message
from receivables.dunning.controls import note_shown
from receivables.dunning.events import ReminderDue, ThanksNotSent, ThanksSent
from receivables.dunning.letting_out import close_overtaken
from receivables.dunning.planning import Frame, Planned, debtor_page, decided_of, frame_of
from receivables.dunning.queries import preview
from receivables.dunning.runs import hold_back, note_run, usual_of
from receivables.dunning.windows import day_shown, run_day
from receivables.history import record
from receivables.ids import DebtorId, ReminderId
from receivables.jobs import backoff
from receivables.parties import queries as parties
from receivables.payments.events import PaymentSettled
from receivables.ports import MailDeferred, MailRefused, MailUnknown
from receivables.workdays import HOLIDAYS

#: How many messages one transaction puts on record: others want to write, too.
_CHUNK = 400
#: A run over a hundred thousand invoices takes minutes, not hours.
_RUN_TIME = timedelta(minutes=30)
#: Longer than the mailer's own deadline, so that it is the mailer who says what became of a mail.
_SENDING_TIME = timedelta(seconds=75)


@scheduled("*/15 * * * *")
def begin_runs(work: Work) -> None:
    """One run a day for each supplier, begun in the morning where the supplier is, or as soon
    as we are up again.
    """
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            day = run_day(now, supplier.zone)
            if day is not None:
                dun_supplier.enqueue(
                    session, now=now, supplier_id=supplier.id,
                    dedup=f"dun:{supplier.id}:{day}", run_on=day,
                )  # fmt: skip


@scheduled("*/15 * * * *")
def show_tomorrow(work: Work) -> None:
    """From four in the afternoon tomorrow's messages can be seen, and objected to."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            day = day_shown(now, supplier.zone)
            if day is not None:
                show_day.enqueue(
                    session, now=now, supplier_id=supplier.id,
                    dedup=f"preview:{supplier.id}:{day}", run_on=day,
                )  # fmt: skip


@actor(time_limit=_RUN_TIME)
def show_day(work: Work, run_on: date) -> None:
    """Count a day's messages as they stand: from then on they are on show."""
    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "a preview is one supplier's"
    with work.reading() as session:
        messages = len(preview(session, supplier_id, run_on).messages)
    with work.finish() as session:
        note_shown(session, supplier_id, run_on, messages, clock=clock)


@actor(time_limit=_RUN_TIME)
def dun_supplier(work: Work, run_on: date) -> None:
    """One supplier's run of one day; what is decided is written down in small steps."""
    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "a run is one supplier's"
    with work.transaction() as session:
        zone = parties.supplier(session, supplier_id).zone
        if run_day(clock.now(), zone) != run_on:
            return
        actions.release_overtaken(session, supplier_id, run_on, clock=clock)
        close_overtaken(session, supplier_id, clock=clock)
    with work.reading() as session:
        frame = frame_of(session, supplier_id, run_on, calendar=HOLIDAYS)
        usual = usual_of(session, supplier_id, run_on, calendar=HOLIDAYS)
    batch, hold = 0, usual.holds(0)
    for chunk in _chunks(work, frame):
        batch += sum(one.verdict.step is not None for one in chunk)
        held_before, hold = hold, usual.holds(batch)
        with work.transaction() as session:
            if hold is not None and held_before is None:
                hold_back(session, supplier_id, run_on, hold)
            actions.write_down(
                session, supplier_id, chunk, run_on, hold=hold, calendar=HOLIDAYS, clock=clock
            )
    with work.transaction() as session:
        note_run(session, supplier_id, run_on, batch, hold, clock=clock)


def _chunks(work: Work, frame: Frame) -> Iterator[list[Planned]]:
    """What a run writes down, a little at a time: memory does not grow with the debtors, and
    nobody's writing waits for the whole.
    """
    after: DebtorId | None = None
    while True:
        with work.reading() as session:
            page = debtor_page(session, frame.supplier.id, after)
            to_write = list(filter(actions.does, decided_of(session, frame, page)))
        if not page:
            return
        after = page[-1]
        for first in range(0, len(to_write), _CHUNK):
            yield to_write[first : first + _CHUNK]


@reaction(ReminderDue, queue_name="mail", time_limit=_SENDING_TIME)
def send_reminder(work: Work, due: ReminderDue) -> None:
    _send(work, due.reminder_id)


@actor(queue_name="mail", time_limit=_SENDING_TIME)
def send_again(work: Work, reminder_id: ReminderId) -> None:
    """Another try of a message that was certainly not taken."""
    _send(work, reminder_id)


def _send(work: Work, reminder_id: ReminderId) -> None:
    """Claim, hand over, write down what became of it: three steps, the second outside of any
    transaction and never taken twice.
    """
    runtime, supplier_id = work.runtime, work.claimed.supplier_id
    assert supplier_id is not None, "a reminder is one supplier's"
    clock = runtime.clock
    with work.transaction() as session:
        early = actions.early_until(session, supplier_id, reminder_id, clock=clock)
        if early is not None:
            send_again.enqueue(
                session, now=clock.now(), available_at=early, supplier_id=supplier_id,
                reminder_id=reminder_id,
            )  # fmt: skip
            return
        message = actions.claim(
            session, supplier_id, reminder_id, settings=runtime.settings, clock=clock,
            calendar=HOLIDAYS,
        )  # fmt: skip
    if message is None:
        return
    # What became of it is written down by whoever claimed it, even if the job is somebody
    # else's by now: hence never in `finish`.
    try:
        runtime.mailer.send(message)
    except MailDeferred:
        with work.transaction() as session:
            tried = outcomes.put_off(session, supplier_id, reminder_id)
            if tried is not None:
                now = clock.now()
                send_again.enqueue(
                    session, now=now, available_at=now + backoff(tried),
                    supplier_id=supplier_id, reminder_id=reminder_id,
                )  # fmt: skip
    except MailRefused as refusal:
        with work.transaction() as session:
            outcomes.refuse(session, supplier_id, reminder_id, refusal, clock=clock)
    except MailUnknown:
        with work.transaction() as session:
            outcomes.lose_sight(session, supplier_id, reminder_id, clock=clock)
    else:
        with work.note() as session:
            outcomes.mark_sent(session, supplier_id, reminder_id, clock=clock)


@scheduled("* * * * *")
def mark_unanswered(work: Work) -> None:
    """Whatever a dead worker left under way is shown to a person."""
    with work.finish() as session:
        outcomes.mark_unanswered(session, clock=work.runtime.clock)


@reaction(PaymentSettled, queue_name="mail", max_retries=40, time_limit=_SENDING_TIME)
def send_thanks(work: Work, settled: PaymentSettled) -> None:
    """Thanks and receipt, at least once, always under one Message-ID."""
    runtime = work.runtime
    supplier_id, debtor_id = settled.supplier_id, settled.debtor_id
    assert debtor_id is not None, "a payment is one debtor's"
    with work.transaction() as session:
        message = thanks_message(
            session, supplier_id, debtor_id, settled.payment_id,
            settings=runtime.settings, clock=runtime.clock,
        )  # fmt: skip
    if message is None:
        return
    happened: ThanksSent | ThanksNotSent = ThanksSent(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        payment_id=settled.payment_id,
        amount=settled.amount,
    )
    try:
        runtime.mailer.send(message)
    except MailRefused as refusal:
        happened = ThanksNotSent(
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            payment_id=settled.payment_id,
            reason=str(refusal)[:500],
        )
    with work.finish() as session:
        record(session, happened, clock=runtime.clock)
