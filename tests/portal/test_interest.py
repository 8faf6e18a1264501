"""Late interest in the portal: itemised beside an invoice, never part of what is to be paid."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.database import Scope
from receivables.dunning.lateness import claim_on
from receivables.interest.policies import Policy, set_policy
from receivables.interest.tables import AfterPayment, Stance
from receivables.ledger.actions import book_transfer
from receivables.runtime import Runtime
from tests.portal.test_account import link_for
from tests.support.browsing import Browser, portal_browser, text_of
from tests.support.builders import money
from tests.support.world import World


@pytest.fixture
def debtor(world: World):
    world.supplier()
    return world.debtor(language="en", country="CH", name="Dubois")


@pytest.fixture
def browser(runtime: Runtime, world: World, debtor) -> Browser:
    opened = portal_browser(runtime)
    assert opened.get(link_for(world, debtor)).status_code == 303
    return opened


def choose(world: World, **given: object) -> None:
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        set_policy(
            session, supplier_id=world.supplier_id, policy=Policy(**given), clock=world.clock
        )  # fmt: skip


def test_interest_is_shown_where_the_supplier_speaks_of_it_and_asks_for_nothing_more(
    world: World, debtor, browser: Browser
):
    world.invoice("3650.00 CHF", debtor_id=debtor, due_on=date(2026, 9, 30), number="2026-A")
    assert "interest" not in text_of(browser.get("/invoices/2026-A")).lower()

    choose(world, stance=Stance.MENTION)
    words = text_of(browser.get("/invoices/2026-A"))
    for expected in (
        "Late interest could apply", "Nothing of it is asked for", "33 days on CHF 3’650.00",
        "CO/OR 104", "CHF 16.50",
    ):  # fmt: skip
        assert expected in words
    assert "Pay CHF 3’650.00" in words

    choose(world, stance=Stance.CLAIM)
    words = text_of(browser.get("/invoices/2026-A"))
    assert "We claim what the law grants" in words
    assert "Pay CHF 3’650.00" in words
    assert "16.50" not in text_of(browser.get("/pay?currency=CHF&invoice=2026-A"))


def test_what_becomes_of_it_after_payment_is_the_suppliers_choice(
    world: World, debtor, browser: Browser
):
    invoice_id = world.invoice(
        "3650.00 CHF", debtor_id=debtor, due_on=date(2026, 9, 30), number="2026-A"
    )
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        book_transfer(
            session, supplier_id=world.supplier_id, debtor_id=debtor, invoice_id=invoice_id,
            amount=money("3650.00 CHF"), reference="B-1", booked_on=date(2026, 10, 10),
            clock=world.clock,
        )  # fmt: skip

    for choice, is_shown in (
        (AfterPayment.ASK, False), (AfterPayment.WAIVE, False), (AfterPayment.KEEP, True),
    ):  # fmt: skip
        choose(world, stance=Stance.CLAIM, after_payment=choice)
        assert ("CHF 5.00" in text_of(browser.get("/invoices/2026-A"))) is is_shown


def test_claimed_interest_is_an_item_of_its_own_with_its_document_and_bears_none_itself(
    world: World, debtor, browser: Browser
):
    invoice_id = world.invoice(
        "3650.00 CHF", debtor_id=debtor, due_on=date(2026, 9, 30), number="2026-A"
    )
    choose(world, stance=Stance.CLAIM)
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        claim_on(
            session, world.supplier_id, invoice_id, date(2026, 10, 10), by="staff:1",
            clock=world.clock,
        )  # fmt: skip
    choose(world, stance=Stance.SILENT)
    words = text_of(browser.get("/invoices/2026-A"))
    assert "Debit note DN-2026-0001" in words
    assert "CHF 5.00 of it is open." in words
    assert "since then" not in words
    choose(world, stance=Stance.CLAIM)
    words = text_of(browser.get("/invoices/2026-A"))
    assert "Late interest since then CHF 11.50" in words
    assert "Pay CHF 3’650.00" in words, "added to nothing"

    page = browser.get("/invoices/DN-2026-0001")
    words = text_of(page)
    assert "Invoice 2026-A: late interest from 1 October 2026 to 10 October 2026" in words
    assert "bears no interest" in words
    assert "Pay CHF 5.00" in words
    document = next(part for part in page.text.split('"') if part.startswith("/documents/"))
    assert browser.get(document).content.startswith(b"%PDF-")
    assert "DN-2026-0001" in text_of(browser.get("/"))
