"""What the payer's bank takes back, and debits that take days; numbers as in the fault list."""

from __future__ import annotations

import pytest

from receivables.database import Scope
from receivables.dunning.holding import holds_of
from receivables.ids import InvoiceId
from receivables.payments.queries import processing_invoices
from receivables.payments.refund_rules import NotRefundable, RefundExceedsLeft
from receivables.runtime import Runtime
from sandbox.stripe.hosted import Means
from tests.support.builders import money
from tests.support.payment_returns import (
    charge_of,
    chargebacks,
    happened,
    pay_whole,
    send_back,
    standing,
)
from tests.support.payment_story import Story, open_story

pytestmark = pytest.mark.once(
    "Stripe is in question; races and killed processes of the same are tried on both databases"
)


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


@pytest.fixture
def debited(story: Story) -> Story:
    """A debtor who owes 120 euros, which a direct debit can pay."""
    invoice_id = story.till.world.invoice("120.00 EUR", debtor_id=story.debtor_id)
    return Story(story.till, story.debtor_id, invoice_id)


def test_fault_28_a_debit_at_the_bank_is_not_paid_and_nobody_is_reminded_of_it(
    debited: Story,
) -> None:
    payment_id = debited.begin("120.00 EUR")
    debited.till.stripe.pay(debited.till.session_of(payment_id), Means(kind="sepa_debit"))
    debited.till.deliver()

    payment = debited.till.payment(payment_id)
    assert (payment.state, debited.outstanding()) == ("processing", "EUR 120.00")
    assert debited.invoice_id in processing(debited)

    debited.till.stripe.fail_debit(str(payment.stripe_payment_intent_id))
    debited.till.deliver()

    assert (debited.till.payment(payment_id).state, debited.outstanding()) == (
        "failed", "EUR 120.00",
    )  # fmt: skip
    assert debited.invoice_id not in processing(debited)
    assert debited.begin("120.00 EUR") != payment_id


def test_fault_29_a_debit_returned_weeks_after_it_succeeded_opens_the_invoice_again(
    debited: Story,
) -> None:
    payment_id = debited.begin("120.00 EUR")
    debited.till.stripe.pay(debited.till.session_of(payment_id), Means(kind="sepa_debit"))
    debited.till.deliver()
    debited.till.stripe.settle_debit(str(debited.till.payment(payment_id).stripe_payment_intent_id))
    debited.till.deliver()
    assert (debited.till.payment(payment_id).state, debited.outstanding()) == (
        "settled", "EUR 0.00",
    )  # fmt: skip

    debited.pass_time(days=21)
    debited.till.stripe.open_dispute(charge_of(debited, payment_id), reason="debit_not_authorized")
    debited.till.deliver()

    (returned,) = chargebacks(debited, payment_id)
    assert (returned.reason, returned.money) == ("debit_not_authorized", "withdrawn")
    assert debited.outstanding() == "EUR 120.00"
    assert debited.till.payment(payment_id).state == "settled"


def processing(story: Story) -> set[InvoiceId]:
    """Invoices nobody is reminded of, since their money is at the bank."""
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        return processing_invoices(session, story.till.supplier_id)


def test_fault_33_an_inquiry_moves_no_money(story: Story) -> None:
    payment_id = pay_whole(story)
    dispute = story.till.stripe.open_dispute(charge_of(story, payment_id), inquiry=True)
    story.till.deliver()
    (asked,) = chargebacks(story, payment_id)
    assert (asked.state, asked.money, story.outstanding()) == ("inquiry", "with_us", "CHF 0.00")

    story.till.stripe.close_dispute(dispute["id"], won=True)
    story.till.deliver()

    (closed,) = chargebacks(story, payment_id)
    assert (closed.state, closed.money, story.outstanding()) == ("closed", "with_us", "CHF 0.00")


def test_fault_33_withdrawn_opens_the_invoice_and_blocks_refunds_reinstated_reverses_it(
    story: Story,
) -> None:
    payment_id = pay_whole(story)
    dispute = story.till.stripe.open_dispute(charge_of(story, payment_id))
    story.till.deliver()
    (opened,) = chargebacks(story, payment_id)
    assert (opened.state, opened.money) == ("open", "withdrawn")
    assert story.outstanding() == "CHF 120.00"
    with pytest.raises(NotRefundable) as raised:
        send_back(story, payment_id, "1.00 CHF")
    assert raised.value.reason == "contested"

    story.till.stripe.close_dispute(dispute["id"], won=True)
    story.till.deliver()

    (won,) = chargebacks(story, payment_id)
    assert (won.state, won.money, story.outstanding()) == ("won", "reinstated", "CHF 0.00")
    assert happened(
        story, "chargeback.opened", "chargeback.withdrawn", "chargeback.reinstated",
        "chargeback.closed", "payment.invoice_reopened", "payment.invoice_paid_again",
    ) == [
        "chargeback.opened", "chargeback.withdrawn", "payment.invoice_reopened",
        "chargeback.reinstated", "payment.invoice_paid_again", "chargeback.closed",
    ]  # fmt: skip


def test_fault_33_a_lost_chargeback_leaves_the_invoice_open_and_nothing_to_refund(
    story: Story,
) -> None:
    payment_id = pay_whole(story)
    dispute = story.till.stripe.open_dispute(charge_of(story, payment_id))
    story.till.stripe.webhooks.hold()
    story.till.stripe.close_dispute(dispute["id"], won=False)
    story.till.stripe.webhooks.reorder()
    story.till.stripe.webhooks.release()

    story.till.deliver()

    (lost,) = chargebacks(story, payment_id)
    assert (lost.state, lost.money, story.outstanding()) == ("lost", "withdrawn", "CHF 120.00")
    with pytest.raises(RefundExceedsLeft):
        send_back(story, payment_id, "1.00 CHF")


def test_fault_33_a_chargeback_after_a_refund_takes_no_more_than_is_left_and_says_so(
    story: Story,
) -> None:
    payment_id = pay_whole(story)
    send_back(story, payment_id, "50.00 CHF")
    story.till.deliver()

    story.till.stripe.open_dispute(charge_of(story, payment_id))
    story.till.deliver()

    (taken,) = chargebacks(story, payment_id)
    assert "50.00" in taken.problem
    assert story.outstanding() == "CHF 120.00"
    assert standing(story, payment_id).left == money("0.00 CHF")


def test_fault_33_nobody_is_reminded_of_what_a_bank_took_back_until_it_has_decided(
    story: Story,
) -> None:
    payment_id = pay_whole(story)
    dispute = story.till.stripe.open_dispute(charge_of(story, payment_id))
    story.till.deliver()
    assert held(story) == [(story.invoice_id, "charged_back", money("120.00 CHF"))]

    story.till.stripe.close_dispute(dispute["id"], won=False)
    story.till.deliver()

    assert held(story) == []
    assert story.outstanding() == "CHF 120.00"


def held(story: Story) -> list[tuple[InvoiceId, str, object]]:
    """What keeps the debtor's invoices from being asked for."""
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        found = holds_of(session, story.till.supplier_id, story.debtor_id)
    return [(one.invoice_id, one.reason.value, one.amount) for one in found]
