"""Attempts to pay: started, brought on, booked; the sandbox answers for Stripe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from receivables.broker import ACTORS
from receivables.database import Scope
from receivables.history import of_debtor, of_invoice
from receivables.ids import DebtorId, InvoiceId
from receivables.invoices.queries import NoSuchInvoice
from receivables.payments import actions, inbox, queries
from receivables.payments.checkout import card_trouble
from receivables.payments.errors import PaymentBelowMinimum, PaymentInProgress
from receivables.payments.rules import PaymentState
from receivables.payments.starting import start
from receivables.payments.stripe.words import hosted_locale, method_name
from receivables.runtime import Runtime
from sandbox.stripe import Means
from tests.support.builders import money
from tests.support.payments import Till, open_till

BY_DEBIT = Means(kind="sepa_debit", name="Anne Dubois", email="anne@dubois.example")


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def owing(till: Till, *amounts: str, **given: Any) -> tuple[DebtorId, list[InvoiceId]]:
    debtor_id = till.world.debtor(**given)
    return debtor_id, [till.world.invoice(amount, debtor_id=debtor_id) for amount in amounts]


def kinds_of(till: Till, debtor_id: DebtorId) -> list[str]:
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        happened = of_debtor(session, till.supplier_id, debtor_id)
    return [one.event.kind for one in reversed(happened) if one.event.kind.startswith("payment.")]


def kinds_of_invoice(till: Till, invoice_id: InvoiceId) -> list[str]:
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        happened = of_invoice(session, till.supplier_id, invoice_id)
    return [one.event.kind for one in happened if one.event.kind.startswith("payment.")]


def test_one_payment_for_two_invoices_is_put_against_both(till: Till) -> None:
    debtor_id, (one, two) = owing(till, "120.00 CHF", "80.00 CHF")
    page = till.begin(till.choice(debtor_id, [(one, "120.00 CHF"), (two, "30.00 CHF")]))

    till.pay(page.payment_id)
    till.deliver()

    payment = till.payment(page.payment_id)
    assert (payment.state, payment.method) == ("settled", "Visa ...4242")
    assert sorted(map(str, till.booked(page.payment_id))) == ["CHF 120.00", "CHF 30.00"]
    assert till.world.outstanding(two) == money("50.00 CHF")
    assert kinds_of(till, debtor_id) == ["payment.started", "payment.settled"]
    for invoice_id in (one, two):
        assert kinds_of_invoice(till, invoice_id) == ["payment.allocated"]


def test_the_hosted_page_lists_each_invoice_and_comes_back_to_the_portal(till: Till) -> None:
    debtor_id, (one, two) = owing(till, "120.00 CHF", "80.00 CHF")
    page = till.begin(till.choice(debtor_id, [(one, "120.00 CHF"), (two, "80.00 CHF")]))

    request = till.payment(page.payment_id).request

    assert [line["price_data"]["unit_amount"] for line in request["line_items"]] == [12000, 8000]
    assert request["adaptive_pricing"] == {"enabled": False}
    assert request["locale"] == "fr"
    assert request["success_url"] == (
        f"http://localhost:8000/payments/{page.payment_id}/thanks?cs={{CHECKOUT_SESSION_ID}}"
    )
    assert request["metadata"] == {"attempt": str(page.payment_id)}


def test_more_invoices_than_a_page_can_list_are_one_line(till: Till) -> None:
    debtor_id, invoices = owing(till, *["1.00 CHF"] * 101)

    page = till.begin(till.choice(debtor_id, [(one, "1.00 CHF") for one in invoices]))

    (line,) = till.payment(page.payment_id).request["line_items"]
    assert line["price_data"]["unit_amount"] == 10100


def test_somebody_elses_invoice_cannot_be_paid(till: Till) -> None:
    debtor_id, _ = owing(till, "120.00 CHF")
    _, (theirs,) = owing(till, "80.00 CHF")

    with pytest.raises(NoSuchInvoice):
        till.begin(till.choice(debtor_id, [(theirs, "80.00 CHF")]))


def test_an_attempt_id_that_is_somebody_elses_is_not_used(till: Till) -> None:
    debtor_id, (mine,) = owing(till, "120.00 CHF")
    other_supplier = till.world.supplier(name="Schreinerei Amstutz AG", language="de")
    other_debtor = till.world.debtor(supplier_id=other_supplier)
    other_invoice = till.world.invoice(
        "80.00 CHF", debtor_id=other_debtor, supplier_id=other_supplier
    )
    theirs = till.choice(other_debtor, [(other_invoice, "80.00 CHF")], supplier_id=other_supplier)
    till.begin(theirs)

    page = till.begin(till.choice(debtor_id, [(mine, "120.00 CHF")], attempt=theirs.attempt))

    assert page.payment_id != theirs.attempt
    assert till.payment(theirs.attempt, other_supplier).debtor_id == other_debtor


def test_the_suppliers_least_payment_is_asked_of_a_part(till: Till) -> None:
    debtor_id, (one,) = owing(till, "120.00 CHF")

    with pytest.raises(PaymentBelowMinimum) as raised:
        till.begin(till.choice(debtor_id, [(one, "19.99 CHF")]))

    assert raised.value.minimum == money("20.00 CHF")


def test_a_bank_debit_is_under_way_until_the_bank_has_spoken(till: Till) -> None:
    debtor_id, (one,) = owing(till, "120.00 EUR")
    page = till.begin(till.choice(debtor_id, [(one, "120.00 EUR")]))
    till.stripe.pay(till.session_of(page.payment_id), BY_DEBIT)
    till.deliver()
    assert till.payment(page.payment_id).state == "processing"
    with pytest.raises(PaymentInProgress):
        till.begin(till.choice(debtor_id, [(one, "50.00 EUR")]))

    till.stripe.settle_debit(str(till.payment(page.payment_id).stripe_payment_intent_id))
    till.deliver()

    assert till.payment(page.payment_id).state == "settled"
    assert till.world.outstanding(one) == money("0.00 EUR")


def test_an_attempt_that_was_never_sent_is_closed(till: Till) -> None:
    debtor_id, (one,) = owing(till, "120.00 CHF")
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        payment = start(
            session, till.choice(debtor_id, [(one, "120.00 CHF")]), livemode=False,
            freeze=lambda *_: {}, clock=till.world.clock,
        )  # fmt: skip
    till.world.fire_schedules()

    till.world.advance(minutes=3)

    assert till.payment(payment.id).state == "expired"
    assert till.begin(till.choice(debtor_id, [(one, "120.00 CHF")]))


def test_a_page_about_to_close_makes_way_for_a_new_one(till: Till) -> None:
    debtor_id, (one,) = owing(till, "120.00 CHF")
    choice = till.choice(debtor_id, [(one, "120.00 CHF")])
    first = till.begin(choice)
    till.world.clock.advance(timedelta(minutes=33))

    second = till.begin(choice)

    assert second.payment_id != first.payment_id
    assert till.payment(first.payment_id).state == "expired"


def test_a_page_stripe_denies_knowing_is_for_a_person_who_can_let_it_go(till: Till) -> None:
    debtor_id, (one,) = owing(till, "120.00 CHF")
    page = till.begin(till.choice(debtor_id, [(one, "120.00 CHF")]))
    till.stripe.store.execute("DELETE FROM objects WHERE kind = 'checkout.session'")

    till.look(page.payment_id)

    assert till.payment(page.payment_id).state == "unknown"
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        assert [row.id for row in queries.for_a_person(session, till.supplier_id)] == [
            page.payment_id
        ]
    with till.runtime.transaction(Scope(till.supplier_id), by="staff:1") as session:
        actions.give_up(session, till.supplier_id, page.payment_id, clock=till.world.clock)
    assert till.payment(page.payment_id).state == "expired"


def test_the_invoices_timeline_says_what_a_payment_put_there(till: Till) -> None:
    debtor_id, (one,) = owing(till, "120.00 CHF")
    page = till.begin(till.choice(debtor_id, [(one, "120.00 CHF")]))
    till.pay(page.payment_id)
    till.deliver()

    with till.runtime.reading(Scope(till.supplier_id)) as session:
        kinds = [one.event.kind for one in of_invoice(session, till.supplier_id, one)]

    assert kinds[-2:] == ["payment.started", "payment.allocated"]


def test_while_a_payment_is_live_its_invoices_say_so(till: Till) -> None:
    debtor_id, (one, two) = owing(till, "120.00 CHF", "80.00 CHF")
    page = till.begin(till.choice(debtor_id, [(one, "120.00 CHF")]))

    with till.runtime.reading(Scope(till.supplier_id)) as session:
        live = queries.live_amounts(session, till.supplier_id, debtor_id)
        attempt = queries.live_attempt_of(session, till.supplier_id, one)
        none = queries.live_attempt_of(session, till.supplier_id, two)

    assert live == {one: (PaymentState.OPEN, money("120.00 CHF"))}
    assert attempt is not None
    assert (attempt.id, none) == (page.payment_id, None)


def test_the_actor_the_inbox_names_exists() -> None:
    assert inbox.PROCESS in ACTORS


def test_the_card_button_says_why_it_is_not_there(till: Till, runtime: Runtime) -> None:
    assert card_trouble(till.runtime, None, "CHF") == ""
    assert card_trouble(till.runtime, None, "KWD") == "currency"
    assert card_trouble(runtime, None, "CHF") == "not_configured"


@pytest.mark.parametrize(
    ("ours", "theirs"), [("de_CH", "de"), ("fr", "fr"), ("en_GB", "en"), ("rm_CH", "auto")]
)
def test_the_hosted_page_speaks_the_debtors_language(ours: str, theirs: str) -> None:
    assert hosted_locale(ours) == theirs


def test_ways_to_pay_are_named_as_people_name_them() -> None:
    assert method_name("card", brand="visa", last4="4242") == "Visa ...4242"
    assert method_name("card", brand="amex", last4="0005") == "American Express ...0005"
    assert method_name("twint") == "TWINT"
    assert method_name("sepa_debit", last4="3000") == "SEPA ...3000"
