"""What a debtor reads of money that went back, and where no card can be taken."""

from __future__ import annotations

import pytest

from receivables.database import Scope
from receivables.parties.tables import Supplier
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.payment_returns import charge_of, pay_whole, send_back
from tests.support.payment_story import Story
from tests.support.payments import open_till


@pytest.fixture
def story(runtime: Runtime) -> Story:
    """A debtor who reads English and owes 120 francs on invoice A-1."""
    till = open_till(runtime)
    debtor_id = till.world.debtor(language="en", country="GB")
    invoice_id = till.world.invoice("120.00 CHF", debtor_id=debtor_id, number="A-1")
    return Story(till, debtor_id, invoice_id)


@pytest.fixture
def browser(story: Story) -> Browser:
    runtime = story.till.runtime
    opened = portal_browser(runtime)
    opened.get(link_for(story.till.world, story.debtor_id))
    return opened


def test_a_refund_stands_on_the_payments_page_and_on_the_invoices(
    story: Story, browser: Browser
) -> None:
    payment_id = pay_whole(story)
    made = send_back(story, payment_id, "30.00 CHF")

    payment = text_of(browser.get(f"/payments/{payment_id}/thanks"))
    invoice = text_of(browser.get("/invoices/A-1"))

    assert "Sent back to you" in payment
    assert "Sent back" in invoice
    assert "30.00 was sent back and is owed again." in invoice
    assert "returned goods" not in payment + invoice, "the reason is the supplier's"

    story.till.stripe.fail_refund(str(made.stripe_refund_id))
    story.till.deliver()

    assert "your bank returned it to us" in text_of(browser.get(f"/payments/{payment_id}/thanks"))


def test_a_chargeback_says_that_it_is_owed_again_and_no_more(
    story: Story, browser: Browser
) -> None:
    payment_id = pay_whole(story)
    story.till.stripe.open_dispute(charge_of(story, payment_id), reason="fraudulent")
    story.till.deliver()

    payment = text_of(browser.get(f"/payments/{payment_id}/thanks"))
    invoice = text_of(browser.get("/invoices/A-1"))

    assert "Taken back by your bank: it is owed again" in payment
    assert "was taken back by the bank and is owed again" in invoice
    assert "fraudulent" not in payment + invoice


def test_the_account_says_why_what_was_paid_is_open_again_until_the_bank_gives_it_back(
    story: Story, browser: Browser
) -> None:
    payment_id = pay_whole(story)
    said = "Your bank took back your payment of 2 Nov 2026."
    contested = story.till.stripe.open_dispute(charge_of(story, payment_id), reason="fraudulent")
    story.till.deliver()

    account = text_of(browser.get("/"))
    story.till.world.invoice("50.00 CHF", debtor_id=story.debtor_id, number="A-2")

    assert said in account
    assert text_of(browser.get("/")).count(said) == 1, "the other invoice was never paid"

    story.till.stripe.close_dispute(str(contested["id"]), won=True)
    story.till.deliver()

    assert said not in text_of(browser.get("/"))


@pytest.mark.parametrize("trouble", ["disconnected", "restricted"])
def test_where_the_suppliers_account_takes_no_cards_the_bank_details_stand_instead(
    story: Story, browser: Browser, trouble: str
) -> None:
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        supplier = session.get(Supplier, story.till.supplier_id)
        assert supplier is not None
        supplier.stripe_trouble = trouble

    page = browser.get("/pay?currency=CHF&invoice=A-1")

    assert page.status_code == 200
    assert "Payments by card cannot be taken at the moment" in text_of(page)
    assert "A-1" in text_of(page)
