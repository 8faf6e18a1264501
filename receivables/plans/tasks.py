"""The work of plans: the day's run, one charge at a time, one message at a time, reactions."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from receivables.broker import Work, actor, reaction, scheduled
from receivables.credit.events import InsolvencyNoted
from receivables.ids import (
    InstalmentId,
    InvoiceId,
    PaymentId,
    PlanId,
    PlanMessageId,
    SupplierId,
)
from receivables.ledger.events import CreditAllocated, TransferBooked, WrittenOff
from receivables.parties import queries as parties
from receivables.payments.charging import charge
from receivables.payments.errors import (
    CardPaymentUnavailable,
    MethodNotUsable,
    NothingToPay,
    PaymentAboveMaximum,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.events import (
    MethodExpired,
    MethodRefused,
    MethodRemoved,
    MethodSaved,
    PaymentAllocated,
    PaymentExpired,
    PaymentFailed,
    PaymentSettled,
)
from receivables.payments.queries import find as find_payment
from receivables.payments.return_events import (
    CardPaymentsStopped,
    ChargebackWithdrawn,
    RefundMade,
)
from receivables.plans import charges, cover_watch, sending, upkeep
from receivables.plans.beginning import begin_if_covered
from receivables.plans.keeping import day_of_work
from receivables.plans.moving import PauseReason
from receivables.plans.reading import plans_in
from receivables.plans.states import STANDING
from receivables.plans.tables import Plan, PlanInvoice
from receivables.ports import MailDeferred, MailRefused, MailUnknown

#: How many plans one transaction looks at: others want to write, too.
_CHUNK = 50
#: Longer than the mailer's own deadline, so that it is the mailer who says what became of a mail.
_SENDING_TIME = timedelta(seconds=75)


@scheduled("*/15 * * * *")
def begin_runs(work: Work) -> None:
    """One run a day for each supplier, in the morning where the supplier is or when we are up."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier in parties.suppliers(session):
            run_on = day_of_work(now, supplier.zone)
            if run_on is not None:
                keep_plans.enqueue(
                    session, now=now, supplier_id=supplier.id,
                    dedup=f"plans:{supplier.id}:{run_on}", run_on=run_on,
                )  # fmt: skip


@actor(time_limit=timedelta(minutes=10))
def keep_plans(work: Work, run_on: date) -> None:
    """One supplier's run of one day: what each plan asks for, then a job for each charge."""
    supplier_id, clock = _supplier(work), work.runtime.clock
    with work.reading() as session:
        zone = parties.supplier(session, supplier_id).zone
        plan_ids = [plan.id for plan in plans_in(session, supplier_id, STANDING)]
    if day_of_work(clock.now(), zone) != run_on:
        return
    for first in range(0, len(plan_ids), _CHUNK):
        with work.transaction() as session:
            for plan_id in plan_ids[first : first + _CHUNK]:
                upkeep.review(session, supplier_id, plan_id, clock=clock)
    with work.reading() as session:
        covered = cover_watch.watched_plans(session, supplier_id)
    for first in range(0, len(covered), _CHUNK):
        with work.transaction() as session:
            for plan_id in covered[first : first + _CHUNK]:
                cover_watch.alert(session, supplier_id, plan_id, clock=clock)
    with work.reading() as session:
        due = charges.due_instalments(session, supplier_id, run_on)
    for first in range(0, len(due), _CHUNK):
        with work.transaction() as session:
            for instalment_id in due[first : first + _CHUNK]:
                charge_instalment.enqueue(
                    session, now=clock.now(), supplier_id=supplier_id,
                    dedup=f"instalment:{instalment_id}:{run_on}", instalment_id=instalment_id,
                )  # fmt: skip


def _supplier(work: Work) -> SupplierId:
    assert work.claimed.supplier_id is not None, "a plan is one supplier's"
    return work.claimed.supplier_id


@actor(queue_name="payments", time_limit=timedelta(seconds=120))
def charge_instalment(work: Work, instalment_id: InstalmentId) -> None:
    """Claim, commit, charge; what becomes of it comes back as an event about the payment."""
    supplier_id, clock = _supplier(work), work.runtime.clock
    with work.transaction() as session:
        order = charges.claim(session, supplier_id, instalment_id, clock=clock)
    if order is None:
        return
    needs = ""
    try:
        charge(work.runtime, order)
        return
    except (PaymentAlreadySettled, PaymentInProgress, CardPaymentUnavailable):
        pass
    except MethodNotUsable:
        needs = "card"
    except PaymentExceedsOutstanding:
        pass  # Something came since the claim: tomorrow's looks again.
    except (NothingToPay, PaymentBelowMinimum, PaymentAboveMaximum):
        needs = "person"
    with work.transaction() as session:
        if find_payment(session, supplier_id, order.attempt) is None:
            charges.release(
                session, supplier_id, instalment_id, order.attempt, needs=needs, clock=clock
            )


@scheduled("*/15 * * * *")
def expire_waiting(work: Work) -> None:
    """Plans nobody answered, signed or paid for in time."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        over = session.execute(
            select(Plan.supplier_id, Plan.id)
            .where(
                Plan.state.in_(("proposed", "approved", "awaiting_first")), Plan.expires_at <= now
            )
            .order_by(Plan.expires_at)
        ).all()
        for row in over:
            upkeep.expire(session, row.supplier_id, row.id, clock=work.runtime.clock)


@actor(queue_name="mail", max_retries=40, time_limit=_SENDING_TIME)
def send_message(work: Work, message_id: PlanMessageId) -> None:
    """Claim, hand over, write down what became of it; the second outside of any transaction."""
    runtime, supplier_id = work.runtime, _supplier(work)
    with work.transaction() as session:
        message = sending.begin(
            session, supplier_id, message_id, settings=runtime.settings, clock=runtime.clock
        )
    if message is None:
        return
    try:
        runtime.mailer.send(message)
    except MailDeferred:
        with work.transaction() as session:
            sending.put_off(session, supplier_id, message_id)
        raise
    except MailRefused as refusal:
        with work.transaction() as session:
            sending.fail(session, supplier_id, message_id, str(refusal), clock=runtime.clock)
    except MailUnknown:
        with work.transaction() as session:
            again = sending.lose_sight(session, supplier_id, message_id, clock=runtime.clock)
        if again:
            raise
    else:
        with work.transaction() as session:
            sending.mark_sent(session, supplier_id, message_id, clock=runtime.clock)


@scheduled("* * * * *")
def mark_unanswered(work: Work) -> None:
    """Whatever a dead worker left under way: what demands is shown, the rest is sent again."""
    with work.finish() as session:
        for lost in sending.mark_unanswered(session, clock=work.runtime.clock):
            send_message.enqueue(
                session, now=work.runtime.clock.now(), supplier_id=lost.supplier_id,
                message_id=lost.id,
            )  # fmt: skip


@reaction(PaymentSettled, queue_name="payments")
def take_payment(work: Work, settled: PaymentSettled) -> None:
    """The first payment of a plan activates it; any other may cure it, or pay it off."""
    with work.finish() as session:
        charges.note_settled(session, settled, clock=work.runtime.clock)


@reaction(PaymentFailed, queue_name="payments")
def take_refusal(work: Work, failed: PaymentFailed) -> None:
    with work.finish() as session:
        charges.note_failed(session, failed, clock=work.runtime.clock)


@reaction(PaymentExpired, queue_name="payments")
def take_back_charge(work: Work, expired: PaymentExpired) -> None:
    """Nobody knew what became of a charge, and now we do: nothing was taken."""
    with work.finish() as session:
        charges.note_expired(session, expired, clock=work.runtime.clock)


def _look_at(
    work: Work,
    supplier_id: SupplierId,
    invoice_id: InvoiceId | None,
    payment_id: PaymentId | None = None,
) -> None:
    """Something was put against an invoice: a plan on it may be cured by it, or paid off; one that
    waits for its first payment may begin.
    """
    assert invoice_id is not None, "it was put against one"
    with work.finish() as session:
        payment = find_payment(session, supplier_id, payment_id) if payment_id else None
        begin_if_covered(
            session,
            supplier_id,
            invoice_id,
            named=payment.instalment_id if payment else None,
            clock=work.runtime.clock,
        )
        plan_id: PlanId | None = session.scalar(
            select(PlanInvoice.plan_id).where(
                PlanInvoice.supplier_id == supplier_id,
                PlanInvoice.invoice_id == invoice_id,
                PlanInvoice.stands,
            )
        )
        if plan_id is not None:
            upkeep.review(session, supplier_id, plan_id, only_state=True, clock=work.runtime.clock)


@reaction(PaymentAllocated)
def look_after_payment(work: Work, allocated: PaymentAllocated) -> None:
    _look_at(work, allocated.supplier_id, allocated.invoice_id, allocated.payment_id)


@reaction(TransferBooked)
def look_after_transfer(work: Work, booked: TransferBooked) -> None:
    _look_at(work, booked.supplier_id, booked.invoice_id)


@reaction(CreditAllocated)
def look_after_credit(work: Work, allocated: CreditAllocated) -> None:
    _look_at(work, allocated.supplier_id, allocated.invoice_id)


@reaction(WrittenOff)
def look_after_write_off(work: Work, written_off: WrittenOff) -> None:
    _look_at(work, written_off.supplier_id, written_off.invoice_id)


@reaction(MethodSaved)
def use_saved_card(work: Work, saved: MethodSaved) -> None:
    """Plans that wait for a card, or charged the one it replaces, go on with it."""
    assert saved.debtor_id is not None, "a card is a debtor's"
    with work.finish() as session:
        charges.card_saved(
            session, saved.supplier_id, saved.debtor_id, saved.saved_method_id, saved.replaces,
            clock=work.runtime.clock,
        )  # fmt: skip


def _lost(work: Work, gone: MethodExpired | MethodRefused | MethodRemoved) -> None:
    assert gone.debtor_id is not None, "a card is a debtor's"
    with work.finish() as session:
        charges.card_lost(
            session, gone.supplier_id, gone.debtor_id, gone.saved_method_id,
            clock=work.runtime.clock,
        )  # fmt: skip


@reaction(MethodExpired)
def ask_after_expiry(work: Work, expired: MethodExpired) -> None:
    _lost(work, expired)


@reaction(MethodRefused)
def ask_after_refusal(work: Work, refused: MethodRefused) -> None:
    _lost(work, refused)


@reaction(MethodRemoved)
def ask_after_removal(work: Work, removed: MethodRemoved) -> None:
    _lost(work, removed)


def _pause(work: Work, returned: ChargebackWithdrawn | RefundMade, why: PauseReason) -> None:
    """Money of a plan went back: nothing is charged until a person has looked."""
    with work.finish() as session:
        for plan_id in charges.plans_paid_by(session, returned.supplier_id, returned.payment_id):
            upkeep.pause(session, returned.supplier_id, plan_id, why, clock=work.runtime.clock)


@reaction(ChargebackWithdrawn)
def pause_after_chargeback(work: Work, withdrawn: ChargebackWithdrawn) -> None:
    _pause(work, withdrawn, PauseReason.CHARGEBACK)


@reaction(RefundMade)
def pause_after_refund(work: Work, made: RefundMade) -> None:
    _pause(work, made, PauseReason.REFUND)


@reaction(CardPaymentsStopped)
def pause_disconnected(work: Work, stopped: CardPaymentsStopped) -> None:
    """The supplier's account takes no payments: nothing is charged nor held against anybody."""
    with work.finish() as session:
        upkeep.pause_all(
            session, stopped.supplier_id, PauseReason.DISCONNECTED, clock=work.runtime.clock
        )


@reaction(InsolvencyNoted)
def pause_insolvent(work: Work, noted: InsolvencyNoted) -> None:
    with work.finish() as session:
        upkeep.pause_all(
            session, noted.supplier_id, PauseReason.INSOLVENCY, debtor_id=noted.debtor_id,
            clock=work.runtime.clock,
        )  # fmt: skip
