"""Suppliers' own accounts at Stripe, currencies, and a door that was shut for weeks; numbers as
in the fault list.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from receivables.database import SYSTEM, Scope
from receivables.history import EventRow
from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.payments import tasks
from receivables.payments.checkout import begin_checkout, card_trouble
from receivables.payments.errors import (
    CardPaymentUnavailable,
    NoSuchPayment,
    PaymentBelowMinimum,
)
from receivables.payments.queries import of_supplier
from receivables.payments.return_queries import chargebacks_of, refunds_of
from receivables.payments.rules import least_by_card
from receivables.runtime import Runtime
from tests.support.payment_returns import charge_of, pay_whole
from tests.support.payment_story import Story, open_story
from tests.support.payments import VISA
from tests.support.stripe_sandbox import sdk

pytestmark = pytest.mark.once(
    "Stripe is in question; races and killed processes of the same are tried on both databases"
)

ACCOUNT = "acct_amstutz"
SAME_MAIL = "compta@dubois.example"


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


@pytest.fixture
def connected(story: Story) -> tuple[Story, SupplierId, DebtorId, InvoiceId]:
    """A second supplier, paid on an account of their own."""
    world = story.till.world
    supplier_id = world.supplier(name="Amstutz AG", stripe_account=ACCOUNT)
    debtor_id = world.debtor(supplier_id=supplier_id, email=SAME_MAIL)
    invoice_id = world.invoice("80.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id)
    return story, supplier_id, debtor_id, invoice_id


def pay_connected(
    connected: tuple[Story, SupplierId, DebtorId, InvoiceId],
) -> PaymentId:
    story, supplier_id, debtor_id, invoice_id = connected
    choice = story.till.choice(debtor_id, [(invoice_id, "80.00 CHF")], supplier_id=supplier_id)
    page = story.till.begin(choice)
    session_id = story.till.payment(page.payment_id, supplier_id).stripe_session_id
    story.till.stripe.pay_by_card(str(session_id), VISA)
    story.till.deliver()
    assert story.till.payment(page.payment_id, supplier_id).state == "settled"
    return page.payment_id


def trouble(story: Story, supplier_id: SupplierId) -> str:
    with story.till.runtime.reading(Scope(supplier_id)) as session:
        supplier = supplier_of(session, supplier_id)
    return card_trouble(
        story.till.runtime, supplier.stripe_account, "CHF", standing=supplier.stripe_trouble
    )


def test_fault_36_two_suppliers_of_one_debtor_are_paid_each_on_their_own_account(
    connected: tuple[Story, SupplierId, DebtorId, InvoiceId],
) -> None:
    story, supplier_id, *_ = connected
    story.till.world.debtor(email=SAME_MAIL)
    ours = pay_whole(story)
    theirs = pay_connected(connected)

    assert {charge["account"] for charge in story.till.stripe.charged()} == {
        "acct_sandbox", ACCOUNT,
    }  # fmt: skip
    with story.till.runtime.reading(SYSTEM) as session, pytest.raises(NoSuchPayment):
        of_supplier(session, story.till.supplier_id, theirs)
    intent = story.till.payment(ours).stripe_payment_intent_id
    gateway = story.till.runtime.gateway
    assert gateway is not None
    assert gateway.charge_of(ACCOUNT, str(intent)) is None
    assert gateway.charge_of("", str(intent)) is not None
    assert supplier_id != story.till.supplier_id


def test_fault_36_a_refund_of_a_connected_payment_goes_back_from_that_account(
    connected: tuple[Story, SupplierId, DebtorId, InvoiceId],
) -> None:
    story, supplier_id, _, invoice_id = connected
    payment_id = pay_connected(connected)
    intent = story.till.payment(payment_id, supplier_id).stripe_payment_intent_id

    sdk(story.till.app, account=ACCOUNT).v1.refunds.create({"payment_intent": str(intent)})
    story.till.deliver()

    with story.till.runtime.reading(Scope(supplier_id)) as session:
        (found,) = refunds_of(session, supplier_id, payment_id)
        owed = outstanding_of(session, supplier_id, [invoice_id])
    assert (found.external, found.stripe_account, str(owed[invoice_id])) == (
        True, ACCOUNT, "CHF 80.00",
    )  # fmt: skip


def test_fault_37_a_supplier_who_leaves_stripe_loses_the_card_button_and_nothing_else(
    connected: tuple[Story, SupplierId, DebtorId, InvoiceId],
) -> None:
    story, supplier_id, debtor_id, invoice_id = connected
    assert trouble(story, supplier_id) == ""

    story.till.stripe.disconnect(ACCOUNT)
    story.till.deliver()

    assert trouble(story, supplier_id) == "disconnected"
    assert trouble(story, story.till.supplier_id) == ""
    choice = story.till.choice(debtor_id, [(invoice_id, "80.00 CHF")], supplier_id=supplier_id)
    with pytest.raises(CardPaymentUnavailable) as raised:
        story.till.begin(choice)
    assert raised.value.reason == "disconnected"
    with story.till.runtime.reading(SYSTEM) as session:
        kinds = session.query(EventRow.kind).filter(EventRow.supplier_id == supplier_id).all()
    assert [kind for (kind,) in kinds].count("payment.card_payments_stopped") == 1
    assert {event.state for event in story.till.inbox()} == {"applied"}
    pay_whole(story)


def test_fault_38_each_currency_counts_its_own_digits_and_has_its_own_least_amount(
    story: Story,
) -> None:
    till = story.till
    yen = till.world.invoice("5000 JPY", debtor_id=story.debtor_id)
    dinar = till.world.invoice("12.345 KWD", debtor_id=story.debtor_id)
    little = till.world.invoice("0.40 CHF", debtor_id=story.debtor_id)

    page = till.begin(till.choice(story.debtor_id, [(yen, "5000 JPY")]))
    session = till.stripe.store.find("acct_sandbox", till.session_of(page.payment_id))
    assert session is not None
    assert (session["amount_total"], session["currency"]) == (5000, "jpy")
    till.pay(page.payment_id)
    till.deliver()

    assert str(till.world.outstanding(yen)) == "JPY 0"
    with pytest.raises(CardPaymentUnavailable) as raised:
        till.begin(till.choice(story.debtor_id, [(dinar, "12.345 KWD")]))
    assert raised.value.reason == "currency"
    with pytest.raises(PaymentBelowMinimum) as refused:
        till.begin(till.choice(story.debtor_id, [(little, "0.40 CHF")]))
    assert refused.value.minimum == least_by_card("CHF") == Money(50, "CHF")


def test_fault_41_weeks_during_which_no_message_came_in_are_made_up_for(story: Story) -> None:
    till, hooks = story.till, story.till.stripe.webhooks
    refunded, contested = pay_whole(story, "50.00 CHF"), pay_whole(story, "30.00 CHF")
    paid = story.begin("40.00 CHF")
    till.pay(paid)
    intent = str(till.payment(refunded).stripe_payment_intent_id)
    sdk(till.app).v1.refunds.create({"payment_intent": intent, "amount": 1000})
    till.stripe.open_dispute(charge_of(story, contested))
    hooks.drop_waiting()

    story.pass_time(days=29)
    with till.runtime.transaction(SYSTEM) as session:
        tasks.backfill.enqueue(session, now=till.world.clock.now())
    till.world.run_jobs()

    with till.runtime.reading(Scope(till.supplier_id)) as session:
        assert [one.state for one in refunds_of(session, till.supplier_id, refunded)] == [
            "succeeded"
        ]
        assert [one.money for one in chargebacks_of(session, till.supplier_id, contested)] == [
            "withdrawn"
        ]
    assert till.payment(paid).state == "settled"
    assert story.outstanding() == "CHF 40.00"


def test_fault_43_where_there_is_no_key_nobody_is_sent_anywhere_and_bank_transfer_remains(
    story: Story,
) -> None:
    without = replace(story.till.runtime, gateway=None)

    with pytest.raises(CardPaymentUnavailable) as raised:
        begin_checkout(without, story.choice())

    assert raised.value.reason == "not_configured"
    assert story.outstanding() == "CHF 120.00"
