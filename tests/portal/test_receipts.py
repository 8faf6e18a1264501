"""What a debtor downloads: receipts and the statement of account, their own and nobody else's."""

import pytest

from receivables.ids import PaymentId, new_id
from receivables.payments.receipt import receipt_number
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.portal.test_pay import at_the_checkout, newest, session_of
from tests.support.browsing import Browser, portal_browser
from tests.support.dunning import Dunning
from tests.support.letters import text_of
from tests.support.payments import VISA, Till, open_till
from tests.support.world import World


@pytest.fixture
def dunning(world: World) -> Dunning:
    return Dunning(world)


@pytest.fixture
def browser(runtime: Runtime) -> Browser:
    return portal_browser(runtime)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def receipt_of(payment_id: PaymentId) -> str:
    return f"/payments/{payment_id}/receipt.pdf"


def test_the_page_of_thanks_leads_to_the_receipt(till: Till):
    browser = portal_browser(till.runtime)
    debtor = till.world.debtor(name="Ateliers Dubois SA")
    till.world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-20)
    browser.get(link_for(till.world, debtor))
    checkout = at_the_checkout(browser)
    payment_id, session = newest(till), session_of(checkout)
    path = receipt_of(payment_id)
    assert browser.get(path).status_code == 404
    till.stripe.pay_by_card(session, VISA)

    assert path in browser.get(f"/payments/{payment_id}/thanks?cs={session}").text
    answer = browser.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    number = receipt_number(payment_id)
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{number}.pdf"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "no-store" in answer.headers["cache-control"]
    words = text_of(answer.content)
    assert number in words
    assert "Ateliers Dubois SA" in words


def test_a_payment_that_is_not_here_has_no_receipt_to_lead_to(dunning: Dunning, browser: Browser):
    world = dunning.world
    debtor = world.debtor()
    invoice = world.invoice("50.00 CHF", debtor_id=debtor)
    payment_id = dunning.start_paying(debtor, invoice, "50.00 CHF")
    browser.get(link_for(world, debtor))

    page = browser.get(f"/payments/{payment_id}/thanks")

    assert page.status_code == 200
    assert "receipt.pdf" not in page.text


def test_another_debtor_s_receipt_does_not_exist(dunning: Dunning, browser: Browser):
    world = dunning.world
    mine, other = world.debtor(), world.debtor()
    elsewhere = world.supplier(name="Elsewhere")
    world.debtor(supplier_id=elsewhere)
    for debtor in (mine, other):
        world.invoice("50.00 CHF", debtor_id=debtor)
    my_payment, their_payment = (dunning.pay(debtor, "50.00 CHF") for debtor in (mine, other))
    assert browser.get(receipt_of(my_payment)).status_code == 401
    browser.get(link_for(world, mine))

    assert browser.get(receipt_of(my_payment)).status_code == 200
    theirs = browser.get(receipt_of(their_payment))
    nobodys = browser.get(receipt_of(PaymentId(new_id())))

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.headers["content-type"] == nobodys.headers["content-type"]


def test_the_statement_is_the_account_on_paper(dunning: Dunning, browser: Browser):
    world = dunning.world
    mine, other = world.debtor(language="en", country="GB"), world.debtor()
    world.invoice("1950.00 CHF", debtor_id=mine, number="2026-0412", due_in_days=-12)
    world.invoice("70.00 CHF", debtor_id=other, number="THEIRS")
    paid = dunning.pay(mine, "450.00 CHF")
    assert browser.get("/statement.pdf").status_code == 401
    browser.get(link_for(world, mine))

    answer = browser.get("/statement.pdf")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert "Statement%20of%20account%202026-11-02.pdf" in answer.headers["content-disposition"]
    words = text_of(answer.content)
    for said in ("2026-0412", "CHF 1,500.00", receipt_number(paid), "CHF 450.00"):
        assert said in words
    assert "THEIRS" not in words
    assert "1,500.00" in browser.get("/").text


def test_the_receipt_is_in_the_language_the_debtor_reads_the_portal_in(
    dunning: Dunning, browser: Browser
):
    world = dunning.world
    debtor = world.debtor(language="de", country="DE")
    world.invoice("1950.00 CHF", debtor_id=debtor)
    payment_id = dunning.pay(debtor, "1950.00 CHF")
    browser.get(link_for(world, debtor))
    assert "1.950,00 CHF" in text_of(browser.get(receipt_of(payment_id)).content)

    browser.submit(browser.get("/"), "/language", language="en")

    assert "CHF 1" in text_of(browser.get(receipt_of(payment_id)).content)
