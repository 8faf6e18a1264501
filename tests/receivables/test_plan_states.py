"""Every state of a plan with every step: where it leads, or that it leads nowhere."""

from __future__ import annotations

import pytest

from receivables.plans.states import DRAFT, STANDING, TRANSITIONS, PlanState, Step, transition

#: What each state allows; everything else is nothing.
ALLOWED = {
    "quoted": {"propose": "proposed"},
    "proposed": {
        "approve": "approved", "refuse": "refused", "cancel": "cancelled", "expire": "expired",
    },
    "approved": {"accept": "awaiting_first", "cancel": "cancelled", "expire": "expired"},
    "awaiting_first": {"first_paid": "active", "cancel": "cancelled", "expire": "expired"},
    "active": {
        "give_notice": "in_default", "complete": "completed", "cancel": "cancelled",
        "restructure": "restructured",
    },
    "in_default": {
        "cure": "cured", "accelerate": "accelerated", "complete": "completed",
        "cancel": "cancelled", "restructure": "restructured",
    },
    "cured": {
        "give_notice": "in_default", "accelerate": "accelerated", "complete": "completed",
        "cancel": "cancelled", "restructure": "restructured",
    },
    "completed": {}, "accelerated": {}, "refused": {}, "cancelled": {}, "restructured": {},
    "expired": {},
}  # fmt: skip


@pytest.mark.parametrize("state", PlanState)
@pytest.mark.parametrize("step", Step)
def test_a_step_leads_where_it_is_said_to_and_nowhere_else(state: PlanState, step: Step):
    expected = ALLOWED[state.value].get(step.value)

    assert transition(state, step) == (None if expected is None else PlanState(expected))


def test_what_is_over_stays_over():
    over = set(PlanState) - DRAFT - STANDING - {PlanState.QUOTED}

    assert not [state for state, _ in TRANSITIONS if state in over]


def test_a_plan_stands_only_once_its_first_payment_came():
    into = {step for (state, step), after in TRANSITIONS.items()
            if after in STANDING and state not in STANDING}  # fmt: skip

    assert into == {Step.FIRST_PAID}
