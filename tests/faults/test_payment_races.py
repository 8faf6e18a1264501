"""Fifty people pay the same invoice at the same moment, each on a device of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from receivables.database import SYSTEM, Scope
from receivables.errors import TemporarilyUnavailable
from receivables.ids import DebtorId, InvoiceId, PaymentId, new_id
from receivables.ledger.queries import outstanding_of
from receivables.payments.errors import (
    NothingToPay,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.looking import look_again
from receivables.payments.rules import PaymentState, check_choice, fingerprint
from receivables.payments.tables import Payment, PaymentPart
from receivables.runtime import Runtime
from sandbox.stripe.problems import ApiProblem
from tests.support.builders import money
from tests.support.payments import VISA, Till, open_till

# SQLite has one writer at a time: these races are PostgreSQL's.
pytestmark = pytest.mark.postgresql

PAYERS = 50
ROUNDS, MORE_ROUNDS = 6, 100
DUE = 12000

#: What one of fifty may be told instead of a page; the last two: the database is busy.
TOLD_NO = (
    NothingToPay,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
    PaymentInProgress,
    TemporarilyUnavailable,
    SQLAlchemyError,
)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def payers(till: Till, debtor_id: DebtorId, invoice_id: InvoiceId) -> list[Callable[[], None]]:
    """Full payments, parts, second tabs of the same page, second devices."""
    same_page = PaymentId(new_id())

    def payer(place: int) -> Callable[[], None]:
        amount = ("120.00 CHF", "120.00 CHF", "50.00 CHF", "70.00 CHF")[place % 4]
        attempt = same_page if place % 4 == 0 else PaymentId(new_id())
        choice = till.choice(debtor_id, [(invoice_id, amount)], attempt=attempt)

        def pay() -> None:
            page = till.begin(choice)
            session_id = page.url.rsplit("/", 1)[-1]
            till.stripe.pay_by_card(session_id, VISA)
            till.stripe.webhooks.deliver_due()
            look_again(till.runtime, choice.supplier_id, page.payment_id)

        return pay

    return [payer(place) for place in range(PAYERS)]


def all_at_once(calls: Sequence[Callable[[], None]]) -> list[BaseException]:
    barrier, refused = threading.Barrier(len(calls)), []

    def run(call: Callable[[], None]) -> None:
        barrier.wait()
        try:
            call()
        except (*TOLD_NO, ApiProblem) as error:
            # An ApiProblem is the hosted page saying that it is closed.
            refused.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def debt(till: Till) -> tuple[DebtorId, InvoiceId]:
    debtor_id = till.world.debtor()
    return debtor_id, till.world.invoice("120.00 CHF", debtor_id=debtor_id)


def charged_since(till: Till, before: int) -> int:
    return till.charged_minor() - before


def test_fifty_payers_at_once_never_pay_more_than_is_due(till: Till, thorough: bool) -> None:
    for _ in range(MORE_ROUNDS if thorough else ROUNDS):
        before = till.charged_minor()
        debtor_id, invoice_id = debt(till)

        refused = all_at_once(payers(till, debtor_id, invoice_id))
        till.deliver()

        charged = charged_since(till, before)
        assert 0 < charged <= DUE, f"{charged} of {DUE}"
        assert till.world.outstanding(invoice_id) == money("120.00 CHF") - _chf(charged)
        assert _booked(till, debtor_id) == charged
        assert len(refused) >= PAYERS // 2


def test_without_lock_and_index_fifty_payers_do_pay_more_than_is_due(till: Till) -> None:
    """If this one fails, the test above proves nothing."""
    before = till.charged_minor()
    debtor_id, invoice_id = debt(till)
    between = threading.Barrier(PAYERS)

    all_at_once(
        [lambda: _pay_carelessly(till, debtor_id, invoice_id, between) for _ in range(PAYERS)]
    )

    assert charged_since(till, before) > DUE


def _pay_carelessly(
    till: Till, debtor_id: DebtorId, invoice_id: InvoiceId, between: threading.Barrier
) -> None:
    """`start` with its lock and the index of live attempts switched off: it looks whether
    somebody is paying already, and then writes; everything else is the same.
    """
    choice = till.choice(debtor_id, [(invoice_id, "120.00 CHF")])
    gateway, clock, scope = till.runtime.gateway, till.runtime.clock, Scope(choice.supplier_id)
    assert gateway is not None
    with till.runtime.reading(scope) as session:
        check_choice(choice.parts, outstanding_of(session, choice.supplier_id, [invoice_id]), None)
        taken = select(PaymentPart.payment_id).where(
            PaymentPart.supplier_id == choice.supplier_id, PaymentPart.invoice_id == invoice_id
        )
        if session.scalars(taken).first() is not None:
            raise PaymentInProgress(choice.attempt)
    between.wait()
    request = {
        "mode": "payment", "success_url": "http://localhost/",
        "metadata": {"attempt": str(choice.attempt)},
        "line_items": [{"quantity": 1, "price_data": {
            "currency": "chf", "unit_amount": DUE, "product_data": {"name": "Invoice"}}}],
    }  # fmt: skip
    with till.runtime.transaction(scope) as session:
        session.add(
            Payment(
                id=choice.attempt, supplier_id=choice.supplier_id, debtor_id=debtor_id,
                contact_id=None, amount=money("120.00 CHF"), state=PaymentState.STARTED,
                state_since=clock.now(), created_at=clock.now(), expires_at=clock.now(),
                fingerprint=fingerprint(debtor_id, choice.parts), request=request, livemode=False,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            PaymentPart(
                payment_id=choice.attempt, invoice_id=invoice_id, supplier_id=choice.supplier_id,
                amount_minor=DUE, live=False,
            )
        )  # fmt: skip
    page = gateway.open_checkout("", choice.attempt, request)
    till.stripe.pay_by_card(page.id, VISA)
    look_again(till.runtime, choice.supplier_id, choice.attempt)


def _chf(minor: int) -> object:
    return money(f"{minor / 100:.2f} CHF")


def _booked(till: Till, debtor_id: DebtorId) -> int:
    with till.runtime.reading(SYSTEM) as session:
        rows = session.scalars(select(Payment.id).where(Payment.debtor_id == debtor_id)).all()
    return sum(amount.minor for row in rows for amount in till.booked(row))
