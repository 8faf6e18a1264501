"""When Stripe does not answer, or not usefully; numbers as in the fault list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from receivables.payments.checkout import begin_checkout
from receivables.payments.errors import (
    CardPaymentUnavailable,
    PaymentInProgress,
)
from receivables.payments.stripe import StripeGateway
from receivables.runtime import Runtime
from tests.support.payment_story import ALL_TRIES, CREATE, Story, open_story
from tests.support.payments import (
    stripe_settings,
)
from tests.support.threads import at_once


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


def test_fault_14_the_answer_to_the_request_is_lost_and_the_same_key_finds_the_page(
    story: Story,
) -> None:
    story.till.stripe.inject("drop_after", path=CREATE)

    payment_id = story.begin()

    assert story.till.pages() == 1
    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_15_we_die_after_stripe_made_the_page_and_before_we_wrote_it_down(
    story: Story,
) -> None:
    story.till.stripe.inject("drop_after", path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()
    assert (left.state, left.stripe_session_id) == ("sent", None)

    story.pass_time(minutes=2)

    assert story.till.payment(left.id).state == "open"
    assert story.till.pages() == 1
    story.till.pay(left.id)
    story.till.deliver()
    story.is_paid_once(left.id)


def test_fault_16_a_request_without_answer_is_never_posted_again_once_its_key_may_be_forgotten(
    story: Story,
) -> None:
    story.till.stripe.inject("drop_after", path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()
    session_id = story.till.stripe.store.every("checkout.session")[0][1]["id"]
    story.till.stripe.pay_by_card(session_id, "4242424242424242")

    # A day during which we were off; Stripe has forgotten the key.
    story.pass_time(hours=25)

    assert story.till.pages() == 1
    story.is_paid_once(left.id)


def test_fault_16_a_request_that_was_never_taken_is_closed_by_looking(story: Story) -> None:
    story.till.stripe.inject("drop_before", path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()

    story.pass_time(hours=25)

    assert story.till.payment(left.id).state == "expired"
    assert story.till.pages() == 0
    assert story.begin() != left.id


@pytest.mark.parametrize("trouble", ["429", "409", "drop_before", "drop_after"])
def test_fault_18_no_answer_is_unknown_and_the_same_request_recovers_it(
    story: Story, trouble: str
) -> None:
    story.till.stripe.inject(trouble, path=CREATE, times=ALL_TRIES)
    left = story.begin_in_vain()
    assert left.state == "sent"

    story.pass_time(minutes=2)

    assert story.till.payment(left.id).state == "open"
    assert story.till.pages() == 1


def test_fault_18_after_a_breakdown_nothing_new_is_sent_before_we_have_looked(
    story: Story,
) -> None:
    story.till.stripe.inject("500", path=CREATE)
    left = story.begin_in_vain()
    assert left.state == "unknown"
    assert story.begin_in_vain().id == left.id

    for _ in range(6):
        story.pass_time(minutes=1)

    assert story.till.pages() == 0
    assert story.till.payment(left.id).state == "expired"
    payment_id = story.begin()
    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_18_after_a_breakdown_that_made_the_page_it_is_found_by_looking(
    story: Story,
) -> None:
    story.till.stripe.inject("500_after_effect", path=CREATE)
    left = story.begin_in_vain()
    assert left.state == "unknown"

    assert story.begin() == left.id

    assert story.till.pages() == 1
    story.till.pay(left.id)
    story.till.deliver()
    story.is_paid_once(left.id)


def test_fault_18_an_answer_slower_than_our_patience_is_unknown_and_found_later(
    story: Story,
) -> None:
    story.till.stripe.inject("slow", path=CREATE, times=ALL_TRIES, seconds=25)
    left_or_page = at_once(lambda: story.till.begin(story.choice()))

    story.pass_time(minutes=2)

    assert all(isinstance(error, PaymentInProgress) for error in left_or_page)
    assert story.till.pages() == 1


def test_fault_18_where_no_connection_is_made_nothing_was_sent_and_the_debtor_is_told(
    story: Story,
) -> None:
    gateway = StripeGateway(stripe_settings("http://127.0.0.1:1"))
    cut_off = replace(story.till.runtime, gateway=gateway)
    choice = story.choice()

    with pytest.raises(CardPaymentUnavailable) as raised:
        begin_checkout(cut_off, choice)
    gateway.close()

    assert raised.value.reason == "unreached"
    assert story.till.payment(choice.attempt).state == "failed"
    assert story.begin() != choice.attempt


def test_fault_43_a_revoked_key_hides_the_card_and_nothing_is_tried_again(story: Story) -> None:
    gateway = story.till.runtime.gateway
    assert gateway is not None
    story.till.stripe.inject("401", path=CREATE, times=ALL_TRIES)
    choice = story.choice()

    with pytest.raises(CardPaymentUnavailable) as raised:
        story.till.begin(choice)

    assert raised.value.reason == "not_configured"
    assert gateway.trouble("") == "not_configured"
    assert story.till.payment(choice.attempt).state == "failed"
    assert story.till.pages() == 0
