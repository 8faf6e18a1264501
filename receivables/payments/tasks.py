"""What payments leave to be done: understanding messages, looking again, filling gaps."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from receivables.broker import Work, actor, scheduled
from receivables.ids import PaymentId, SupplierId
from receivables.payments import inbox
from receivables.payments.checkout import look_again
from receivables.payments.errors import CardPaymentUnavailable
from receivables.payments.tables import Payment
from receivables.payments.topics import topic_of
from receivables.ports import Gateway

#: Stripe may be away for hours, and the message is still worth understanding.
_HOURS_OF_RETRIES = 60

#: How long a due look is one worker's; after that it is due again.
_CLAIMED_FOR = timedelta(minutes=10)
_BATCH = 500

#: How far back the nightly look at Stripe's own list of events goes.
_BACKFILL = timedelta(days=3)


@actor(queue_name="payments", max_retries=_HOURS_OF_RETRIES)
def process_stripe_event(work: Work, account: str, event_id: str) -> None:
    """Fetch what a message is about, as it is now, and take that down."""
    with work.reading() as session:
        event = inbox.pending(session, account, event_id)
    if event is None:
        return
    topic = topic_of(event.kind)
    found = topic.fetch(_gateway(work), event)
    with work.finish() as session:
        inbox.conclude(session, account, event_id, topic, found, clock=work.runtime.clock)


def _gateway(work: Work) -> Gateway:
    if work.runtime.gateway is None:
        raise CardPaymentUnavailable("not_configured")
    return work.runtime.gateway


@scheduled("* * * * *", queue_name="payments")
def reconcile(work: Work) -> None:
    """Have every attempt looked at whose time has come: `rules.next_check` says when."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        due = (
            select(Payment.id)
            .where(Payment.next_check_at <= now)
            .order_by(Payment.next_check_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        claimed = session.execute(
            update(Payment)
            .where(Payment.id.in_(due.scalar_subquery()))
            .values(next_check_at=now + _CLAIMED_FOR)
            .returning(Payment.id, Payment.supplier_id)
            .execution_options(synchronize_session=False)
        )
        for row in claimed.all():
            look.enqueue(
                session,
                now=now,
                supplier_id=row.supplier_id,
                of_supplier=row.supplier_id,
                payment_id=row.id,
            )


@actor(queue_name="payments", max_retries=3)
def look(work: Work, of_supplier: SupplierId, payment_id: PaymentId) -> None:
    """Look at one attempt."""
    look_again(work.runtime, of_supplier, payment_id)


@scheduled("17 2 * * *", queue_name="payments", time_limit=timedelta(minutes=5))
def backfill(work: Work) -> None:
    """Take in what Stripe says it told us, for the case that we were not at home."""
    gateway, clock = work.runtime.gateway, work.runtime.clock
    if gateway is None:
        return
    since = clock.now() - _BACKFILL
    with work.reading() as session:
        accounts = inbox.accounts(session)
    for account in accounts:
        for event in gateway.events_since(account, since):
            with work.transaction() as session:
                inbox.receive(session, event, gateway, clock=clock)
