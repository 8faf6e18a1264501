"""What telling does by itself: plans, sends, carries further."""

from __future__ import annotations

import threading
from datetime import timedelta

from sqlalchemy.orm import Session

from monitoring.events import AlertRaised
from monitoring.telling import digests, escalating, mails, planning, pushes
from monitoring.telling import people as chosen
from monitoring.telling.planning import Planned, Planner
from receivables.broker import Work, actor, reaction, scheduled
from receivables.ids import DeliveryId, DigestId, SupplierId
from receivables.ports import MailDeferred, MailMessage, MailRefused, MailUnknown

#: With a quarter of an hour between tries at most, about half a day.
_MAIL_TRIES = 50
#: Longer than the mailer's own deadline, so that it is the mailer who says what became of a mail.
_SENDING_TIME = timedelta(seconds=75)


def _supplier(work: Work) -> SupplierId:
    assert work.claimed.supplier_id is not None, "telling is a supplier's"
    return work.claimed.supplier_id


def _enqueue(session: Session, work: Work, supplier_id: SupplierId, planned: Planned) -> None:
    """Jobs for what was planned, in the transaction of the plan."""
    now = work.runtime.clock.now()
    for delivery_id, due_at in planned.mails:
        deliver_mail.enqueue(
            session, now=now, available_at=due_at, supplier_id=supplier_id, delivery_id=delivery_id
        )
    for digest_id, due_at in planned.digests:
        deliver_digest.enqueue(
            session,
            now=now,
            available_at=due_at,
            supplier_id=supplier_id,
            dedup=f"digest:{digest_id}",
            digest_id=digest_id,
        )
    for due_at in planned.rounds:
        push_round.enqueue(session, now=now, available_at=due_at, supplier_id=supplier_id)


@reaction(AlertRaised, queue_name="monitoring")
def tell(work: Work, raised: AlertRaised) -> None:
    """Put on record who is to be told and how; each telling is a job of its own."""
    runtime = work.runtime
    with work.finish() as session:
        planned = planning.plan(
            session,
            supplier_id=raised.supplier_id,
            alert_id=raised.alert_id,
            push_on=runtime.pusher is not None,
            clock=runtime.clock,
        )
        _enqueue(session, work, raised.supplier_id, planned)


@actor(queue_name="mail", max_retries=_MAIL_TRIES, time_limit=_SENDING_TIME)
def deliver_mail(work: Work, delivery_id: DeliveryId) -> None:
    """Send the mail of one delivery, at least once, always under one Message-ID."""
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.transaction() as session:
        message = mails.begin_mail(
            session,
            supplier_id=supplier_id,
            delivery_id=delivery_id,
            settings=runtime.settings,
            clock=runtime.clock,
        )
    if message is None:
        return
    trouble = _send(work, message)
    with work.transaction() if isinstance(trouble, _Later) else work.finish() as session:
        if trouble is None:
            mails.mail_taken(
                session, supplier_id=supplier_id, delivery_id=delivery_id, clock=runtime.clock
            )
        else:
            close = mails.mail_put_off if isinstance(trouble, _Later) else mails.mail_failed
            close(session, supplier_id=supplier_id, delivery_id=delivery_id, reason=str(trouble))
    if isinstance(trouble, _Later):
        raise trouble.error


class _Later(Exception):
    """The mail server could not take it now; it is tried again."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__(str(error))


def _send(work: Work, message: MailMessage) -> Exception | None:
    """Hand a mail over: None, why it will not go, or `_Later`."""
    try:
        work.runtime.mailer.send(message)
    except MailRefused as refusal:
        return refusal
    except (MailDeferred, MailUnknown) as trouble:
        return _Later(trouble) if work.attempt <= _MAIL_TRIES else trouble
    return None


@actor(queue_name="mail", max_retries=_MAIL_TRIES, time_limit=_SENDING_TIME)
def deliver_digest(work: Work, digest_id: DigestId) -> None:
    """Send one digest, at least once, always under one Message-ID."""
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.transaction() as session:
        message = digests.begin_digest(
            session,
            supplier_id=supplier_id,
            digest_id=digest_id,
            settings=runtime.settings,
            clock=runtime.clock,
        )
    if message is None:
        return
    trouble = _send(work, message)
    is_later = isinstance(trouble, _Later)
    with work.transaction() if is_later else work.finish() as session:
        digests.close_digest(
            session,
            supplier_id=supplier_id,
            digest_id=digest_id,
            state="pending" if is_later else "delivered" if trouble is None else "failed",
            reason=str(trouble or ""),
            clock=runtime.clock,
        )
    if isinstance(trouble, _Later):
        raise trouble.error


#: Rounds at once in one process: slow push services must not hold all of its workers.
_ROUNDS = threading.BoundedSemaphore(2)
_NEXT_ROOM = timedelta(seconds=2)


@actor(queue_name="monitoring", max_retries=3)
def push_round(work: Work) -> None:
    """Send what pushes are due for one supplier; where there are more, another round goes too."""
    if not _ROUNDS.acquire(blocking=False):
        _wait_for_room(work)
        return
    try:
        _send_round(work)
    finally:
        _ROUNDS.release()


def _wait_for_room(work: Work) -> None:
    """Look again soon; however many wait for a supplier, one of them is enough."""
    now, supplier_id = work.runtime.clock.now(), _supplier(work)
    slot = int(now.timestamp() / _NEXT_ROOM.total_seconds()) + 1
    with work.finish() as session:
        push_round.enqueue(
            session,
            now=now,
            available_at=now + _NEXT_ROOM,
            supplier_id=supplier_id,
            dedup=f"room:{supplier_id}:{slot}",
        )


def _send_round(work: Work) -> None:
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.transaction() as session:
        found = pushes.begin_round(
            session, supplier_id=supplier_id, settings=runtime.settings, clock=runtime.clock
        )
        if found.has_more:
            push_round.enqueue(session, now=runtime.clock.now(), supplier_id=supplier_id)
    if not found.pushes:
        return
    outcomes = pushes.send_round(runtime.pusher, found.pushes, now=runtime.clock.now())
    with work.finish() as session:
        now = runtime.clock.now()
        planner = Planner(session, supplier_id, now, chosen.where_is(session, supplier_id), {})
        planned = pushes.close_round(
            session,
            supplier_id=supplier_id,
            outcomes=outcomes,
            planner=planner,
            clock=runtime.clock,
        )
        _enqueue(session, work, supplier_id, planned)


@scheduled("* * * * *", queue_name="monitoring")
def look_for_pushes(work: Work) -> None:
    """Send what a killed round or a lost wake-up left."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier_id in pushes.suppliers_with_pushes_due(session, now=now):
            push_round.enqueue(
                session,
                now=now,
                supplier_id=supplier_id,
                dedup=f"pushes:{supplier_id}:{now:%Y-%m-%dT%H:%M}",
            )


@scheduled("*/5 * * * *", queue_name="monitoring")
def look_for_unheeded(work: Work) -> None:
    """Carry further what nobody looked at, and bring back what was put off."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier_id in escalating.suppliers_to_look_at(session, now=now):
            carry_further.enqueue(
                session,
                now=now,
                supplier_id=supplier_id,
                dedup=f"unheeded:{supplier_id}:{now:%Y-%m-%dT%H:%M}",
            )


@actor(queue_name="monitoring")
def carry_further(work: Work) -> None:
    """Put on record whoever is told now of one supplier's unheeded alerts."""
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.finish() as session:
        planned = escalating.carry_further(
            session,
            supplier_id=supplier_id,
            push_on=runtime.pusher is not None,
            clock=runtime.clock,
        )
        _enqueue(session, work, supplier_id, planned)
