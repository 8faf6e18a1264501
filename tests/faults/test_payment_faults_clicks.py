"""What debtors do at a checkout page; numbers as in the fault list."""

from __future__ import annotations

import pytest

from receivables.ids import PaymentId, new_id
from receivables.payments.checkout import returned
from receivables.payments.errors import (
    NoSuchPayment,
    NothingToPay,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.runtime import Runtime
from sandbox.stripe import BankAnswer
from sandbox.stripe.problems import ApiProblem
from tests.support.payment_story import ASKS_FOR_3DS, Story, open_story
from tests.support.payments import (
    DECLINED,
)
from tests.support.threads import at_once


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


def test_fault_08_a_double_click_is_one_page(story: Story) -> None:
    attempt = PaymentId(new_id())

    first = story.till.begin(story.choice(attempt=attempt))
    again = story.till.begin(story.choice(attempt=attempt))
    other_tab = story.till.begin(story.choice())

    assert first == again == other_tab
    assert first.payment_id == attempt
    assert story.till.pages() == 1


def test_fault_08_ten_clicks_at_the_same_moment_are_one_page(story: Story) -> None:
    choice = story.choice()
    pages: list[object] = []

    def click() -> None:
        try:
            pages.append(story.till.begin(choice))
        except PaymentInProgress as under_way:
            pages.append(under_way.payment_id)

    assert at_once(*[click] * 10) == []
    assert story.till.pages() == 1
    assert story.till.payment(choice.attempt).state == "open"


def test_fault_08_the_second_tab_shows_that_it_is_paid(story: Story) -> None:
    choice = story.choice()
    story.till.begin(choice)
    story.till.pay(choice.attempt)
    story.till.deliver()

    with pytest.raises(PaymentAlreadySettled) as raised:
        story.till.begin(choice)

    assert raised.value.payment_id == choice.attempt


def test_fault_10_another_amount_closes_the_page_that_is_open_first(story: Story) -> None:
    first = story.begin("120.00 CHF")
    second = story.begin("50.00 CHF")

    assert story.till.payment(first).state == "expired"
    assert story.till.payment(second).state == "open"
    with pytest.raises(ApiProblem):
        story.till.stripe.pay_by_card(
            str(story.till.payment(first).stripe_session_id), "4242424242424242"
        )


def test_fault_11_closing_fails_because_the_page_has_just_been_paid(story: Story) -> None:
    first = story.begin("120.00 CHF")
    story.till.pay(first)

    # Another choice wants the same invoice; we have not heard of the payment yet.
    with pytest.raises(NothingToPay):
        story.till.begin(story.choice("50.00 CHF"))

    story.is_paid_once(first)
    story.till.deliver()
    story.is_paid_once(first)


def test_fault_19_after_a_decline_the_page_takes_another_card(story: Story) -> None:
    payment_id = story.begin()

    story.till.pay(payment_id, DECLINED)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "open"

    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_19_a_new_try_after_the_old_one_is_over_has_a_new_key(story: Story) -> None:
    choice = story.choice()
    story.till.begin(choice)
    story.till.stripe.expire(story.till.session_of(choice.attempt))
    story.till.deliver()
    assert story.till.payment(choice.attempt).state == "expired"

    # The same page, from the browser's history.
    again = story.till.begin(choice)

    assert again.payment_id != choice.attempt
    assert story.till.pages() == 2


def test_fault_20_the_same_key_with_another_request_is_our_fault_and_no_failure(
    story: Story,
) -> None:
    choice = story.choice()
    gateway = story.till.runtime.gateway
    assert gateway is not None
    other = story.till.payment(story.begin())
    story.till.stripe.expire(str(other.stripe_session_id))
    story.till.deliver()
    request = other.request | {"client_reference_id": "somebody"}
    gateway.open_checkout("", choice.attempt, request | {"metadata": {}})

    left = story.begin_in_vain(choice)

    assert left.state == "unknown"
    assert "idempotency_error" in left.problem


def test_fault_22_three_d_secure_is_abandoned_and_nothing_is_booked(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id, ASKS_FOR_3DS)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "open"

    for _ in range(41):
        story.pass_time(minutes=1)

    assert story.till.payment(payment_id).state == "expired"
    assert story.outstanding() == "CHF 120.00"
    assert story.till.charged_minor() == 0


def test_fault_22_three_d_secure_fails_and_another_card_pays(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id, ASKS_FOR_3DS)
    session = story.till.stripe.store.find("acct_sandbox", story.till.session_of(payment_id))
    assert session is not None
    story.till.stripe.answer(session["payment_intent"], BankAnswer.FAIL)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "open"

    story.till.pay(payment_id)
    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_42_a_forged_return_for_somebody_elses_page_shows_nothing(story: Story) -> None:
    till = story.till
    mine = till.payment(story.begin())
    other_debtor = till.world.debtor()
    other_invoice = till.world.invoice("80.00 CHF", debtor_id=other_debtor)
    theirs = till.payment(
        till.begin(till.choice(other_debtor, [(other_invoice, "80.00 CHF")])).payment_id
    )

    for debtor_id, payment, checkout_id in [
        (story.debtor_id, theirs, theirs.stripe_session_id),
        (story.debtor_id, mine, theirs.stripe_session_id),
        (other_debtor, mine, mine.stripe_session_id),
    ]:
        with pytest.raises(NoSuchPayment):
            returned(till.runtime, till.supplier_id, debtor_id, payment.id, checkout_id=checkout_id)
    assert till.payment(theirs.id).looked_at is None
