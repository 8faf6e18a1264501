"""Promising a date and saying that one has paid, as a debtor's browser meets them."""

from datetime import date

import pytest

from receivables.database import Scope
from receivables.promises.queries import promises
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.promises import Promises
from tests.support.world import World


@pytest.fixture
def browser(runtime: Runtime) -> Browser:
    return portal_browser(runtime)


@pytest.fixture
def debtor(world: World, browser: Browser):
    """Somebody in Britain who owes two invoices, and has followed their link."""
    debtor = world.debtor(country="GB", language="en", name="Bakers Ltd")
    world.invoice("1500.00 CHF", debtor_id=debtor, number="A-1", due_in_days=-10)
    world.invoice("200.00 CHF", debtor_id=debtor, number="A-2", due_in_days=20)
    browser.get(link_for(world, debtor))
    return debtor


def given_by(world: World) -> list:
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return promises(session, world.supplier_id)


def test_a_debtor_promises_what_is_overdue_by_a_day_and_sees_what_follows(
    world: World, browser: Browser, debtor
):
    form = browser.get("/promise")
    assert "until 11 Nov 2026 at the latest" in text_of(form)

    answer = browser.submit(form, "/promise", day="2026-11-11")

    assert answer.status_code == 303, text_of(answer)
    words = text_of(browser.get(answer.headers["location"]))
    assert "You promised CHF 1,500.00 by 11 November 2026." in words
    assert "If it has not arrived by 13 November 2026" in words
    (view,) = given_by(world)
    assert (view.numbers, view.promised_on) == (("A-1",), date(2026, 11, 11))


def test_a_part_can_be_promised(world: World, browser: Browser, debtor):
    form = browser.get("/promise?currency=CHF&invoice=A-1&invoice=A-2")

    browser.submit(form, "/promise", day="2026-11-05", choice="other", amount="1'600.00")

    (view,) = given_by(world)
    assert str(view.amount.decimal) == "1600.00"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"day": "2026-11-12"}, "11 November 2026 is the last day"),
        ({"day": "2026-11-01"}, "That day has passed"),
        ({"day": "soon"}, "Please choose a day"),
        ({"day": ""}, "Please choose a day"),
        ({"day": "2026-11-05", "choice": "other", "amount": "x"}, "an amount in figures"),
        ({"day": "2026-11-05", "choice": "other", "amount": "0"}, "an amount in figures"),
        ({"day": "2026-11-05", "choice": "other", "amount": "1500.01"}, "CHF 1,500.00 at most"),
        ({"day": "2026-11-05", "invoice": "S-9"}, "choose at least one invoice"),
    ],
)
def test_what_cannot_be_promised_is_said_in_the_form(
    typed: dict[str, str], words: str, world: World, browser: Browser, debtor
):
    answer = browser.submit(browser.get("/promise"), "/promise", **typed)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert given_by(world) == []


def test_what_was_promised_twice_is_shown_with_the_reason(world: World, browser: Browser, debtor):
    for _ in range(2):
        browser.submit(browser.get("/promise"), "/promise", day="2026-11-05")

    words = text_of(browser.get("/promise"))

    assert "It has been promised twice already." in words


def test_nobody_sees_the_promise_of_another(world: World, browser: Browser, debtor):
    other = world.debtor()
    invoice = world.invoice("10.00 CHF", debtor_id=other, due_in_days=-1)
    foreign = Promises(world).promise(other, invoice)

    assert browser.get(f"/promises/{foreign}").status_code == 404
    claimed = Promises(world).claim(other, invoice, amount="10.00 CHF")
    assert browser.get(f"/already-paid/{claimed}").status_code == 404


def test_a_debtor_says_that_they_have_paid(world: World, browser: Browser, debtor):
    form = browser.get("/already-paid")

    answer = browser.submit(
        form, "/already-paid", amount="1500", day="2026-10-30", reference="E-BANKING 4711"
    )

    assert answer.status_code == 303, text_of(answer)
    words = text_of(browser.get(answer.headers["location"]))
    assert "Thank you, we look for it." in words
    assert "Until 9 November 2026" in words
    again = browser.submit(form, "/already-paid", amount="1", day="2026-10-30", reference="")
    assert again.status_code == 422
    assert "already looking for the payment of invoice A-1" in text_of(again)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"day": "2026-11-03"}, "within the last year"),
        ({"day": ""}, "Please choose a day"),
        ({"amount": "-1"}, "an amount in figures"),
        ({"amount": ""}, "an amount in figures"),
        ({"invoice": "S-9"}, "choose at least one invoice"),
    ],
)
def test_what_cannot_have_been_paid_is_said_in_the_form(
    typed: dict[str, str], words: str, world: World, browser: Browser, debtor
):
    sound = {"amount": "1500", "day": "2026-10-30", "reference": "x", "note": "<b>y</b>"}

    answer = browser.submit(browser.get("/already-paid"), "/already-paid", **{**sound, **typed})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "<b>y" not in answer.text


def test_a_debtor_who_owes_nothing_has_nothing_to_promise(world: World, browser: Browser):
    browser.get(link_for(world, world.debtor(country="GB", language="en")))

    assert "nothing to promise" in text_of(browser.get("/promise"))
    assert "All your invoices are paid" in text_of(browser.get("/already-paid"))
