"""Choosing what to pay, the way to the payment page and back, and pages that never lie."""

from urllib.parse import urlsplit

import pytest

from receivables.database import Scope
from receivables.ids import PaymentId
from receivables.payments.queries import listed
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.payments import DECLINED, VISA, Till, open_till


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def browser(till: Till) -> Browser:
    return portal_browser(till.runtime)


def at_the_checkout(browser: Browser, **choice: str) -> str:
    """From the account to the payment page, by the forms a debtor meets; returns where it is."""
    page = browser.submit(browser.get("/"), "/pay")
    assert page.status_code == 200, page.text
    away = browser.submit(page, "/pay", **choice)
    assert away.status_code == 303, text_of(away)
    return away.headers["location"]


def session_of(checkout_url: str) -> str:
    return urlsplit(checkout_url).path.rsplit("/", 1)[-1]


def newest(till: Till) -> PaymentId:
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        return listed(session, till.supplier_id)[0].id


def test_a_debtor_pays_everything_overdue(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor(language="en", country="GB", name="Bakers Ltd")
    late = world.invoice("1950.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-12)
    later = world.invoice("2330.50 CHF", debtor_id=debtor, number="A-2", due_in_days=10)
    browser.get(link_for(world, debtor))

    checkout = at_the_checkout(browser)
    payment_id, session = newest(till), session_of(checkout)
    till.stripe.pay_by_card(session, VISA)

    page = browser.get(f"/payments/{payment_id}/thanks?cs={session}")
    assert "Thank you" in text_of(page)
    assert world.outstanding(late) == money("0.00 CHF")
    assert world.outstanding(later) == money("2330.50 CHF")

    till.deliver()
    world.run_jobs()
    assert world.outstanding(late) == money("0.00 CHF")
    assert [message.subject for message in world.mail if "1,950.00" in message.subject]


def test_another_amount_goes_to_the_oldest_chosen_invoice_first(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor()
    older = world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-20)
    younger = world.invoice("100.00 CHF", debtor_id=debtor, number="A-2", due_in_days=-10)
    browser.get(link_for(world, debtor))

    checkout = at_the_checkout(browser, choice="other", amount="130,50")
    till.stripe.pay_by_card(session_of(checkout), VISA)
    till.deliver()
    world.run_jobs()

    assert world.outstanding(older) == money("0.00 CHF")
    assert world.outstanding(younger) == money("69.50 CHF")


@pytest.mark.parametrize(
    "typed", ["", "abc", "-5", "0", "1e9", "NaN", "12.345", "9" * 40, "１２３", "10.00.00"]
)
def test_what_is_no_amount_is_asked_for_again(typed: str, till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor()
    world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, debtor))
    page = browser.submit(browser.get("/"), "/pay")

    again = browser.submit(page, "/pay", choice="other", amount=typed)

    assert again.status_code == 422
    assert 'aria-invalid="true"' in again.text
    assert till.pages() == 0


@pytest.mark.parametrize(("typed", "status"), [("19.99", 422), ("20.00", 303), ("100.01", 422)])
def test_a_free_amount_keeps_to_the_suppliers_minimum_and_to_what_is_open(
    typed: str, status: int, till: Till, browser: Browser
):
    world = till.world
    debtor = world.debtor()
    world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, debtor))
    page = browser.submit(browser.get("/"), "/pay")

    assert browser.submit(page, "/pay", choice="other", amount=typed).status_code == status


def test_a_double_click_reaches_one_and_the_same_page(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor()
    world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, debtor))
    page = browser.submit(browser.get("/"), "/pay")

    first, second = browser.submit(page, "/pay"), browser.submit(page, "/pay")

    assert first.headers["location"] == second.headers["location"]
    assert till.pages() == 1


def test_the_thank_you_page_never_says_paid_before_the_ledger_does(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor(language="en", country="GB")
    world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, debtor))
    checkout = at_the_checkout(browser)
    payment_id = newest(till)

    page = browser.get(f"/payments/{payment_id}/thanks")
    assert "Thank you" not in text_of(page)
    assert checkout in page.text, "it can be gone on with"

    forged = browser.get(f"/payments/{payment_id}/thanks?cs=cs_test_somebody_elses")
    assert forged.status_code == 404

    just_back = browser.get(f"/payments/{payment_id}/thanks?cs={session_of(checkout)}")
    assert "Thank you" not in text_of(just_back)


def test_another_debtors_payment_does_not_exist(till: Till, browser: Browser):
    world = till.world
    mine, theirs = world.debtor(), world.debtor()
    for debtor in (mine, theirs):
        world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, theirs))
    checkout = at_the_checkout(browser)
    payment_id = newest(till)

    browser.get(link_for(world, mine))
    for path in ("thanks", f"thanks?cs={session_of(checkout)}", "state"):
        assert browser.get(f"/payments/{payment_id}/{path}").status_code == 404


def test_a_decline_leaves_everything_open_and_another_card_pays(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor(language="en", country="GB")
    invoice = world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, debtor))
    session = session_of(at_the_checkout(browser))

    till.stripe.pay_by_card(session, DECLINED)
    till.deliver()
    world.run_jobs()
    assert world.outstanding(invoice) == money("100.00 CHF")

    till.stripe.pay_by_card(session, VISA)
    till.deliver()
    world.run_jobs()
    assert world.outstanding(invoice) == money("0.00 CHF")
    assert "Nothing to pay" in text_of(browser.get("/"))


def test_what_is_paid_cannot_be_chosen_again(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor(language="en", country="GB")
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-20)
    browser.get(link_for(world, debtor))
    stale = browser.submit(browser.get("/"), "/pay")
    till.stripe.pay_by_card(session_of(at_the_checkout(browser)), VISA)
    till.deliver()
    world.run_jobs()

    again = browser.submit(stale, "/pay")

    assert again.status_code == 303
    assert "Nothing" in text_of(browser.get(again.headers["location"])) or "nothing" in text_of(
        browser.get(again.headers["location"])
    )
    assert till.charged_minor() == 10_000


def test_without_a_gateway_the_card_button_says_why_and_transfer_remains(runtime: Runtime, world):
    browser = portal_browser(runtime)
    debtor = world.debtor()
    world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=-20)
    browser.get(link_for(world, debtor))

    assert "CH93 0076 2011 6238 5295 7" in browser.get("/").text
    instead = browser.get("/pay?currency=CHF")
    assert instead.status_code == 200
    assert "CH93 0076 2011 6238 5295 7" in instead.text


def test_the_pay_panel_follows_what_is_ticked(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor(language="en", country="GB")
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    world.invoice("50.00 CHF", debtor_id=debtor, number="A-2")
    browser.get(link_for(world, debtor))

    both = browser.get("/selection?currency=CHF&invoice=A-1&invoice=A-2")
    assert "CHF 150.00" in text_of(both)
    assert "CHF 50.00" in text_of(browser.get("/selection?currency=CHF&invoice=A-2"))
