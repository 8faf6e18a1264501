"""A debt that changes while its payment page is open; numbers as in the fault list."""

from __future__ import annotations

import pytest

from receivables.database import Scope
from receivables.ids import PaymentId, new_id
from receivables.ledger.writing_off import write_off
from receivables.payments import actions
from receivables.payments.making_way import make_way
from receivables.payments.return_queries import refund_proposals
from receivables.payments.rules import Report
from receivables.runtime import Runtime
from sandbox.stripe.problems import ApiProblem
from tests.support.builders import money
from tests.support.payment_returns import (
    paid_too_much,
    pay_whole,
    send_back,
    transfer,
    unapplied,
)
from tests.support.payment_story import Story, open_story

pytestmark = pytest.mark.once(
    "Stripe is in question; races and killed processes of the same are tried on both databases"
)

EXPIRE = "/v1/checkout/sessions/*/expire"


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


def test_fault_09_both_of_two_pages_are_paid_and_the_second_is_proposed_to_go_back(
    story: Story,
) -> None:
    first = story.begin()
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        # A person took the page for dead; the debtor had it open all the same.
        actions.learn(
            session, story.till.supplier_id, first, Report.EXPIRED, clock=story.till.world.clock
        )
    second = pay_whole(story)
    story.till.pay(first)
    story.till.deliver()

    assert story.till.payment(first).state == "settled"
    assert (story.outstanding(), unapplied(story)) == ("CHF 0.00", ["CHF 120.00"])
    assert proposals(story) == [(first, money("120.00 CHF"))]

    send_back(story, first, "120.00 CHF")

    assert (story.outstanding(), unapplied(story), proposals(story)) == ("CHF 0.00", [], [])
    assert story.till.booked(second) == [money("120.00 CHF")]


def test_fault_10_a_credit_note_lowers_the_debt_and_the_page_over_more_is_closed(
    story: Story,
) -> None:
    payment_id = story.begin()
    story.till.world.invoice("20.00 CHF", debtor_id=story.debtor_id, is_credit_note=True)

    story.till.world.run_jobs()

    assert story.till.payment(payment_id).state == "expired"
    with pytest.raises(ApiProblem):
        story.till.pay(payment_id)
    assert story.outstanding() == "CHF 100.00"


def test_fault_10_a_page_over_less_than_what_is_left_stays_open(story: Story) -> None:
    payment_id = story.begin("50.00 CHF")
    story.till.world.invoice("20.00 CHF", debtor_id=story.debtor_id, is_credit_note=True)

    story.till.world.run_jobs()

    assert story.till.payment(payment_id).state == "open"


def test_fault_10_while_a_person_waits_the_page_is_closed_before_the_change(story: Story) -> None:
    payment_id = story.begin()

    left = make_way(story.till.runtime, story.till.supplier_id, [story.invoice_id])

    assert left == ()
    assert story.till.payment(payment_id).state == "expired"
    assert story.outstanding() == "CHF 120.00"


def test_fault_11_the_page_was_paid_at_that_moment_and_counts_as_paid(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    left = make_way(story.till.runtime, story.till.supplier_id, [story.invoice_id])

    assert left == ()
    story.is_paid_once(payment_id)


def test_fault_11_stripe_does_not_answer_and_the_page_is_closed_as_soon_as_it_does(
    story: Story,
) -> None:
    payment_id = story.begin()
    story.till.stripe.inject("429", path=EXPIRE, times=2)

    left = make_way(story.till.runtime, story.till.supplier_id, [story.invoice_id])
    give_up(story)
    story.till.world.run_jobs()
    assert left == (payment_id,)
    assert story.till.payment(payment_id).state == "open"
    story.pass_time(minutes=5)

    assert story.till.payment(payment_id).state == "expired"
    assert story.outstanding() == "CHF 0.00"


def test_fault_12_a_transfer_is_booked_and_the_page_is_closed(story: Story) -> None:
    payment_id = story.begin()
    transfer(story)

    story.till.world.run_jobs()

    assert story.till.payment(payment_id).state == "expired"
    assert (story.outstanding(), unapplied(story)) == ("CHF 0.00", [])


def test_fault_12_a_page_paid_at_that_moment_leaves_a_surplus_that_is_proposed_to_go_back(
    story: Story,
) -> None:
    payment_id = paid_too_much(story)

    assert (story.outstanding(), unapplied(story)) == ("CHF 0.00", ["CHF 120.00"])
    assert proposals(story) == [(payment_id, money("120.00 CHF"))]


def test_fault_26_another_payment_lowers_the_debt_and_the_page_over_more_is_closed(
    story: Story,
) -> None:
    stale = story.begin()
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        actions.learn(
            session, story.till.supplier_id, stale, Report.EXPIRED, clock=story.till.world.clock
        )
    fresh = story.begin()
    story.till.pay(stale)

    story.till.deliver()

    assert story.till.payment(stale).state == "settled"
    assert story.till.payment(fresh).state == "expired"
    assert (story.outstanding(), unapplied(story)) == ("CHF 0.00", [])


def proposals(story: Story) -> list[tuple[PaymentId, object]]:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        found = refund_proposals(session, story.till.supplier_id)
        return [(payment.id, amount) for payment, amount in found]


def give_up(story: Story) -> None:
    clock = story.till.world.clock
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        write_off(
            session,
            supplier_id=story.till.supplier_id,
            debtor_id=story.debtor_id,
            invoice_id=story.invoice_id,
            amount=money("120.00 CHF"),
            why="insolvent",
            source=str(new_id()),
            booked_on=clock.now().date(),
            clock=clock,
        )
