"""The links of a reminder lead to the page for exactly that invoice, whatever its number."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import lxml.html
import pytest
from sqlalchemy import func, select

from receivables.database import SYSTEM
from receivables.history import EventRow
from receivables.ids import DebtorId
from receivables.ports import MailMessage
from receivables.runtime import Runtime
from receivables.web.parts import invoice_url
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.world import World

#: What an invoice may be called, and what an address makes of it on the way.
ODD = (
    "2026/17",
    "A//B",
    "..",
    "../../pay",
    "50% & <more>?#1",
    "Rechnung Nr. 7é",
    "A;b=c+d",
    ".hid",
)


@pytest.fixture
def browser(runtime: Runtime) -> Browser:
    return portal_browser(runtime)


def reminded(world: World, *numbers: str) -> tuple[DebtorId, MailMessage]:
    """The reminder of a debtor's overdue invoices."""
    debtor = world.debtor(language="en", country="GB", name="Müller & Co")
    for number in numbers:
        world.invoice("120.00 CHF", debtor_id=debtor, number=number, due_in_days=-3)
    world.advance(hours=8)
    (mail,) = world.mail
    return debtor, mail


def links(mail: MailMessage) -> dict[str, str]:
    """What each link of the mail says, with where it leads."""
    document = lxml.html.document_fromstring(mail.html)
    return {link.text_content(): str(link.get("href")) for link in document.iter("a")}


def below(address: str) -> str:
    """An address without its host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def happened(world: World) -> int:
    with world.runtime.reading(SYSTEM) as session:
        return session.scalar(select(func.count()).select_from(EventRow)) or 0


@pytest.mark.once("what mails and pages say")
def test_a_reminder_leads_to_contesting_exactly_its_invoice(world: World, browser: Browser):
    number = ODD[4]
    _, mail = reminded(world, number)
    found, before = links(mail), happened(world)

    for words, asks in (
        ("I disagree with an invoice", f"What is wrong with invoice {number}?"),
        ("I have already paid", "What have you paid?"),
        ("I am not the right person", "code"),
    ):
        assert below(found[words]).startswith("/l/")
        assert below(found[words]) in mail.text, "the text says the same"
        # As a scanner, and then as a person.
        assert browser.client.head(below(found[words])).status_code == 303
        followed = browser.get(below(found[words]))
        page = browser.get(followed.headers["location"])
        if page.status_code == 303:  # a code by mail stands before who is told what
            assert page.headers["location"] == "/confirm?next=/contacts"
            page = browser.get(page.headers["location"])
        assert page.status_code == 200
        assert asks in text_of(page), words
    ticked = browser.form(
        browser.get(browser.get(below(found["I have already paid"])).headers["location"]),
        "/already-paid",
    )
    assert ("invoice", number) in ticked.fields
    assert happened(world) == before, "looking changes nothing"


def test_somebody_who_asks_by_mail_has_a_subject_that_reads_as_it_is_meant(world: World):
    _, mail = reminded(world, "A & B")

    address = urlsplit(links(mail)["Ask a question"])

    assert (address.scheme, address.path) == ("mailto", mail.reply_to)
    assert parse_qs(address.query)["subject"] == ["Question about A & B"]


@pytest.mark.once("what mails and pages say")
def test_each_of_several_invoices_has_a_link_of_its_own(world: World, browser: Browser):
    _, mail = reminded(world, "A-1", "A-2")
    document = lxml.html.document_fromstring(mail.html)

    of_second = [str(link.get("href")) for link in document.iter("a") if link.text == "A-2"]

    assert [below(one).split("/", 3)[3] for one in of_second] == [
        "already-paid?invoice=A-2", "dispute?invoice=A-2",
    ]  # fmt: skip
    for address in of_second:
        assert re.search(rf"A-2\s*:\s*{re.escape(address)}\n", mail.text)


def test_a_link_leads_nowhere_but_to_its_errands(world: World, browser: Browser):
    link = link_for(world, world.debtor())

    for errand in ("pay", "..", "%2F%2Fevil.example", "dispute/x", "https:evil.example"):
        answer = browser.get(f"{link}/{errand}")
        assert answer.status_code == 404, errand
        assert "set-cookie" not in answer.headers
    assert browser.get("/l/unknown/dispute?invoice=A-1").status_code == 404
    many = "&".join(f"invoice={number}" for number in range(80))
    target = browser.get(f"{link}/dispute?{many}").headers["location"]
    assert len(parse_qs(urlsplit(target).query)["invoice"]) == 50


def test_an_invoice_is_found_whatever_its_number_is_made_of(world: World, browser: Browser):
    debtor = world.debtor(language="en", country="GB")
    for number in ODD:
        world.invoice("120.00 CHF", debtor_id=debtor, number=number)
    browser.get(link_for(world, debtor))
    account = lxml.html.document_fromstring(browser.get("/").text)
    addresses = {str(link.get("href")) for link in account.iter("a")}

    for number in ODD:
        address = invoice_url(number)
        assert address in addresses
        # As a proxy passes it on that reads the path, and writes it again.
        path, _, query = address.partition("?")
        assert unquote(path) == path
        page = browser.get(f"{path}?{query}")
        assert page.status_code == 200, number
        assert f"Invoice {number}" in text_of(page)
    assert browser.get("/invoices").status_code == 404
