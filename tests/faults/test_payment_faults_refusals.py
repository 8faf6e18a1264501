"""Charges without the debtor that the bank, or we, refuse; numbers as in the fault list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from receivables.database import SYSTEM, Scope
from receivables.ids import InstalmentId, new_id
from receivables.ledger.actions import book_transfer
from receivables.parties.queries import supplier as supplier_of
from receivables.payments.errors import (
    CardPaymentUnavailable,
    MethodNotUsable,
    NoSuchSavedMethod,
    NothingToPay,
    PaymentAlreadySettled,
    PaymentBelowMinimum,
    PaymentExceedsOutstanding,
)
from receivables.payments.rules import Authenticate, GiveUp, NewCard, Retry
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.charge_story import (
    ChargeStory,
    attempts_of,
    debt_of,
    open_charge_story,
    saving,
)
from tests.support.payment_returns import charge_of
from tests.support.threads import at_once


@pytest.fixture
def story(runtime: Runtime) -> ChargeStory:
    return open_charge_story(runtime)


def test_fault_21_where_the_bank_asks_for_its_customer_the_charge_is_over_and_a_page_takes_over(
    story: ChargeStory,
) -> None:
    story.turn_bad("asks")

    payment = story.charge()

    assert (payment.state, payment.failure_code) == ("failed", "authentication_required")
    assert story.advice(payment) == Authenticate()
    assert story.method().state == "usable"
    story.till.deliver()
    assert [intent["status"] for intent in story.intents()] == ["canceled"]

    page = story.till.begin(saving(story.choice()))
    story.till.pay(page.payment_id)
    story.till.deliver()
    story.is_paid_once_on(page.payment_id)
    assert story.till.payment(page.payment_id).saved_method_id not in (None, story.saved_method_id)


def test_fault_23_a_soft_decline_is_tried_again_on_dated_days_and_told_once_a_try(
    story: ChargeStory,
) -> None:
    story.turn_bad("insufficient")

    advised = []
    for tries in (1, 2, 3, 4):
        payment = story.charge()
        story.till.deliver()
        advised.append(story.advice(payment, tries))
        assert len(story.happened("payment.failed")) == tries

    assert advised == [Retry(timedelta(days=days)) for days in (1, 3, 7)] + [GiveUp()]
    assert (payment.failure_code, payment.advice_code) == ("insufficient_funds", "try_again_later")
    assert {intent["status"] for intent in story.intents()} == {"canceled"}
    assert story.outstanding() == "CHF 120.00"
    assert story.method().state == "usable"


@pytest.mark.parametrize(
    ("how", "state"), [("lost", "refused"), ("stolen", "refused"), ("expired", "expired")]
)
def test_fault_24_a_lost_stolen_or_expired_card_is_never_charged_again(
    story: ChargeStory, how: str, state: str
) -> None:
    story.turn_bad(how)

    payment = story.charge()

    assert story.advice(payment) == NewCard()
    assert story.method().state == state
    with pytest.raises(MethodNotUsable):
        story.charge()
    assert len(story.intents()) == 1


def test_fault_29_an_instalment_whose_money_the_bank_took_back_can_be_charged_again(
    story: ChargeStory,
) -> None:
    instalment = InstalmentId(new_id())
    first = story.charge(story.order("40.00 CHF", instalment_id=instalment))
    story.till.stripe.open_dispute(charge_of(story, first.id))
    story.till.deliver()
    assert story.outstanding() == "CHF 120.00"

    again = story.charge(story.order("40.00 CHF", instalment_id=instalment))

    assert (again.state, story.outstanding()) == ("settled", "CHF 80.00")


def test_what_is_left_of_an_instalment_is_charged_on_another_day(story: ChargeStory) -> None:
    instalment = InstalmentId(new_id())
    story.charge(story.order("40.00 CHF", instalment_id=instalment))
    rest = story.order("10.00 CHF", instalment_id=instalment)
    with pytest.raises(PaymentAlreadySettled):
        story.charge(rest)

    story.till.world.clock.advance(timedelta(days=1))

    assert story.charge(rest).state == "settled"
    assert story.outstanding() == "CHF 70.00"


def test_fault_36_two_suppliers_of_one_debtor_keep_their_cards_apart(story: ChargeStory) -> None:
    world = story.till.world
    other_supplier = world.supplier(name="Autre SA", stripe_account="acct_autre")
    other_debtor = world.debtor(supplier_id=other_supplier, email="same@dubois.example")
    invoice = world.invoice("120.00 CHF", debtor_id=other_debtor, supplier_id=other_supplier)
    theirs = replace(
        story.order(),
        supplier_id=other_supplier,
        debtor_id=other_debtor,
        contact_id=None,
        parts=(replace(story.order().parts[0], invoice_id=invoice),),
    )

    with pytest.raises(NoSuchSavedMethod):
        story.charge(theirs)

    choice = saving(
        story.till.choice(other_debtor, [(invoice, "120.00 CHF")], supplier_id=other_supplier)
    )
    page = story.till.begin(choice)
    customers = story.till.stripe.store.every("customer")
    assert {account for account, _ in customers} == {"acct_sandbox", "acct_autre"}
    session_id = story.till.payment(page.payment_id, other_supplier).stripe_session_id
    assert story.till.stripe.store.account_of(str(session_id)) == "acct_autre"


def test_fault_36_an_account_that_changed_hands_charges_no_card_of_the_old_one(
    story: ChargeStory,
) -> None:
    with story.till.runtime.transaction(SYSTEM) as session:
        supplier_of(session, story.till.supplier_id).stripe_account = "acct_new"

    with pytest.raises(MethodNotUsable) as raised:
        story.charge()

    assert raised.value.reason == "account"


@pytest.mark.parametrize(
    ("due", "amount", "refused"),
    [
        ("120.00 CHF", "0.49 CHF", PaymentBelowMinimum),
        ("4900 JPY", "49 JPY", PaymentBelowMinimum),
        ("120.000 KWD", "120.000 KWD", CardPaymentUnavailable),
    ],
)
def test_fault_38_what_stripe_would_not_take_is_not_sent_there(
    runtime: Runtime, due: str, amount: str, refused: type[Exception]
) -> None:
    story = open_charge_story(runtime, due)

    with pytest.raises(refused):
        story.charge(story.order(amount))

    assert story.intents() == []


def test_fault_38_yen_are_charged_whole(runtime: Runtime) -> None:
    story = open_charge_story(runtime, "4900 JPY")

    payment = story.charge()

    assert [intent["amount"] for intent in story.intents()] == [4900]
    story.is_charged_once(payment.id)


def test_fault_39_three_thirds_of_a_hundred_are_exactly_a_hundred(runtime: Runtime) -> None:
    story = open_charge_story(runtime, "100.00 CHF")
    thirds = money("100.00 CHF").split([1, 1, 1])

    for third in thirds:
        amount = f"{third.minor / 100:.2f} CHF"
        story.charge(story.order(amount, instalment_id=InstalmentId(new_id())))

    assert sorted(intent["amount"] for intent in story.intents()) == [3333, 3333, 3334]
    assert story.taken_minor() == 10000
    assert story.outstanding() == "CHF 0.00"
    with pytest.raises(NothingToPay):
        story.charge(story.order("0.50 CHF"))


def test_fault_26_more_than_is_left_is_not_charged(story: ChargeStory) -> None:
    transfer(story, "100.00 CHF")

    with pytest.raises(PaymentExceedsOutstanding):
        story.charge()

    assert story.intents() == []


def test_the_debts_of_two_debtors_do_not_wait_for_each_other(story: ChargeStory) -> None:
    other = debt_of(story)

    errors = at_once(lambda: story.charge(), lambda: other.charge())

    assert errors == []
    assert [payment.state for payment in attempts_of(other)] == ["settled"]


def transfer(story: ChargeStory, amount: str) -> None:
    """The debtor paid at their bank, and the supplier booked it."""
    runtime = story.till.runtime
    with runtime.transaction(Scope(story.till.supplier_id)) as session:
        book_transfer(
            session,
            supplier_id=story.till.supplier_id,
            debtor_id=story.debtor_id,
            invoice_id=story.invoice_id,
            amount=money(amount),
            reference="E2E-1",
            booked_on=runtime.clock.now().date(),
            clock=runtime.clock,
        )
