"""A plan that waits for its first payment is begun by a bank transfer, too, and goes on without a
card.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from receivables.database import Scope
from receivables.ledger.allocating import allocate
from receivables.ledger.receiving import receive_transfer
from receivables.plans.states import PlanState
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import Till, open_till
from tests.support.plans import Payer, a_payer


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


@pytest.fixture
def payer(till: Till) -> Payer:
    """Has signed a plan of 4 x 225.00 today."""
    signed = a_payer(till, language="en", country="GB")
    signed.propose()
    signed.sign()
    return signed


def transferred(payer: Payer, amount: str, on: date, *, to_invoice: str = "") -> None:
    """A statement brings money: for the invoice as far as `to_invoice` says, the rest unapplied."""
    given = money(to_invoice or amount)
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        receive_transfer(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            source=f"statement~{amount}", parts=[(payer.invoice_id, given)], amount=money(amount),
            reference="B-1", booked_on=on, only_parts=True, clock=payer.till.runtime.clock,
        )  # fmt: skip
    payer.till.world.run_jobs()


def test_a_transfer_that_covers_the_first_instalment_begins_the_plan_and_the_next_is_asked_for(
    payer: Payer,
):
    transferred(payer, "200.00 CHF", payer.today)
    assert payer.state == PlanState.AWAITING_FIRST

    # Booked at the bank before it was signed, and here after it.
    transferred(payer, "25.00 CHF", payer.today - timedelta(days=1))

    assert payer.state == PlanState.ACTIVE
    assert payer.paid() == ["225.00", "0.00", "0.00", "0.00"]
    (agreed,) = [mail for mail in payer.till.world.mail if "plan stands" in mail.text]
    assert "by bank transfer or by card" in agreed.text
    assert "charge we write" not in agreed.text
    second = payer.plan().rows[1].due_on
    payer.till.world.clock.advance(timedelta(days=(second - payer.today).days - 4))
    payer.advance(days=2)
    assert "remind_coming" in payer.messages()
    assert "card_needed" not in payer.messages()
    assert payer.charges() == []
    assert payer.state == PlanState.ACTIVE


def test_unapplied_cash_that_is_put_against_its_invoice_begins_it(payer: Payer):
    transferred(payer, "300.00 CHF", payer.today, to_invoice="100.00 CHF")
    assert payer.state == PlanState.AWAITING_FIRST

    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        allocate(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            parts=[(payer.invoice_id, money("200.00 CHF"))], source="form-1",
            booked_on=payer.today, clock=payer.till.runtime.clock,
        )  # fmt: skip
    payer.till.world.run_jobs()

    assert payer.state == PlanState.ACTIVE
    assert payer.paid() == ["225.00", "0.00", "0.00", "75.00"]


def test_a_credit_note_over_the_first_instalment_leaves_no_plan_waiting_for_nothing(payer: Payer):
    payer.till.world.invoice(
        "800.00 CHF", debtor_id=payer.debtor_id, is_credit_note=True, due_in_days=40
    )
    payer.till.world.run_jobs()

    assert payer.state == PlanState.ACTIVE
    assert payer.plan().standing.outstanding == money("100.00 CHF")
