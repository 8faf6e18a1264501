"""Money that we, or the supplier at Stripe, send back; numbers as in the fault list."""

from __future__ import annotations

import pytest
import stripe

from receivables.ids import PaymentId, RefundId, new_id
from receivables.payments.refund_rules import RefundExceedsLeft
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payment_returns import (
    happened,
    paid_too_much,
    pay_whole,
    refunds,
    send_back,
    standing,
    unapplied,
)
from tests.support.payment_story import Story, open_story
from tests.support.stripe_sandbox import sdk

REFUNDS = "/v1/refunds"
#: A card whose refunds take their time.
REFUND_PENDS = "4000000000007726"


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


def test_fault_30_each_refund_is_booked_by_its_own_amount_and_the_third_is_refused_by_us(
    story: Story,
) -> None:
    payment_id = pay_whole(story)

    first = send_back(story, payment_id, "30.00 CHF")
    second = send_back(story, payment_id, "50.00 CHF")
    with pytest.raises(RefundExceedsLeft) as raised:
        send_back(story, payment_id, "40.01 CHF")
    story.till.deliver()

    assert (first.state, second.state) == ("succeeded", "succeeded")
    assert raised.value.left == money("40.00 CHF")
    assert story.outstanding() == "CHF 80.00"
    assert standing(story, payment_id).given_back == money("80.00 CHF")
    assert len(refunds(story, payment_id)) == 2
    assert len(story.till.stripe.store.every("refund")) == 2


def test_fault_30_the_same_form_sent_twice_is_one_refund(story: Story) -> None:
    payment_id, refund_id = pay_whole(story), RefundId(new_id())

    send_back(story, payment_id, "30.00 CHF", refund_id=refund_id)
    send_back(story, payment_id, "30.00 CHF", refund_id=refund_id)

    assert story.outstanding() == "CHF 30.00"
    assert len(story.till.stripe.store.every("refund")) == 1


def test_fault_30_what_nobody_knows_the_outcome_of_is_not_promised_again(story: Story) -> None:
    payment_id = pay_whole(story)
    story.till.stripe.inject("drop_after", path=REFUNDS, times=3)
    left = send_back(story, payment_id, "100.00 CHF")
    assert (left.state, story.outstanding()) == ("sent", "CHF 0.00")

    with pytest.raises(RefundExceedsLeft):
        send_back(story, payment_id, "100.00 CHF")
    story.pass_time(minutes=2)

    assert [one.state for one in refunds(story, payment_id)] == ["succeeded"]
    assert story.outstanding() == "CHF 100.00"
    assert len(story.till.stripe.store.every("refund")) == 1


@pytest.mark.parametrize(
    ("trouble", "state"), [("500", "refused"), ("500_after_effect", "succeeded")]
)
def test_fault_30_after_a_breakdown_a_refund_is_found_by_looking_and_never_posted_again(
    story: Story, trouble: str, state: str
) -> None:
    payment_id = pay_whole(story)
    story.till.stripe.inject(trouble, path=REFUNDS)
    assert send_back(story, payment_id, "20.00 CHF").state == "unknown"

    for _ in range(6):
        story.pass_time(minutes=1)

    assert [one.state for one in refunds(story, payment_id)] == [state]
    assert standing(story, payment_id).given_back == money(
        "20.00 CHF" if state == "succeeded" else "0.00 CHF"
    )


def test_fault_30_what_was_paid_too_much_goes_back_first_and_opens_nothing(story: Story) -> None:
    payment_id = paid_too_much(story)

    send_back(story, payment_id, "120.00 CHF")

    assert (story.outstanding(), unapplied(story)) == ("CHF 0.00", [])


def test_fault_31_a_refund_made_in_the_dashboard_is_booked_and_shown_as_external(
    story: Story,
) -> None:
    payment_id = pay_whole(story)
    refund_at_stripe(story, payment_id, 4500)

    story.till.deliver()

    (found,) = refunds(story, payment_id)
    assert (found.external, found.state, found.amount) == (True, "succeeded", money("45.00 CHF"))
    assert story.outstanding() == "CHF 45.00"
    assert happened(story, "refund.made", "payment.invoice_reopened") == [
        "refund.made", "payment.invoice_reopened",
    ]  # fmt: skip


def test_fault_31_a_dashboard_refund_of_a_payment_we_never_heard_of_books_both(
    story: Story,
) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)
    intent = str(at_stripe(story, payment_id)["payment_intent"])
    story.till.stripe.webhooks.drop_waiting()
    sdk(story.till.app).v1.refunds.create({"payment_intent": intent, "amount": 2000})

    story.till.deliver()

    assert story.till.payment(payment_id).state == "settled"
    assert story.outstanding() == "CHF 20.00"


def test_fault_31_ours_and_external_ones_together_never_exceed_the_payment(story: Story) -> None:
    payment_id = pay_whole(story)
    refund_at_stripe(story, payment_id, 10000)

    # Not heard of yet: Stripe itself says no.
    refused = send_back(story, payment_id, "120.00 CHF")
    story.till.deliver()

    assert (refused.state, story.outstanding()) == ("refused", "CHF 100.00")
    with pytest.raises(RefundExceedsLeft):
        send_back(story, payment_id, "20.01 CHF")


def test_fault_32_a_refund_that_fails_is_reversed_and_waits_for_a_person(story: Story) -> None:
    payment_id = pay_whole(story)
    made = send_back(story, payment_id, "70.00 CHF")
    assert story.outstanding() == "CHF 70.00"

    story.till.stripe.fail_refund(str(made.stripe_refund_id))
    story.till.deliver()

    (failed,) = refunds(story, payment_id)
    assert (failed.state, bool(failed.problem)) == ("failed", True)
    assert failed.failure_code == "expired_or_canceled_card"
    assert story.outstanding() == "CHF 0.00"
    assert standing(story, payment_id).left == money("120.00 CHF")
    assert happened(story, "refund.failed", "payment.invoice_paid_again") == [
        "refund.failed", "payment.invoice_paid_again",
    ]  # fmt: skip


def test_fault_32_what_was_paid_again_meanwhile_comes_back_as_unapplied_cash(
    story: Story,
) -> None:
    payment_id = pay_whole(story)
    made = send_back(story, payment_id, "70.00 CHF")
    story.till.deliver()
    pay_whole(story, "70.00 CHF")

    story.till.stripe.fail_refund(str(made.stripe_refund_id))
    story.till.deliver()

    assert (story.outstanding(), unapplied(story)) == ("CHF 0.00", ["CHF 70.00"])


def test_fault_32_a_refund_on_its_way_is_booked_at_once_and_arrives_later(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id, REFUND_PENDS)
    story.till.deliver()
    made = send_back(story, payment_id, "120.00 CHF")
    assert (made.state, story.outstanding()) == ("pending", "CHF 120.00")
    with pytest.raises(RefundExceedsLeft):
        send_back(story, payment_id, "0.01 CHF")

    story.till.stripe.settle_refund(str(made.stripe_refund_id))
    story.till.deliver()

    assert [one.state for one in refunds(story, payment_id)] == ["succeeded"]
    assert story.outstanding() == "CHF 120.00"


def refund_at_stripe(story: Story, payment_id: PaymentId, minor: int) -> stripe.Refund:
    """Somebody at the supplier's clicks in Stripe's own dashboard."""
    intent = str(story.till.payment(payment_id).stripe_payment_intent_id)
    return sdk(story.till.app).v1.refunds.create({"payment_intent": intent, "amount": minor})


def at_stripe(story: Story, payment_id: PaymentId) -> dict[str, object]:
    found = story.till.stripe.store.find("acct_sandbox", story.till.session_of(payment_id))
    assert found is not None
    return found
