"""Charges without the debtor, and Stripe's silence about them; numbers as in the fault list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from receivables.ids import InstalmentId, PaymentId, new_id
from receivables.payments.charging import charge
from receivables.payments.errors import (
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.rules import Retry
from receivables.payments.stripe import StripeGateway
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.charge_story import (
    CHARGES,
    ChargeStory,
    open_charge_story,
)
from tests.support.payment_story import ALL_TRIES
from tests.support.payments import VISA, stripe_settings
from tests.support.threads import at_once


@pytest.fixture
def story(runtime: Runtime) -> ChargeStory:
    return open_charge_story(runtime)


def test_a_saved_card_is_charged_without_the_debtor_and_booked_once(story: ChargeStory) -> None:
    payment = story.charge()

    assert (payment.channel, payment.state, payment.method) == ("charge", "settled", "Visa ...4242")
    story.till.deliver()
    story.is_charged_once(payment.id)


def test_fault_01_to_04_messages_about_a_charge_come_early_late_twice_and_backwards(
    story: ChargeStory,
) -> None:
    story.till.stripe.webhooks.hold()
    story.till.stripe.webhooks.reorder()
    story.till.stripe.webhooks.duplicate(3)
    payment = story.charge()
    story.till.stripe.webhooks.release()

    assert set(story.till.deliver()) == {200}

    story.is_charged_once(payment.id)
    assert len(story.happened("payment.settled")) == 2  # the one that saved the card, and this


def test_fault_01_the_message_books_the_charge_whose_answer_we_never_got(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("drop_after", path=CHARGES, times=ALL_TRIES)
    payment = story.charge()
    assert payment.state == "sent"

    story.till.deliver()

    story.is_charged_once(payment.id)


def test_fault_13_an_open_page_for_the_same_invoice_is_closed_before_the_charge(
    story: ChargeStory,
) -> None:
    page = story.begin()

    payment = story.charge()

    assert story.till.payment(page).state == "expired"
    story.is_charged_once(payment.id)


def test_fault_13_a_page_that_was_paid_unheard_is_booked_and_nothing_is_charged(
    story: ChargeStory,
) -> None:
    page = story.begin()
    story.till.pay(page)

    with pytest.raises(PaymentAlreadySettled) as raised:
        story.charge()

    assert raised.value.payment_id == page
    assert story.intents() == []
    story.is_paid_once_on(page)


def test_fault_13_a_debit_on_its_way_to_the_bank_leaves_nothing_to_charge(
    runtime: Runtime,
) -> None:
    story = open_charge_story(runtime, "120.00 EUR")
    page = story.begin("120.00 EUR")
    story.pay_by_debit(page)
    story.till.deliver()

    with pytest.raises(PaymentInProgress):
        story.charge()

    assert story.intents() == []


def test_fault_13_no_page_is_opened_while_the_same_invoice_is_being_charged(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("drop_after", path=CHARGES, times=ALL_TRIES)
    payment = story.charge()

    assert story.begin_in_vain().id == payment.id

    story.pass_time(minutes=2)
    story.is_charged_once(payment.id)


def test_fault_15_we_die_between_the_charge_and_writing_it_down(story: ChargeStory) -> None:
    story.till.stripe.inject("drop_after", path=CHARGES, times=ALL_TRIES)
    payment = story.charge()
    assert (payment.state, payment.stripe_payment_intent_id) == ("sent", None)

    story.pass_time(minutes=2)

    story.is_charged_once(payment.id)
    assert len(story.intents()) == 1


def test_without_the_attempts_own_key_the_same_death_charges_twice(story: ChargeStory) -> None:
    """If this one fails, the test above proves nothing."""
    gateway = story.till.runtime.gateway
    assert gateway is not None
    payment = story.charge()

    gateway.charge("", PaymentId(new_id()), payment.request)

    assert story.taken_minor() == 2 * money(story.sum_due).minor


def test_fault_16_a_charge_without_answer_is_found_by_its_customer_and_never_posted_again(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("drop_after", path=CHARGES, times=ALL_TRIES)
    payment = story.charge()

    # A day during which we were off; Stripe has forgotten the key.
    story.pass_time(hours=25)

    story.is_charged_once(payment.id)
    assert len(story.intents()) == 1


def test_fault_16_a_charge_that_was_never_taken_is_over_after_a_day_and_nothing_is_charged(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("drop_before", path=CHARGES, times=ALL_TRIES)
    payment = story.charge()

    story.pass_time(hours=25)

    assert story.till.payment(payment.id).state == "expired"
    assert story.intents() == []
    story.is_charged_once(story.charge().id)


def test_fault_17_the_same_job_done_by_three_workers_is_one_charge(story: ChargeStory) -> None:
    order = story.order()

    assert at_once(*[lambda: story.charge(order)] * 3) == []

    story.till.deliver()
    story.is_charged_once(order.attempt)
    assert len(story.intents()) == 1


def test_fault_17_two_tries_of_one_instalment_are_one_charge(story: ChargeStory) -> None:
    instalment = InstalmentId(new_id())
    first = story.charge(story.order("40.00 CHF", instalment_id=instalment))

    with pytest.raises(PaymentAlreadySettled) as raised:
        story.charge(story.order("40.00 CHF", instalment_id=instalment))

    assert raised.value.payment_id == first.id
    assert story.taken_minor() == 4000


@pytest.mark.parametrize("trouble", ["429", "409", "drop_before", "drop_after"])
def test_fault_18_no_answer_is_unknown_and_the_same_request_finds_out(
    story: ChargeStory, trouble: str
) -> None:
    story.till.stripe.inject(trouble, path=CHARGES, times=ALL_TRIES)
    payment = story.charge()
    assert payment.state == "sent"

    story.pass_time(minutes=2)

    story.is_charged_once(payment.id)
    assert len(story.intents()) == 1


def test_fault_18_an_answer_slower_than_our_patience_is_found_by_the_same_request(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("slow", path=CHARGES, seconds=25)

    payment = story.charge()

    story.is_charged_once(payment.id)
    assert len(story.intents()) == 1


def test_fault_18_after_a_breakdown_that_charged_it_is_found_by_looking(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("500_after_effect", path=CHARGES)
    payment = story.charge()
    assert payment.state == "unknown"

    story.pass_time(minutes=6)

    story.is_charged_once(payment.id)
    assert len(story.intents()) == 1


def test_fault_18_after_a_breakdown_that_did_nothing_the_next_try_charges_once(
    story: ChargeStory,
) -> None:
    story.till.stripe.inject("500", path=CHARGES)
    payment = story.charge()
    with pytest.raises(PaymentInProgress):
        story.charge()

    story.pass_time(minutes=6)

    assert story.till.payment(payment.id).state == "expired"
    story.is_charged_once(story.charge().id)


def test_fault_18_where_no_connection_is_made_nothing_was_sent_and_it_is_no_try(
    story: ChargeStory,
) -> None:
    gateway = StripeGateway(stripe_settings("http://127.0.0.1:1"))
    cut_off = replace(story.till.runtime, gateway=gateway)

    payment = charge(cut_off, story.order())
    gateway.close()

    assert (payment.state, payment.failure_code) == ("failed", "unreached")
    assert story.advice(payment, tries=4) == Retry(timedelta(hours=1))
    assert story.method().state == "usable"


def test_fault_19_the_same_try_after_a_decline_stays_declined_and_a_new_try_is_charged(
    story: ChargeStory,
) -> None:
    story.turn_bad("insufficient")
    order = story.order()
    assert story.charge(order).state == "failed"
    story.till.stripe.change_card(story.method().stripe_payment_method_id, VISA)

    assert story.charge(order).state == "failed"
    assert len(story.intents()) == 1

    story.is_charged_once(story.charge().id)


def test_fault_20_the_same_key_with_another_body_is_our_fault_and_no_failure(
    story: ChargeStory,
) -> None:
    gateway, order = story.till.runtime.gateway, story.order()
    assert gateway is not None
    other = {
        "amount": 1000, "currency": "chf", "customer": story.method().stripe_customer_id,
        "payment_method": "pm_card_visa",
    }  # fmt: skip
    gateway.charge("", order.attempt, other)

    payment = story.charge(order)

    assert payment.state == "unknown"
    assert "idempotency" in payment.problem.lower()
    assert story.taken_minor() == 0
