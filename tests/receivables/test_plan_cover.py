"""The insurer's days: what the supplier is told about a plan whose debtor is insured, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receivables.credit.actions import set_cover
from receivables.credit.rules import Cover
from receivables.database import Scope
from receivables.history import of_debtor
from receivables.plans import actions
from receivables.plans.covering import CoverAlert, cover_ends_on, due_alert
from receivables.plans.events import PlanCoverAlert
from receivables.plans.policies import policy_of, set_policy
from receivables.plans.rules import Wish
from receivables.runtime import Runtime
from tests.support.payments import Till, open_till
from tests.support.plans import Payer, a_payer

ENDS_ON = date(2026, 12, 12)


@pytest.fixture
def till(runtime: Runtime) -> Till:
    return open_till(runtime)


def test_the_oldest_original_due_date_counts():
    cover = Cover(policy_number="P-1", extension_days=60)

    assert cover_ends_on(cover, [date(2026, 11, 1), date(2026, 10, 13)]) == ENDS_ON


@pytest.mark.parametrize(
    ("days", "alert"),
    [(-16, None), (-15, CoverAlert.ENDING), (-6, CoverAlert.ENDING), (-5, CoverAlert.ENDS_SOON),
     (-1, CoverAlert.ENDS_SOON), (0, CoverAlert.ENDED), (29, CoverAlert.ENDED),
     (30, CoverAlert.HAND_OVER), (400, CoverAlert.HAND_OVER)],
)  # fmt: skip
def test_each_step_has_its_day(days: int, alert: CoverAlert | None):
    assert due_alert(ENDS_ON, (), ENDS_ON + timedelta(days=days)) is alert


@given(st.sets(st.integers(-30, 60), min_size=1))
def test_however_often_it_is_looked_at_each_step_is_said_once_in_order_and_the_last_never_missed(
    looked_at: set[int],
):
    told: list[CoverAlert] = []
    for days in sorted(looked_at):
        for _ in range(2):
            found = due_alert(ENDS_ON, told, ENDS_ON + timedelta(days=days))
            if found is not None:
                told.append(found)

    assert told == [one for one in CoverAlert if one in told]
    newest = due_alert(ENDS_ON, (), ENDS_ON + timedelta(days=max(looked_at)))
    assert told[-1:] == ([newest] if newest else [])


def _insure(payer: Payer, days: int) -> None:
    with payer.till.runtime.transaction(Scope(payer.supplier_id)) as session:
        set_cover(
            session, supplier_id=payer.supplier_id, debtor_id=payer.debtor_id,
            cover=Cover(policy_number="P-1", extension_days=days),
            clock=payer.till.runtime.clock,
        )  # fmt: skip


def _alerts(payer: Payer) -> list[str]:
    with payer.till.runtime.reading(Scope(payer.supplier_id)) as session:
        found = of_debtor(session, payer.supplier_id, payer.debtor_id, most=300)
    return [one.event.alert for one in reversed(found) if isinstance(one.event, PlanCoverAlert)]


@pytest.mark.once("weeks pass day by day")
def test_the_supplier_is_told_before_the_insurers_days_are_over_and_what_to_do_when_they_are(
    till: Till,
):
    # Due since 23 September, and insured for 47 days: until 9 November.
    payer = a_payer(till, due_in_days=-40)
    payer.agree(Wish(parts=2))
    _insure(payer, 47)

    payer.advance(days=2)
    assert _alerts(payer) == ["soon"]
    payer.advance(days=5)
    assert _alerts(payer) == ["soon", "ended"]
    _insure(payer, 5)
    payer.advance(days=2)

    assert _alerts(payer) == ["soon", "ended", "collect"]
    assert [kind for kind in payer.messages() if "cover" in kind] == [
        "office_cover_soon", "office_cover_ended", "office_cover_collect",
    ]  # fmt: skip
    last = till.world.mail[-1]
    assert last.to_address == "claire.favre@rochat.example"
    assert "450.00" in last.text


@pytest.mark.once("weeks pass day by day")
def test_while_a_plan_the_insurer_has_agreed_to_stands_its_days_are_not_counted(till: Till):
    payer = a_payer(till, due_in_days=-40)
    _insure(payer, 46)
    assert payer.propose(Wish(parts=2)) == "proposed"
    staff_id = till.world.staff(email="claire@rochat.example", role="collector")
    assert payer.plan_id is not None
    with till.runtime.transaction(Scope(payer.supplier_id)) as session:
        actions.approve(
            session, supplier_id=payer.supplier_id, plan_id=payer.plan_id, staff_id=staff_id,
            insurer_agreement="ATR-17", clock=till.runtime.clock,
        )  # fmt: skip
    payer.sign()
    payer.pay()

    payer.advance(days=7)

    assert payer.state == "active"
    assert _alerts(payer) == []


@pytest.mark.once("weeks pass day by day")
def test_a_request_does_not_run_out_before_the_last_day_for_the_answer(till: Till):
    with till.runtime.transaction(Scope(till.supplier_id)) as session:
        policy = replace(policy_of(session, till.supplier_id), answer_days=8)
        set_policy(session, supplier_id=till.supplier_id, policy=policy, clock=till.runtime.clock)
    payer = a_payer(till, solvency="D")
    payer.propose()
    assert payer.plan().plan.answer_due_on == date(2026, 11, 12)

    payer.advance(days=10)
    assert payer.state == "proposed"
    payer.advance(days=1)
    assert payer.state == "expired"
    assert sorted(payer.messages())[-3:] == ["lapsed", "office_asked", "office_lapsed"]
