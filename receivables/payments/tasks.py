"""What payments leave to be done: understanding messages, looking again, filling gaps."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import structlog
from sqlalchemy import select, update

from receivables.broker import Work, actor, reaction, scheduled
from receivables.clock import local_date
from receivables.database import Scope
from receivables.history import Event
from receivables.ids import DebtorId, PaymentId, RefundId, SupplierId
from receivables.ledger.events import CreditAllocated, TransferBooked, WrittenOff
from receivables.parties.queries import suppliers
from receivables.payments import inbox
from receivables.payments.errors import CardPaymentUnavailable
from receivables.payments.events import MethodRemoved, PaymentAllocated, PaymentFailed
from receivables.payments.looking import look_again, take_down
from receivables.payments.making_way import close_outdated
from receivables.payments.queries import of_supplier
from receivables.payments.refunds import look_again_at
from receivables.payments.return_tables import Refund
from receivables.payments.rules import Channel
from receivables.payments.saved import expire, method_of_debtor
from receivables.payments.tables import Payment
from receivables.payments.topics import topic_of
from receivables.ports import Gateway, GatewayNotConfigured

log = structlog.get_logger(__name__)

#: Stripe may be away for hours, and the message is still worth understanding.
_HOURS_OF_RETRIES = 60

#: How long a due look is one worker's; after that it is due again.
_CLAIMED_FOR = timedelta(minutes=10)
_BATCH = 500

#: How far back the nightly look at Stripe's own list of events goes: Stripe keeps no more.
#: Source: docs.stripe.com/api/events/list, "events, going back up to 30 days".
_BACKFILL = timedelta(days=30)
#: How many messages are looked up in one reading; a page of Stripe's list.
_AT_ONCE = 100


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


@reaction(PaymentFailed, queue_name="payments", max_retries=_HOURS_OF_RETRIES)
def cancel_refused_charge(work: Work, failed: PaymentFailed) -> None:
    """See to it that a charge that failed is never taken after all: it is asked for anew."""
    with work.reading() as session:
        payment = of_supplier(session, failed.supplier_id, failed.payment_id)
    intent_id = payment.stripe_payment_intent_id
    if payment.channel != Channel.CHARGE or intent_id is None:
        return
    found = _gateway(work).cancel_charge(payment.stripe_account, intent_id)
    take_down(work.runtime, payment, found)


@reaction(MethodRemoved, queue_name="payments", max_retries=_HOURS_OF_RETRIES)
def forget_method(work: Work, removed: MethodRemoved) -> None:
    """Have the gateway keep it no longer, either."""
    with work.reading() as session:
        method = method_of_debtor(
            session, removed.supplier_id, _debtor_of(removed), removed.saved_method_id
        )
    _gateway(work).forget_method(method.stripe_account, method.stripe_payment_method_id)


def _debtor_of(removed: MethodRemoved) -> DebtorId:
    assert removed.debtor_id is not None, "a method is some debtor's"
    return removed.debtor_id


@scheduled("41 1 * * *", queue_name="payments")
def expire_methods(work: Work) -> None:
    """Note which cards have seen their last month, before anything falls due on them."""
    now, clock = work.runtime.clock.now(), work.runtime.clock
    with work.reading() as session:
        zones = [(supplier.id, supplier.zone) for supplier in suppliers(session)]
    for supplier_id, zone in zones:
        with work.runtime.transaction(Scope(supplier_id)) as session:
            expire(session, supplier_id, today=local_date(now, zone), clock=clock)


@scheduled("* * * * *", queue_name="payments")
def reconcile_refunds(work: Work) -> None:
    """Have every refund looked at whose time has come: `refund_rules.next_check` says when."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        due = (
            select(Refund.id)
            .where(Refund.next_check_at <= now)
            .order_by(Refund.next_check_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        claimed = session.execute(
            update(Refund)
            .where(Refund.id.in_(due.scalar_subquery()))
            .values(next_check_at=now + _CLAIMED_FOR)
            .returning(Refund.id, Refund.supplier_id)
            .execution_options(synchronize_session=False)
        )
        for row in claimed.all():
            look_at_refund.enqueue(
                session,
                now=now,
                supplier_id=row.supplier_id,
                of_supplier=row.supplier_id,
                refund_id=row.id,
            )


@actor(queue_name="payments", max_retries=3)
def look_at_refund(work: Work, of_supplier: SupplierId, refund_id: RefundId) -> None:
    """Look at one refund."""
    look_again_at(work.runtime, of_supplier, refund_id)


@reaction(CreditAllocated, queue_name="payments")
def page_after_credit(work: Work, event: CreditAllocated) -> None:
    """Close the page that is open for an invoice which credit has just lowered."""
    _close_page(work, event)


@reaction(TransferBooked, queue_name="payments")
def page_after_transfer(work: Work, event: TransferBooked) -> None:
    """Close the page that is open for an invoice which a transfer has just lowered."""
    _close_page(work, event)


@reaction(WrittenOff, queue_name="payments")
def page_after_write_off(work: Work, event: WrittenOff) -> None:
    """Close the page that is open for an invoice which has just been written off."""
    _close_page(work, event)


@reaction(PaymentAllocated, queue_name="payments")
def page_after_payment(work: Work, event: PaymentAllocated) -> None:
    """Close the page that is open for an invoice which another payment has just lowered."""
    _close_page(work, event)


def _close_page(work: Work, event: Event) -> None:
    assert event.invoice_id is not None, event.kind
    close_outdated(work.runtime, event.supplier_id, event.invoice_id)


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
        try:
            told = gateway.events_since(account, since)
            while some := list(islice(told, _AT_ONCE)):
                with work.reading() as session:
                    missed = inbox.unknown(session, some)
                for event in missed:
                    with work.transaction() as session:
                        inbox.receive(session, event, gateway, clock=clock)
        except GatewayNotConfigured as error:
            # That account has left us, or the key is gone: the others are not to wait for it.
            log.warning("stripe.backfill_refused", account=account, code=error.code)
