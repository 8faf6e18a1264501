"""What monitoring does by itself: judges what arrived, tells people, asks the bureau."""

from __future__ import annotations

from datetime import timedelta

from monitoring import actions, crediting
from monitoring.telling import planning as telling
from monitoring.events import AlertRaised, ScoreChanged
from monitoring.feeds.bureau import BureauClient
from monitoring.polling import poll
from monitoring.taking import Accepted, record_accepted
from receivables.broker import Work, actor, reaction, scheduled
from receivables.ids import DeliveryId, SubscriptionId, SupplierId
from receivables.parties.queries import suppliers
from receivables.ports import (
    MailDeferred,
    MailRefused,
    MailUnknown,
    PushOutcome,
    PushResult,
)

#: With a quarter of an hour between tries at most, about half a day.
_MAIL_TRIES = 50
#: Longer than the mailer's own deadline, so that it is the mailer who says what became of a mail.
_SENDING_TIME = timedelta(seconds=75)


def _supplier(work: Work) -> SupplierId:
    assert work.claimed.supplier_id is not None, "monitoring is a supplier's"
    return work.claimed.supplier_id


@reaction(ScoreChanged, queue_name="monitoring")
def evaluate(work: Work, changed: ScoreChanged) -> None:
    """Judge what a source says of a debtor by now."""
    assert changed.debtor_id is not None, "a score is a debtor's"
    with work.finish() as session:
        actions.evaluate(
            session,
            supplier_id=changed.supplier_id,
            debtor_id=changed.debtor_id,
            source=changed.source,
            clock=work.runtime.clock,
        )


@reaction(ScoreChanged, queue_name="monitoring")
def write_down_standing(work: Work, changed: ScoreChanged) -> None:
    """Plans and limits go by the debtor's standing, which knows classes and no scores."""
    assert changed.debtor_id is not None, "a score is a debtor's"
    with work.finish() as session:
        crediting.write_down(
            session,
            supplier_id=changed.supplier_id,
            debtor_id=changed.debtor_id,
            clock=work.runtime.clock,
        )


@actor(queue_name="monitoring")
def record_lines(work: Work, accepted: list[Accepted]) -> None:
    """Record some readings of a long file, which was accepted as a whole."""
    with work.finish() as session:
        record_accepted(
            session, supplier_id=_supplier(work), accepted=accepted, clock=work.runtime.clock
        )


@reaction(AlertRaised, queue_name="monitoring")
def tell(work: Work, raised: AlertRaised) -> None:
    """Put on record who is to be told and how; each telling is a job of its own."""
    runtime, supplier_id = work.runtime, raised.supplier_id
    now = runtime.clock.now()
    with work.finish() as session:
        planned = telling.plan(
            session,
            supplier_id=supplier_id,
            alert_id=raised.alert_id,
            push_on=runtime.pusher is not None,
            clock=runtime.clock,
        )
        for delivery_id in planned.mails:
            deliver_mail.enqueue(session, now=now, supplier_id=supplier_id, delivery_id=delivery_id)
        for delivery_id, subscription_id in planned.pushes:
            deliver_push.enqueue(
                session,
                now=now,
                supplier_id=supplier_id,
                delivery_id=delivery_id,
                subscription_id=subscription_id,
            )


@actor(queue_name="mail", max_retries=_MAIL_TRIES, time_limit=_SENDING_TIME)
def deliver_mail(work: Work, delivery_id: DeliveryId) -> None:
    """Send the mail of one delivery, at least once, always under one Message-ID."""
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.transaction() as session:
        message = telling.begin_mail(
            session,
            supplier_id=supplier_id,
            delivery_id=delivery_id,
            settings=runtime.settings,
            clock=runtime.clock,
        )
    if message is None:
        return
    try:
        runtime.mailer.send(message)
    except MailRefused as refusal:
        with work.finish() as session:
            telling.mail_failed(
                session, supplier_id=supplier_id, delivery_id=delivery_id, reason=str(refusal)
            )
    except (MailDeferred, MailUnknown) as trouble:
        if work.attempt <= _MAIL_TRIES:
            with work.transaction() as session:
                telling.mail_put_off(
                    session, supplier_id=supplier_id, delivery_id=delivery_id, reason=str(trouble)
                )
            raise
        with work.finish() as session:
            telling.mail_failed(
                session, supplier_id=supplier_id, delivery_id=delivery_id, reason=str(trouble)
            )
    else:
        with work.finish() as session:
            telling.mail_taken(
                session, supplier_id=supplier_id, delivery_id=delivery_id, clock=runtime.clock
            )


@actor(queue_name="monitoring", max_retries=3)
def deliver_push(work: Work, delivery_id: DeliveryId, subscription_id: SubscriptionId) -> None:
    """Wake one browser for one delivery; a busy push service is asked again when it said."""
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.transaction() as session:
        begun = telling.begin_push(
            session,
            supplier_id=supplier_id,
            delivery_id=delivery_id,
            subscription_id=subscription_id,
            settings=runtime.settings,
            clock=runtime.clock,
        )
    if begun is None:
        return
    if runtime.pusher is None:
        outcome = PushOutcome(
            PushResult.REFUSED, reason="the installation has no push key any more"
        )
    else:
        outcome = runtime.pusher.push(*begun, now=runtime.clock.now())
    with work.finish() as session:
        again_at = telling.close_push(
            session,
            supplier_id=supplier_id,
            delivery_id=delivery_id,
            subscription_id=subscription_id,
            outcome=outcome,
            clock=runtime.clock,
        )
        if again_at is not None:
            deliver_push.enqueue(
                session,
                now=runtime.clock.now(),
                available_at=again_at,
                supplier_id=supplier_id,
                delivery_id=delivery_id,
                subscription_id=subscription_id,
            )


@scheduled("*/5 * * * *", queue_name="monitoring")
def poll_bureau(work: Work) -> None:
    """Ask the bureau for every supplier, where the installation has one to ask."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        if work.runtime.settings.bureau.url is None:
            return
        for supplier in suppliers(session):
            poll_supplier.enqueue(
                session,
                now=now,
                supplier_id=supplier.id,
                dedup=f"poll:{supplier.id}:{now:%Y-%m-%dT%H:%M}",
            )


@actor(queue_name="monitoring", max_retries=2)
def poll_supplier(work: Work) -> None:
    """Ask the bureau for one supplier; what was understood stays, whatever interrupts us."""
    bureau = work.runtime.settings.bureau
    if bureau.url is None:
        return
    client = BureauClient(
        bureau.url, username=bureau.username or "", password=bureau.password or ""
    )
    try:
        poll(work.runtime, _supplier(work), client)
    finally:
        client.close()
