"""Twenty at the same moment: debtors on pages and jobs that charge, for one and the same debt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from receivables.database import Scope
from receivables.errors import TemporarilyUnavailable
from receivables.ids import InstalmentId, PaymentId, new_id
from receivables.ledger.queries import outstanding_of
from receivables.payments.charging import ChargeOrder
from receivables.payments.errors import (
    NothingToPay,
    PaymentAlreadySettled,
    PaymentExceedsOutstanding,
    PaymentInProgress,
)
from receivables.payments.looking import look_again
from receivables.payments.rules import check_choice, fingerprint
from receivables.payments.tables import Payment, PaymentPart
from receivables.ports import ChargeLine
from receivables.runtime import Runtime
from sandbox.stripe.problems import ApiProblem
from tests.support.builders import money
from tests.support.charge_story import ChargeStory, debt_of, open_charge_story
from tests.support.payments import VISA

# SQLite has one writer at a time: these races are PostgreSQL's.
pytestmark = pytest.mark.postgresql

CLIENTS = 20
ROUNDS = 5
DUE = 12000

#: What one of twenty may be told instead; the last two: the database is busy.
TOLD_NO = (
    NothingToPay,
    PaymentAlreadySettled,
    PaymentExceedsOutstanding,
    PaymentInProgress,
    TemporarilyUnavailable,
    SQLAlchemyError,
)


@pytest.fixture
def story(runtime: Runtime) -> ChargeStory:
    return open_charge_story(runtime)


def all_at_once(calls: Sequence[Callable[[], object]]) -> list[BaseException]:
    barrier, refused = threading.Barrier(len(calls)), list[BaseException]()

    def run(call: Callable[[], object]) -> None:
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


def booked_minor(story: ChargeStory) -> int:
    """What the ledger has against the invoice."""
    return DUE - story.till.world.outstanding(story.invoice_id).minor


def on_a_page(story: ChargeStory) -> Callable[[], object]:
    choice = story.choice()

    def pay() -> None:
        page = story.till.begin(choice)
        story.till.stripe.pay_by_card(page.url.rsplit("/", 1)[-1], VISA)
        look_again(story.till.runtime, choice.supplier_id, page.payment_id)

    return pay


def test_fault_13_pages_and_charges_of_one_debt_at_once_take_it_once(story: ChargeStory) -> None:
    for _ in range(ROUNDS):
        debt = debt_of(story)
        charges = [debt.order() for _ in range(CLIENTS // 2)]

        all_at_once(
            [
                *(on_a_page(debt) for _ in charges),
                *(partial(debt.charge, order) for order in charges),
            ]
        )
        debt.till.deliver()
        debt.pass_time(minutes=3)

        assert (debt.taken_minor(), booked_minor(debt)) == (DUE, DUE)


def test_fault_17_an_instalment_that_twenty_workers_charge_is_charged_once(
    story: ChargeStory,
) -> None:
    for _ in range(ROUNDS):
        debt, instalment = debt_of(story), InstalmentId(new_id())
        same = PaymentId(new_id())
        orders = [
            debt.order(
                "40.00 CHF",
                attempt=same if place % 2 else PaymentId(new_id()),
                instalment_id=instalment,
            )
            for place in range(CLIENTS)
        ]

        all_at_once([partial(debt.charge, order) for order in orders])
        debt.till.deliver()

        assert (debt.taken_minor(), booked_minor(debt)) == (4000, 4000)


def test_without_closing_the_page_a_charge_takes_the_debt_twice(story: ChargeStory) -> None:
    """If this one fails, the test of fault 13 proves nothing."""
    page = story.begin()

    _charge_carelessly(story, story.order(), threading.Barrier(1))
    story.till.pay(page)
    story.till.deliver()

    assert story.taken_minor() == 2 * DUE


def test_without_lock_and_index_twenty_workers_do_charge_more_than_once(
    story: ChargeStory,
) -> None:
    """If this one fails, the test of fault 17 proves nothing."""
    between = threading.Barrier(CLIENTS)
    orders = [story.order() for _ in range(CLIENTS)]

    all_at_once([partial(_charge_carelessly, story, order, between) for order in orders])

    assert story.taken_minor() > DUE


def _charge_carelessly(story: ChargeStory, order: ChargeOrder, between: threading.Barrier) -> None:
    """`start_charge` with its lock and the index of live attempts switched off: it looks whether
    it is charged already, and then writes; everything else is the same.
    """
    runtime, method = story.till.runtime, story.method()
    gateway, clock, scope = runtime.gateway, runtime.clock, Scope(order.supplier_id)
    assert gateway is not None
    with runtime.reading(scope) as session:
        check_choice(
            order.parts, outstanding_of(session, order.supplier_id, [story.invoice_id]), None
        )
        charged = select(Payment.id).where(
            Payment.debtor_id == order.debtor_id,
            Payment.channel == "charge",
            Payment.supplier_id == order.supplier_id,
        )
        if session.scalars(charged).first() is not None:
            raise PaymentInProgress(order.attempt)
    between.wait()
    line = ChargeLine(
        order.attempt, None, money(story.sum_due), method.stripe_customer_id,
        method.stripe_payment_method_id, "Invoice",
    )  # fmt: skip
    request = gateway.charge_request_for(line)
    with runtime.transaction(scope) as session:
        session.add(
            Payment(
                id=order.attempt, supplier_id=order.supplier_id, debtor_id=order.debtor_id,
                contact_id=None, channel="charge", saved_method_id=method.id,
                amount=money(story.sum_due), state="started", state_since=clock.now(),
                created_at=clock.now(), expires_at=clock.now() + timedelta(hours=1),
                fingerprint=fingerprint(order.debtor_id, order.parts), request=request,
                livemode=False,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            PaymentPart(
                payment_id=order.attempt, invoice_id=story.invoice_id,
                supplier_id=order.supplier_id, amount_minor=DUE, live=False,
            )
        )  # fmt: skip
    found = gateway.charge("", order.attempt, request)
    look_again(runtime, order.supplier_id, order.attempt)
    assert found.attempt == order.attempt
