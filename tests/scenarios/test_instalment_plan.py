"""An instalment plan: agreed, two parts paid, the third refused by the bank and cured, the fourth
broken, the remainder due at once, and paid off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from receivables.credit.queries import standing
from receivables.database import Scope
from receivables.history import of_invoice
from receivables.ledger.holds import HoldReason
from receivables.plans.queries import due_items, holds
from receivables.plans.rules import Wish
from receivables.runtime import Runtime
from tests.support.builders import money
from tests.support.payments import Till, open_till
from tests.support.plans import a_payer

pytestmark = pytest.mark.once(
    "months pass day by day; test_story_on_postgresql tells a story there"
)

#: Can be saved, and is refused whenever it is charged.
NO_FUNDS = "4000000000000341"
GOOD = "4242424242424242"


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def _holds(payer):
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        return [hold.reason for hold in holds(session, payer.supplier_id, payer.debtor_id)]


def _due(payer):
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        items = due_items(session, payer.supplier_id, payer.debtor_id, today=payer.today)
    return [(str(one.due_on), str(one.outstanding.decimal)) for one in items]


def test_a_plan_is_agreed_kept_late_cured_broken_and_paid_off(till: Till):
    # 2 November: 1 000 are overdue since 13 October.
    payer = a_payer(till, "1000.00 CHF")
    payer.agree(Wish(parts=5, day=2))

    assert payer.paid() == ["200.00", "0.00", "0.00", "0.00", "0.00"]
    assert _holds(payer) == [HoldReason.ON_PLAN]
    assert _due(payer) == [
        ("2026-12-02", "200.00"), ("2027-01-02", "200.00"), ("2027-02-02", "200.00"),
        ("2027-03-02", "200.00"),
    ]  # fmt: skip
    assert sorted(payer.messages()) == ["agreement", "office_agreement"]

    # 2 December: announced two days before, and charged.
    payer.advance(days=31)
    assert payer.charges() == [("settled", "200.00")]
    assert payer.messages()[2:] == ["announce_charge"]
    assert payer.paid()[:2] == ["200.00", "200.00"]

    # 2 January: the bank refuses, again on the 3rd and the 6th; a card that works is found in time.
    payer.change_card(NO_FUNDS)
    payer.advance(days=32)
    assert payer.charges()[1:] == [("failed", "200.00"), ("failed", "200.00")]
    payer.advance(days=8)
    assert payer.state == "in_default"
    assert "give_notice" in payer.messages()
    payer.change_card(GOOD)
    payer.pay(place=2)
    assert payer.state == "cured"
    assert payer.paid()[:3] == ["200.00", "200.00", "200.00"]

    # 2 February: nothing comes, notice is given on the 9th, and eight days later it is over.
    payer.change_card(NO_FUNDS)
    payer.advance(days=29)
    assert payer.state == "in_default"
    payer.advance(days=10)
    assert payer.state == "accelerated"
    assert _holds(payer) == []
    assert _due(payer) == [("2026-10-13", "400.00")]
    assert "accelerated" in payer.messages()
    assert "office_accelerated" in payer.messages()
    with till.runtime.reading(Scope(payer.supplier_id)) as session:
        blocked = standing(session, payer.supplier_id, payer.debtor_id).self_service_blocked_until
        lines = [one.event.kind for one in of_invoice(session, payer.supplier_id, payer.invoice_id)]
    assert blocked is not None
    assert blocked > payer.today + timedelta(days=350)
    assert "plan.invoice_put_on" in lines
    assert "plan.invoice_taken_off" in lines

    # What remains is paid on the invoice, as if there had been no plan.
    page = till.begin(till.choice(payer.debtor_id, [(payer.invoice_id, "400.00 CHF")]))
    till.pay(page.payment_id, GOOD)
    till.deliver()
    assert till.world.outstanding(payer.invoice_id) == money("0.00 CHF")
    assert payer.state == "accelerated"
