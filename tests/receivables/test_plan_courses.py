"""Courses a plan takes: asked for and forgotten, late twice and then once more, paid beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from receivables.database import Scope
from receivables.ids import PaymentId, new_id
from receivables.ledger.actions import book_transfer
from receivables.ledger.holds import HoldReason
from receivables.payments.starting import Choice
from receivables.plans.queries import holds
from receivables.plans.rules import Wish
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import VISA, Till, open_till
from tests.support.plans import Payer, a_payer

pytestmark = pytest.mark.once("months pass day by day")

NO_FUNDS = "4000000000000341"


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def payer(till: Till) -> Payer:
    """Somebody whose plan of four parts of 225 stands, the second due on 2 December."""
    found = a_payer(till)
    found.agree()
    return found


def _until(payer: Payer, day: date) -> None:
    payer.advance(days=(day - payer.today).days)


def test_a_proposal_waits_for_its_answer_and_pauses_reminders_for_five_working_days(till: Till):
    payer = a_payer(till, solvency="D")
    payer.propose()

    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        (hold,) = holds(session, payer.supplier_id)
    assert (hold.reason, hold.until) == (HoldReason.PLAN_PROPOSED, date(2026, 11, 9))
    payer.advance(days=8)
    assert payer.state == "expired"
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        assert holds(session, payer.supplier_id) == []


def test_two_late_instalments_are_warned_of_and_the_third_ends_the_plan(till: Till):
    payer = a_payer(till, "1500.00 CHF")
    payer.agree(Wish(parts=6, day=2))
    payer.change_card(NO_FUNDS)
    for place, day in ((1, date(2026, 12, 11)), (2, date(2027, 1, 12))):
        _until(payer, day)
        assert payer.state == "in_default"
        payer.pay(place=place, card=VISA)
        payer.change_card(NO_FUNDS)
        payer.advance(days=1)
        assert payer.state == "cured"
    assert "warn" in payer.messages()

    _until(payer, date(2027, 2, 10))

    assert payer.state == "accelerated"
    assert till.world.outstanding(payer.invoice_id) == money("750.00 CHF")


def _transfers(payer: Payer, amount: str) -> None:
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        assert book_transfer(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            invoice_id=payer.invoice_id, amount=money(amount), reference=f"T {amount}",
            booked_on=payer.today, clock=payer.till.runtime.clock,
        )  # fmt: skip
    payer.till.world.run_jobs()


def test_a_first_instalment_that_is_the_last_open_one_pays_the_plan_off_at_once(till: Till):
    payer = a_payer(till)
    payer.propose()
    payer.sign()
    page = payer.open_page()
    _transfers(payer, "675.00 CHF")

    till.pay(page)
    till.deliver()

    assert payer.state == "completed"
    assert payer.messages()[-1] == "completed"
    assert till.world.outstanding(payer.invoice_id) == money("0.00 CHF")


def test_what_is_too_little_for_a_card_waits_for_the_office_which_is_told_once(till: Till):
    payer = a_payer(till)
    payer.agree(Wish(parts=2, day=2))
    _transfers(payer, "449.70 CHF")
    till.world.clock.advance(timedelta(days=27))
    payer.advance(days=6)

    assert payer.paid() == ["450.00", "449.70"]
    assert payer.messages().count("office_by_hand") == 1
    told = [mail.to_address for mail in till.world.mail if "0.30" in mail.text]
    assert told.count("claire.favre@rochat.example") == 1
    assert payer.charges() == []


def test_a_page_of_free_choice_over_an_invoice_on_a_plan_shortens_the_plan(payer: Payer):
    choice = replace(
        payer.till.choice(payer.debtor_id, [(payer.invoice_id, "100.00 CHF")]),
        attempt=PaymentId(new_id()),
    )
    assert isinstance(choice, Choice)
    page = payer.till.begin(choice)
    payer.till.pay(page.payment_id)
    payer.till.deliver()

    assert payer.paid() == ["225.00", "0.00", "0.00", "100.00"]
