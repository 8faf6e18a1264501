"""Which rule says when an item is expected: the first that knows something of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from receivables.ids import DebtorId, InstalmentId, InvoiceId, PlanId
from receivables.payers.expecting import Rule
from receivables.payers.making import make
from receivables.payers.outlook import Outlook
from receivables.payers.pasts import Past
from receivables.payers.tracking import WEEKS_TO_FALL_BACK, Tracked
from receivables.plans.queries import DueItem
from receivables.workdays import WEEKDAYS
from tests.support.builders import money

TODAY = date(2026, 11, 20)
DEBTOR, INVOICE, PLAN = DebtorId(uuid4()), InvoiceId(uuid4()), PlanId(uuid4())
TRUSTED = Tracked(error=None, weeks_worse=0)
ITEM = DueItem(
    debtor_id=DEBTOR, number="R-1", due_on=TODAY + timedelta(days=10),
    outstanding=money("100.00 EUR"), invoice_id=INVOICE,
)  # fmt: skip
PART = replace(
    ITEM, invoice_id=None, plan_id=PLAN, instalment_id=InstalmentId(uuid4()), place=1, count=3
)


def past(late: int, place: int) -> Past:
    issued_on = TODAY - timedelta(days=200 + 7 * place)
    return Past(
        customer=str(DEBTOR), invoice=str(place), issued_on=issued_on, amount=Decimal(100),
        due_on=issued_on + timedelta(days=30), paid_on=issued_on + timedelta(days=30 + late),
    )  # fmt: skip


OPEN = replace(past(0, 0), invoice=str(INVOICE), issued_on=TODAY, due_on=ITEM.due_on, paid_on=None)
NOTHING = Outlook(
    today=TODAY, due=(ITEM,), settled=(), pasts=(*(past(20, place) for place in range(12)), OPEN),
    countries={DEBTOR: "DE"}, plan_slips={}, promised={}, promise_slips={}, processing={},
    disputed={}, dispute_days={},
)  # fmt: skip
DISPUTED = {"disputed": {INVOICE: (TODAY, "price")}}
PROCESSING = {"processing": {INVOICE: TODAY}}
PROMISED = {"promised": {INVOICE: TODAY + timedelta(days=4)}}


@pytest.mark.parametrize(
    ("known", "rule"),
    [({"due": (PART,)}, Rule.INSTALMENT), (PROMISED | PROCESSING | DISPUTED, Rule.PROMISE),
     (PROCESSING | DISPUTED, Rule.PROCESSING), (DISPUTED, Rule.DISPUTE), ({}, Rule.HISTORY),
     ({"pasts": (past(20, 1), OPEN)}, Rule.SEGMENT), ({"pasts": (OPEN,)}, Rule.PORTFOLIO)],
)  # fmt: skip
def test_the_first_rule_that_knows_something_of_an_item_speaks(known, rule):
    if rule is Rule.SEGMENT:
        others = [replace(past(5, place), customer="else") for place in range(12)]
        other_terms = [replace(one, invoice=f"o{one.invoice}", due_on=one.issued_on)
                       for one in others]  # fmt: skip
        known = {"pasts": (*known["pasts"], *others, *other_terms)}

    ((_, expected),) = make(replace(NOTHING, **known), TRUSTED, calendar=WEEKDAYS).items

    assert expected.rule is rule
    assert TODAY < expected.expected_on <= expected.prudent_on
    assert expected.expected_on.weekday() < 5


def test_a_model_that_was_worse_for_four_weeks_is_left_aside_and_it_is_said():
    distrusted = Tracked(error=None, weeks_worse=WEEKS_TO_FALL_BACK)

    made = make(NOTHING, distrusted, calendar=WEEKDAYS)

    ((_, expected),) = made.items
    assert (made.uses_model, expected.rule) == (False, Rule.PORTFOLIO)
    assert abs((expected.expected_on - ITEM.due_on).days - made.median_days_late) <= 3
    assert make(NOTHING, TRUSTED, calendar=WEEKDAYS).uses_model
