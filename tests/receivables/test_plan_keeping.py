"""What a day asks for about a standing plan, decided from the ledger and from what was said."""

from __future__ import annotations

from datetime import date

import pytest

from receivables.plans.folding import Receipt, standing_of
from receivables.plans.keeping import Act, Kept, Told, due_acts
from receivables.plans.states import PlanState
from receivables.workdays import WEEKDAYS
from tests.support.builders import money
from tests.support.plan_rules import instalments


def _kept(today: date, *paid: str, told: tuple[Told, ...] = (), state="active", **given):
    schedule = instalments("300.00", "300.00", "300.00")
    receipts = [
        Receipt(on=one.due_on, amount=money(f"{amount} CHF"), instalment_id=one.instalment_id)
        for one, amount in zip(schedule, paid, strict=False)
    ]
    return Kept(
        state=PlanState(state), standing=standing_of(schedule, receipts, today), told=told,
        charges=given.get("charges", True), money_on_its_way=given.get("on_its_way", False),
        cure_days=8, country="CH",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("today", "charges", "act"),
    [
        (date(2026, 11, 29), True, None),
        (date(2026, 11, 30), True, Act.ANNOUNCE_CHARGE),
        (date(2026, 11, 26), False, None),
        (date(2026, 11, 27), False, Act.REMIND_COMING),
        (date(2026, 12, 3), False, None),
        (date(2026, 12, 4), False, Act.REMIND_LATE),
        (date(2026, 12, 8), False, Act.REMIND_LATE),
        (date(2026, 12, 9), False, Act.GIVE_NOTICE),
    ],
)
def test_each_instalment_is_announced_reminded_of_and_given_notice_of_by_the_calendar(
    today: date, charges: bool, act: Act | None
):
    acts = due_acts(_kept(today, "300.00", charges=charges), today, WEEKDAYS)

    assert [one.act for one in acts] == ([] if act is None else [act])


def test_nothing_is_held_against_a_debtor_whose_money_is_at_the_bank():
    today = date(2026, 12, 9)

    acts = due_acts(_kept(today, "300.00", charges=False, on_its_way=True), today, WEEKDAYS)

    assert acts == []


def test_what_is_not_cured_in_eight_days_ends_the_plan_on_the_ninth():
    second = instalments("300.00", "300.00", "300.00")[1].instalment_id
    told = (Told(act=Act.GIVE_NOTICE, instalment_id=second, on=date(2026, 12, 9)),)

    for today, ends in ((date(2026, 12, 17), False), (date(2026, 12, 18), True)):
        acts = due_acts(
            _kept(today, "300.00", told=told, state="in_default", charges=False), today, WEEKDAYS
        )
        assert (Act.ACCELERATE in [one.act for one in acts]) is ends
