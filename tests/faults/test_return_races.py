"""Twenty at the same moment: refunds of one payment, messages about one refund, a page that is
paid while a transfer is booked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from sqlalchemy.exc import SQLAlchemyError

from receivables.database import Scope
from receivables.errors import TemporarilyUnavailable
from receivables.ids import PaymentId, RefundId, new_id
from receivables.ledger.actions import Overpaid, clearing_of, post, receivable_of
from receivables.ledger.lots import standing_of
from receivables.ledger.queries import unapplied_of
from receivables.ledger.tables import Reason
from receivables.payments import queries, return_queries
from receivables.payments.making_way import make_way
from receivables.payments.refund_actions import apply
from receivables.payments.refund_rules import RefundExceedsLeft, RefundState
from receivables.payments.refunds import look_again_at
from receivables.payments.return_tables import Refund
from receivables.ports import RefundFound, RefundOrder
from receivables.runtime import Runtime
from sandbox.stripe.problems import ApiProblem
from tests.support.builders import money
from tests.support.payment_returns import pay_whole, refunds, send_back, standing, transfer
from tests.support.payment_story import Story, open_story
from tests.support.payments import VISA

# SQLite has one writer at a time: these races are PostgreSQL's.
pytestmark = pytest.mark.postgresql

CLIENTS = 20
ROUNDS = 5

#: What one of twenty may be told instead; the last two: the database is busy.
TOLD_NO = (RefundExceedsLeft, Overpaid, TemporarilyUnavailable, SQLAlchemyError, ApiProblem)


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


def all_at_once(calls: Sequence[Callable[[], object]]) -> list[BaseException]:
    barrier, refused = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            call()
        except TOLD_NO as error:
            refused.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def fresh(story: Story) -> Story:
    """Another debtor with another 120 francs."""
    debtor_id = story.till.world.debtor()
    invoice_id = story.till.world.invoice("120.00 CHF", debtor_id=debtor_id)
    return Story(story.till, debtor_id, invoice_id)


def states(story: Story, payment_id: PaymentId) -> list[str]:
    return [row.state for row in refunds(story, payment_id)]


def test_fault_30_twenty_refunds_at_once_are_refused_by_us_before_stripe_has_to(
    story: Story,
) -> None:
    for _ in range(ROUNDS):
        mine = fresh(story)
        payment_id = pay_whole(mine)

        refused = all_at_once([partial(send_back, mine, payment_id, "30.00 CHF")] * CLIENTS)

        assert states(mine, payment_id) == ["succeeded"] * 4
        assert standing(mine, payment_id).left == money("0.00 CHF")
        assert len(refused) == CLIENTS - 4
        assert all(isinstance(one, RefundExceedsLeft) for one in refused), refused


def test_without_the_lock_twenty_refunds_are_promised_and_stripe_has_to_refuse(
    story: Story,
) -> None:
    """If this one fails, the test above proves nothing."""
    payment_id = pay_whole(story)
    between = threading.Barrier(CLIENTS)

    all_at_once([partial(_send_back_carelessly, story, payment_id, between)] * CLIENTS)

    assert states(story, payment_id).count("refused") > 0


def _send_back_carelessly(story: Story, payment_id: PaymentId, between: threading.Barrier) -> None:
    """`request` with its lock left out: it looks what is left, and then writes."""
    runtime, supplier_id = story.till.runtime, story.till.supplier_id
    gateway, clock, amount = runtime.gateway, runtime.clock, money("30.00 CHF")
    assert gateway is not None
    with runtime.reading(Scope(supplier_id)) as session:
        payment = queries.of_supplier(session, supplier_id, payment_id)
        left = return_queries.refundable_of(session, payment).left
    if amount > left:
        raise RefundExceedsLeft(amount, left)
    between.wait()
    refund_id = RefundId(new_id())
    order = RefundOrder(refund_id, payment_id, str(payment.stripe_payment_intent_id), amount)
    with runtime.transaction(Scope(supplier_id)) as session:
        session.add(
            Refund(
                id=refund_id, supplier_id=supplier_id, payment_id=payment_id, amount=amount,
                external=False, state=RefundState.STARTED, state_since=clock.now(),
                request=gateway.refund_request(order), created_at=clock.now(), sent_at=None,
                next_check_at=None,
            )
        )  # fmt: skip
    send_back(story, payment_id, "30.00 CHF", refund_id=refund_id)
    look_again_at(runtime, supplier_id, refund_id)


def test_fault_31_twenty_messages_about_one_refund_book_it_once(story: Story) -> None:
    for _ in range(ROUNDS):
        mine = fresh(story)
        payment_id = pay_whole(mine)
        found = found_at_stripe(mine, payment_id)

        errors = all_at_once([partial(take_down, mine, payment_id, found)] * CLIENTS)

        assert errors == []
        assert states(mine, payment_id) == ["succeeded"]
        assert standing(mine, payment_id).given_back == money("20.00 CHF")
        assert mine.outstanding() == "CHF 20.00"


def test_without_a_name_of_its_own_one_refund_is_booked_several_times(story: Story) -> None:
    """If this one fails, the test above proves nothing."""
    payment_id = pay_whole(story)
    between = threading.Barrier(CLIENTS)

    all_at_once([partial(_book_carelessly, story, payment_id, between)] * CLIENTS)

    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        gone = standing_of(session, story.till.supplier_id, payment_id, "CHF").given_back
    assert gone > money("20.00 CHF")


def _book_carelessly(story: Story, payment_id: PaymentId, between: threading.Barrier) -> None:
    """Look whether it is booked, and then book it under a name made up on the spot."""
    supplier_id, clock = story.till.supplier_id, story.till.world.clock
    with story.till.runtime.reading(Scope(supplier_id)) as session:
        if standing_of(session, supplier_id, payment_id, "CHF").given_back:
            return
    between.wait()
    name, amount = f"re_{new_id().hex}", money("20.00 CHF")
    with story.till.runtime.transaction(Scope(supplier_id)) as session:
        post(
            session, supplier_id=supplier_id, debit=receivable_of(story.invoice_id),
            credit=clearing_of(supplier_id), amount=amount, reason=Reason.REFUNDED,
            source=f"{name}/{story.invoice_id}", payment_id=payment_id,
            booked_on=clock.now().date(), clock=clock,
        )  # fmt: skip
        session.add(
            Refund(
                id=RefundId(new_id()), supplier_id=supplier_id, payment_id=payment_id,
                amount=amount, external=True, state=RefundState.SUCCEEDED,
                state_since=clock.now(), request={}, stripe_refund_id=name,
                created_at=clock.now(), sent_at=None, next_check_at=None,
            )
        )  # fmt: skip


def test_fault_12_a_page_is_paid_while_a_transfer_is_booked_and_nothing_is_lost(
    story: Story,
) -> None:
    for _ in range(ROUNDS):
        mine = fresh(story)
        payment_id = mine.begin()
        session_id = mine.till.session_of(payment_id)

        def book(mine: Story = mine) -> None:
            make_way(mine.till.runtime, mine.till.supplier_id, [mine.invoice_id])
            transfer(mine)

        def pay(mine: Story = mine, session_id: str = session_id) -> None:
            mine.till.stripe.pay_by_card(session_id, VISA)

        look = partial(mine.till.look, payment_id)
        all_at_once([book, pay, *[look] * (CLIENTS - 2)])
        mine.till.deliver()

        came = 12000 * (mine.till.payment(payment_id).state == "settled")
        with mine.till.runtime.reading(Scope(mine.till.supplier_id)) as session:
            waiting = unapplied_of(session, mine.till.supplier_id, mine.debtor_id)
        surplus = sum(one.minor for one in waiting)
        assert mine.outstanding() == "CHF 0.00"
        assert surplus in (0, came), (came, surplus)


def found_at_stripe(story: Story, payment_id: PaymentId) -> RefundFound:
    """A refund made in Stripe's dashboard, as our gateway finds it."""
    gateway = story.till.runtime.gateway
    assert gateway is not None
    intent = str(story.till.payment(payment_id).stripe_payment_intent_id)
    order = RefundOrder(RefundId(new_id()), payment_id, intent, money("20.00 CHF"))
    request = gateway.refund_request(order) | {"metadata": {}}
    return gateway.make_refund("", order.refund, request)


def take_down(story: Story, payment_id: PaymentId, found: RefundFound) -> None:
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        payment = queries.of_supplier(session, story.till.supplier_id, payment_id)
        apply(session, payment, found, clock=story.till.world.clock)
