"""Every way to pay: told of before, used without JavaScript, called by its name afterwards."""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy.pool import Pool, QueuePool

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.queries import open_items
from receivables.payments.stripe import StripeGateway
from receivables.runtime import Runtime
from sandbox.stripe.app import SandboxApp
from tests.portal.test_account import link_for
from tests.portal.test_pay import at_the_checkout, newest
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.faces import backoffice_client, portal_app
from tests.support.letters import text_of as text_of_pdf
from tests.support.payments import Till, open_till, stripe_settings
from tests.support.stripe_sandbox import InProcessClient, browse

CONFIGURATIONS = "/v1/payment_method_configurations"
CARDS = "Visa, Mastercard, American Express"
#: kind, currency, country of the debtor, what is typed, what it is called afterwards.
WAYS = [
    ("card", "CHF", "CH", {"test_card": "4242424242424242"}, "Visa ...4242"),
    ("twint", "CHF", "CH", {}, "TWINT"),
    ("bancontact", "EUR", "BE", {}, "Bancontact"),
    ("ideal", "EUR", "NL", {}, "iDEAL | Wero"),
    ("sepa_debit", "EUR", "DE", {"iban": "DE89 3704 0044 0532 0130 00"}, "SEPA ...3000"),
]


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def browser(till: Till) -> Browser:
    return portal_browser(till.runtime)


@dataclass
class Owing:
    """A debtor with one late invoice, who has followed their link."""

    debtor_id: DebtorId
    invoice_id: InvoiceId


def owing(till: Till, browser: Browser, amount: str, country: str = "GB", **given: Any) -> Owing:
    world = till.world
    debtor = world.debtor(language="en", country=country, name="Bakers Ltd")
    invoice = world.invoice(amount, debtor_id=debtor, number="A-1", due_in_days=-3, **given)
    browser.get(link_for(world, debtor))
    return Owing(debtor, invoice)


def pay_page(browser: Browser, currency: str) -> Any:
    return browser.get(f"/pay?currency={currency}&invoice=A-1")


def told(page: Any) -> list[str]:
    """The ways to pay, each as one line."""
    listed = page.text.partition('<ul class="items">')[2].partition("</ul>")[0]
    lines = re.findall(r"<li class=\"item\">(.*?)</li>", listed, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in lines]


def names(page: Any) -> list[str]:
    return [line.partition(" no fee ")[0].strip() for line in told(page)]


def pay_there(till: Till, checkout: str, kind: str, typed: dict[str, str]) -> str:
    """By the hosted page's own forms; returns where the payer is sent back to."""
    answer = browse(till.app, "POST", urlsplit(checkout).path, urlencode({"method": kind, **typed}))
    if answer.headers["location"].startswith("/c/authenticate/"):
        answer = browse(till.app, "POST", answer.headers["location"], "answer=authenticate")
    back = urlsplit(answer.headers["location"])
    assert answer.status == 303
    return f"{back.path}?{back.query}"


@pytest.mark.parametrize(
    ("currency", "country", "expected"),
    [
        ("CHF", "CH", ["TWINT", CARDS]),
        ("CHF", "FR", [CARDS, "TWINT"]),
        ("EUR", "BE", ["Bancontact", CARDS, "iDEAL | Wero", "SEPA direct debit"]),
        ("EUR", "NL", ["iDEAL | Wero", CARDS, "Bancontact", "SEPA direct debit"]),
    ],
)
def test_the_pay_page_tells_what_the_account_offers_in_the_order_of_the_country(
    till: Till, browser: Browser, currency: str, country: str, expected: list[str]
):
    owing(till, browser, f"1950.00 {currency}", country)

    page = pay_page(browser, currency)

    assert names(page) == expected
    assert all(" no fee " in line for line in told(page))
    assert "may offer more" not in text_of(page)


def test_the_page_says_what_is_at_once_and_what_takes_days(till: Till, browser: Browser):
    owing(till, browser, "100.00 EUR", "DE")

    lines = dict(zip(names(page := pay_page(browser, "EUR")), told(page), strict=True))

    assert lines["Bancontact"].endswith("paid at once")
    debit = lines["SEPA direct debit"]
    assert "takes some working days" in debit
    assert "shows as on its way, and reminders wait" in debit


def test_the_page_and_the_hosted_page_offer_the_same(till: Till, browser: Browser):
    till.stripe.switch_methods(None, ideal=False)
    owing(till, browser, "100.00 EUR", "BE")
    assert names(pay_page(browser, "EUR")) == ["Bancontact", CARDS, "SEPA direct debit"]

    hosted = browse(till.app, "GET", urlsplit(at_the_checkout(browser)).path).body.decode()

    offered = set(re.findall(r'name="method" value="(\w+)"', hosted))
    assert offered == {"bancontact", "card", "sepa_debit"}


def test_each_supplier_offers_what_its_own_account_has(till: Till, browser: Browser):
    world = till.world
    till.stripe.switch_methods("acct_1Rochat", twint=False)
    other = world.supplier(name="Rochat SA", stripe_account="acct_1Rochat")
    debtor = world.debtor(supplier_id=other, country="CH", language="en")
    world.invoice("100.00 CHF", debtor_id=debtor, supplier_id=other, number="A-1")
    browser.get(link_for(world, debtor, other))

    assert names(pay_page(browser, "CHF")) == [CARDS]


def test_a_limit_is_told_where_an_amount_on_the_page_is_above_it(till: Till, browser: Browser):
    owing(till, browser, "5000.01 CHF", "GB")
    assert told(pay_page(browser, "CHF"))[1].endswith("for amounts up to CHF 5,000.00")


def test_no_limit_is_told_where_none_matters(till: Till, browser: Browser):
    owing(till, browser, "5000.00 CHF", "GB")
    assert "up to" not in text_of(pay_page(browser, "CHF"))


@pytest.mark.parametrize("trouble", ["drop_after", "500", "401"])
def test_when_stripe_does_not_say_there_are_cards_and_perhaps_more(
    till: Till, browser: Browser, trouble: str
):
    owing(till, browser, "100.00 CHF", "CH")
    till.stripe.inject(trouble, method="GET", path=CONFIGURATIONS)

    page = pay_page(browser, "CHF")

    assert (page.status_code, names(page)) == (200, [CARDS])
    assert "The payment page may offer more ways to pay." in text_of(page)
    assert browser.submit(page, "/pay").status_code == 303


def test_stripe_is_asked_once_for_many_pages(till: Till, browser: Browser):
    owing(till, browser, "100.00 CHF", "CH")
    pay_page(browser, "CHF")
    till.stripe.inject("500", method="GET", path=CONFIGURATIONS)

    assert names(pay_page(browser, "CHF")) == ["TWINT", CARDS]
    assert till.stripe.faults.waiting(), "nobody asked"


class Watching(InProcessClient):
    """Notes how many connections to the database are in use while Stripe is asked."""

    def __init__(self, app: SandboxApp, pool: Pool) -> None:
        super().__init__(app)
        assert isinstance(pool, QueuePool)
        self.pool, self.in_use = pool, list[int]()

    def request(self, method: str, url: str, *more: Any, **options: Any) -> Any:
        if CONFIGURATIONS in url:
            self.in_use.append(self.pool.checkedout())
        return super().request(method, url, *more, **options)


def test_stripe_is_asked_while_no_transaction_is_open(till: Till, browser: Browser):
    owed = owing(till, browser, "100.00 CHF", "CH")
    watching = Watching(till.app, till.runtime.database.engine.pool)
    gateway = StripeGateway(stripe_settings(), http_client=watching)
    app = portal_app(replace(till.runtime, gateway=gateway))
    watched = Browser(app, till.runtime.settings.web.portal_url)
    watched.get(link_for(till.world, owed.debtor_id))

    assert names(pay_page(watched, "CHF")) == ["TWINT", CARDS]
    assert watching.in_use == [0]
    with till.runtime.reading(Scope(till.supplier_id)) as session:
        open_items(session, till.supplier_id, owed.debtor_id)
        gateway.methods("acct_1Rochat")
    assert watching.in_use == [0, 1], "an open transaction would be seen"


def test_a_wrong_amount_comes_back_with_the_ways_to_pay(till: Till, browser: Browser):
    owing(till, browser, "100.00 CHF", "CH")

    again = browser.submit(pay_page(browser, "CHF"), "/pay", choice="other", amount="1.00")

    assert (again.status_code, names(again)) == (422, ["TWINT", CARDS])


@pytest.mark.parametrize(("kind", "currency", "country", "typed", "called"), WAYS)
def test_no_way_to_pay_costs_more_than_the_amount_chosen(
    till: Till,
    browser: Browser,
    kind: str,
    currency: str,
    country: str,
    typed: dict[str, str],
    called: str,
):
    """The surcharge guard: PSD2, article 62(4)."""
    one = owing(till, browser, f"1950.05 {currency}", country)
    checkout = at_the_checkout(browser, choice="other", amount="777.77")
    payment_id = newest(till)
    pay_there(till, checkout, kind, typed)
    if kind == "sepa_debit":
        till.stripe.settle_debit(till.stripe.store.every("payment_intent")[0][1]["id"])
    till.deliver()

    (charge,) = till.stripe.charged()
    (_, session) = till.stripe.store.every("checkout.session")[0]
    assert session["amount_total"] == charge["amount"] == 77_777
    assert sum(line["amount_total"] for line in session["_lines"]) == 77_777
    assert till.payment(payment_id).amount == money(f"777.77 {currency}")
    assert till.booked(payment_id) == [money(f"777.77 {currency}")]
    assert till.world.outstanding(one.invoice_id) == money(f"1172.28 {currency}")


@pytest.mark.parametrize(
    ("kind", "currency", "country", "typed", "called"),
    [way for way in WAYS if way[0] != "sepa_debit"],
)
@pytest.mark.once("what pages say")
def test_a_payment_is_called_by_its_way_on_every_page_and_paper(
    till: Till,
    browser: Browser,
    kind: str,
    currency: str,
    country: str,
    typed: dict[str, str],
    called: str,
):
    owing(till, browser, f"100.00 {currency}", country)
    back = pay_there(till, at_the_checkout(browser), kind, typed)
    payment_id = newest(till)

    thanks = text_of(browser.get(back))
    assert "Thank you" in thanks
    assert called in thanks
    till.deliver()
    assert called in text_of(browser.get("/invoices/A-1")), "the timeline"
    assert called in text_of_pdf(browser.get(f"/payments/{payment_id}/receipt.pdf").content)
    with backoffice_client(till.runtime, till.world.staff()) as office:
        assert called in text_of(office.get("/payments"))
        assert called in text_of(office.get(f"/payments/{payment_id}"))


def in_the_office(till: Till, payment_id: object) -> str:
    with backoffice_client(till.runtime, till.world.staff()) as office:
        return text_of(office.get(f"/payments/{payment_id}"))


@pytest.mark.parametrize("paid", [True, False])
@pytest.mark.once("weeks pass day by day")
def test_a_debit_is_on_its_way_for_days_and_then_paid_or_returned(
    till: Till, browser: Browser, paid: bool
):
    world = till.world
    one = owing(till, browser, "100.00 EUR", "DE")
    world.invoice("100.00 EUR", debtor_id=world.debtor(), number="A-2", due_in_days=-3)
    back = pay_there(till, at_the_checkout(browser), "sepa_debit", WAYS[-1][3])
    payment_id = newest(till)

    page = browser.get(back)
    words = text_of(page)
    assert "Your payment is on its way." in words
    assert "no reminders are sent" in words
    assert "SEPA ...3000" in words
    assert "hx-trigger" not in page.text.partition('id="payment-state"')[2].partition(">")[0]
    till.deliver()
    world.fire_schedules()
    world.advance(hours=24)
    reminded = " ".join(message.subject for message in world.mail)
    assert ("A-1" in reminded, "A-2" in reminded) == (False, True), "this one's reminder waits"
    assert world.outstanding(one.invoice_id) == money("100.00 EUR")
    browser.get(link_for(world, one.debtor_id))
    assert "Your payment is on its way." in text_of(browser.get(f"/payments/{payment_id}/thanks"))
    assert "SEPA ...3000" in in_the_office(till, payment_id)

    intent = till.stripe.store.every("payment_intent")[0][1]["id"]
    (till.stripe.settle_debit if paid else till.stripe.fail_debit)(intent)
    till.deliver()

    after = text_of(browser.get(f"/payments/{payment_id}/thanks"))
    if paid:
        assert "Thank you" in after
        assert "SEPA ...3000" in after
        assert "SEPA ...3000" in text_of(browser.get("/invoices/A-1"))
        receipt = browser.get(f"/payments/{payment_id}/receipt.pdf").content
        assert "SEPA ...3000" in text_of_pdf(receipt)
        assert world.outstanding(one.invoice_id) == money("0.00 EUR")
    else:
        assert "Nothing was paid." in after
        assert "Your bank returned the debit." in after
        assert "Thank you" not in after
        assert browser.get(f"/payments/{payment_id}/receipt.pdf").status_code == 404
        assert world.outstanding(one.invoice_id) == money("100.00 EUR")
        assert names(pay_page(browser, "EUR")), "it can be paid again"
    assert "SEPA ...3000" in in_the_office(till, payment_id)


def test_what_it_costs_is_told_in_the_readers_language(till: Till, browser: Browser):
    world = till.world
    debtor = world.debtor(language="fr", country="CH")
    world.invoice("100.00 CHF", debtor_id=debtor, number="A-1")
    browser.get(link_for(world, debtor))

    assert told(pay_page(browser, "CHF"))[0].startswith("TWINT sans frais")
