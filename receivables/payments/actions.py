"""Everything that changes an attempt to pay. Nothing here calls the gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.history import record
from receivables.ids import InvoiceId, PaymentId, SupplierId
from receivables.ledger.actions import Settlement, settle
from receivables.parties.queries import supplier as supplier_of
from receivables.payments import events
from receivables.payments.errors import CheckoutMismatch, NoSuchPayment
from receivables.payments.keeping import customer_of, keep, refused
from receivables.payments.queries import parts_of
from receivables.payments.rules import (
    AUTHENTICATION_REQUIRED,
    LIVE,
    NO_REFUSAL,
    REPORT_OF,
    REPORT_OF_CHARGE,
    Channel,
    PaymentState,
    Refusal,
    Report,
    is_for_good,
    next_check,
    transition,
)
from receivables.payments.tables import Payment, PaymentPart
from receivables.ports import Charge, ChargeStatus, Checkout


def mark_sent(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId, *, clock: Clock
) -> tuple[Payment, bool]:
    """Note, before it happens, that the gateway is told; the bool says that nobody had before."""
    payment = _locked(session, supplier_id, payment_id)
    first = _move(session, payment, Report.SENT, clock)
    session.flush()
    return payment, first


def learn(
    session: Session,
    supplier_id: SupplierId,
    payment_id: PaymentId,
    reported: Report,
    *,
    refusal: Refusal = NO_REFUSAL,
    problem: str = "",
    clock: Clock,
) -> Payment:
    """Take down what was learned about an attempt without seeing its page or charge."""
    payment = _locked(session, supplier_id, payment_id)
    _note_refusal(payment, reported, refusal)
    _move(session, payment, reported, clock)
    if problem:
        payment.problem = problem[:300]
    session.flush()
    return payment


def apply(
    session: Session,
    supplier_id: SupplierId,
    payment_id: PaymentId,
    found: Checkout | Charge,
    *,
    clock: Clock,
) -> Payment:
    """Take down what the gateway says of an attempt's page or charge, and book what it has taken.

    The one way for webhook, return page and reconciler: it may be called any number of times,
    in any order, and old news changes nothing.
    Raises CheckoutMismatch, with nothing changed, when what was found is not this attempt's.
    """
    payment = _locked(session, supplier_id, payment_id)
    _check(payment, found)
    payment.stripe_payment_intent_id = found.payment_intent_id or payment.stripe_payment_intent_id
    payment.method = found.method[:60] or payment.method
    # All of it is set before the step, so that the event carries it.
    if isinstance(found, Charge):
        reported = REPORT_OF_CHARGE[found.status]
        _note_refusal(payment, reported, _refusal(found))
    else:
        payment.stripe_session_id = found.id
        reported = REPORT_OF[found.status]
        _note_refusal(payment, reported, Refusal(found.failure_code))
        _keep_method(session, payment, found, clock)
    moved = _move(session, payment, reported, clock)
    if isinstance(found, Checkout):
        payment.stripe_session_url = found.url if payment.state == PaymentState.OPEN else None
        lost = found.saving and payment.saved_method_id is None
        if moved and lost and payment.state == PaymentState.SETTLED:
            record(session, events.MethodNotSaved(**about(session, payment)), clock=clock)
    session.flush()
    return payment


def _refusal(charge: Charge) -> Refusal:
    if charge.status is ChargeStatus.NEEDS_DEBTOR:
        return Refusal(AUTHENTICATION_REQUIRED)
    return Refusal(charge.failure_code, charge.decline_code, charge.advice_code)


def _note_refusal(payment: Payment, reported: Report, refusal: Refusal) -> None:
    if transition(PaymentState(payment.state), reported) == PaymentState.FAILED:
        payment.failure_code = refusal.code[:60]
        payment.decline_code = refusal.decline_code[:60]
        payment.advice_code = refusal.advice_code[:60]


def _keep_method(session: Session, payment: Payment, checkout: Checkout, clock: Clock) -> None:
    """What the page was to save, once the gateway has it."""
    if checkout.kept is None or payment.saved_method_id is not None:
        return
    customer = customer_of(
        session,
        payment.supplier_id,
        payment.debtor_id,
        payment.stripe_account,
        livemode=payment.livemode,
    )
    if customer is not None:
        kept = keep(session, customer, checkout.kept, consent=checkout.consent, clock=clock)
        payment.saved_method_id = kept.id if kept else None


def _check(payment: Payment, found: Checkout | Charge) -> None:
    known = payment.stripe_session_id
    if isinstance(found, Charge):
        known = payment.stripe_payment_intent_id
    made = Channel.CHARGE if isinstance(found, Charge) else Channel.CHECKOUT
    differs = {
        "attempt": (found.attempt, payment.id),
        "channel": (made, payment.channel),
        "id": (found.id, known or found.id),
        "amount": (found.amount, payment.amount),
        "account": (found.account, payment.stripe_account),
        "livemode": (found.livemode, payment.livemode),
    }
    for what, (theirs, ours) in differs.items():
        if theirs != ours:
            raise CheckoutMismatch(f"{what} of {found.id} is {theirs}, ours is {ours}")


def _move(session: Session, payment: Payment, reported: Report, clock: Clock) -> bool:
    """Make the step, with all that goes with it; False when there is none to make."""
    state = transition(PaymentState(payment.state), reported)
    if state is None:
        return False
    now, before = clock.now(), payment.state
    if payment.sent_at is None and state != PaymentState.EXPIRED:
        payment.sent_at = now
    payment.state = state
    payment.state_since = now
    payment.checks = 0
    payment.next_check_at = next_check(state, now, now)
    if state != PaymentState.UNKNOWN:
        payment.problem = ""
    if (before, state) != (PaymentState.STARTED, PaymentState.SENT):
        # An attempt that has just been put on record holds all that it is for.
        _hold(session, payment, live=state in LIVE)
    if state == PaymentState.SETTLED:
        _settle(session, payment, clock)
    if state == PaymentState.FAILED:
        _blame_the_method(session, payment, clock)
    happened = _EVENTS.get(state)
    if happened is not None:
        # What a settled payment was put against is told of each invoice by itself.
        said = whose(payment, None) if state == PaymentState.SETTLED else about(session, payment)
        record(session, happened(said, payment), clock=clock)
    return True


def _blame_the_method(session: Session, payment: Payment, clock: Clock) -> None:
    """A charge that no waiting cures: its method is good no longer."""
    code = payment.failure_code
    if (
        payment.channel == Channel.CHARGE
        and payment.saved_method_id is not None
        and is_for_good(code, payment.decline_code, payment.advice_code)
    ):
        refused(session, payment.supplier_id, payment.saved_method_id, code, clock=clock)


_EVENTS: dict[PaymentState, Callable[[dict[str, Any], Payment], events.PaymentEvent]] = {
    PaymentState.PROCESSING: lambda about, payment: events.PaymentProcessing(
        **about, method=payment.method
    ),
    PaymentState.SETTLED: lambda about, payment: events.PaymentSettled(
        **about, method=payment.method
    ),
    PaymentState.FAILED: lambda about, payment: events.PaymentFailed(
        **about,
        code=payment.failure_code,
        decline_code=payment.decline_code,
        advice_code=payment.advice_code,
    ),
    PaymentState.EXPIRED: lambda about, _: events.PaymentExpired(**about),
    PaymentState.UNKNOWN: lambda about, _: events.PaymentUnknown(**about),
}


def _change(live: bool) -> Update:
    return (
        update(_PART)
        .where(
            _PART.c.supplier_id == bindparam("supplier"),
            _PART.c.payment_id == bindparam("payment"),
            _PART.c.live != live,
        )
        .values(live=live)
    )


_PART = cast("Table", PaymentPart.__table__)
_OTHER = _PART.alias()
_TAKEN = select(_OTHER.c.payment_id).where(_OTHER.c.invoice_id == _PART.c.invoice_id, _OTHER.c.live)
_LET_GO, _HOLD = _change(live=False), _change(live=True).where(~_TAKEN.exists())


def _hold(session: Session, payment: Payment, *, live: bool) -> None:
    """Hold the payment's invoices, or let them go. One that came back to life after it was over
    holds only what nobody else has taken meanwhile.
    """
    session.flush()
    of_this = {"supplier": payment.supplier_id, "payment": payment.id}
    session.execute(_HOLD if live else _LET_GO, of_this)


def _settle(session: Session, payment: Payment, clock: Clock) -> None:
    zone = supplier_of(session, payment.supplier_id).zone
    settlement = settle(
        session,
        supplier_id=payment.supplier_id,
        debtor_id=payment.debtor_id,
        payment_id=payment.id,
        parts=[
            (part.invoice_id, part.amount)
            for part in parts_of(session, payment.supplier_id, payment)
        ],
        amount=payment.amount,
        booked_on=local_date(clock.now(), zone),
        clock=clock,
    )
    _record_settlement(session, payment, settlement, clock)


def _record_settlement(
    session: Session, payment: Payment, settlement: Settlement, clock: Clock
) -> None:
    whose: dict[str, Any] = {
        "supplier_id": payment.supplier_id,
        "debtor_id": payment.debtor_id,
        "payment_id": payment.id,
    }
    for invoice_id, amount in settlement.allocations:
        allocated = events.PaymentAllocated(
            **whose, invoice_id=invoice_id, amount=amount, method=payment.method
        )
        record(session, allocated, clock=clock)
    if settlement.surplus:
        surplus = events.SurplusReceived(**whose, amount=settlement.surplus)
        record(session, surplus, clock=clock)


def about(session: Session, payment: Payment) -> dict[str, Any]:
    """What every event about a payment says."""
    parts = parts_of(session, payment.supplier_id, payment)
    return whose(payment, parts[0].invoice_id if len(parts) == 1 else None)


def whose(payment: Payment, invoice_id: InvoiceId | None) -> dict[str, Any]:
    """The same where it is known which invoice is meant, if it is one."""
    return {
        "supplier_id": payment.supplier_id,
        "debtor_id": payment.debtor_id,
        "invoice_id": invoice_id,
        "payment_id": payment.id,
        "amount": payment.amount,
        "instalment_id": payment.instalment_id,
        "saved_method_id": payment.saved_method_id,
    }


def note_look(
    session: Session,
    supplier_id: SupplierId,
    payment_id: PaymentId,
    *,
    seen: PaymentState,
    clock: Clock,
) -> Payment:
    """Note that we looked at an attempt in state `seen`, and, if it is still there, when to
    look again: None when it is a person's turn.
    """
    payment = _locked(session, supplier_id, payment_id)
    now = clock.now()
    payment.looked_at = now
    if payment.state == seen and seen in LIVE:
        payment.checks += 1
        payment.next_check_at = next_check(seen, payment.state_since, now)
    session.flush()
    return payment


def note_problem(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId, problem: str
) -> Payment:
    """Put something a person has to look at on the attempt; its state stays."""
    payment = _locked(session, supplier_id, payment_id)
    payment.problem = problem[:300]
    session.flush()
    return payment


def give_up(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId, *, clock: Clock
) -> Payment:
    """A person has made sure, at the gateway, that nothing was taken: let the invoices go.

    Changes nothing unless the outcome is unknown.
    """
    payment = _locked(session, supplier_id, payment_id)
    if payment.state == PaymentState.UNKNOWN:
        _move(session, payment, Report.EXPIRED, clock)
        session.flush()
    return payment


_LOCKED = (
    select(Payment)
    .where(Payment.supplier_id == bindparam("supplier"), Payment.id == bindparam("payment"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def _locked(session: Session, supplier_id: SupplierId, payment_id: PaymentId) -> Payment:
    """The attempt as it stands now, and nobody else changes it. Raises NoSuchPayment."""
    found = session.scalar(_LOCKED, {"supplier": supplier_id, "payment": payment_id})
    if found is None:
        raise NoSuchPayment(payment_id)
    return found
