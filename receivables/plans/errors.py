"""What can be wrong about a plan."""

from __future__ import annotations

from collections.abc import Sequence

from receivables.errors import NoSuch, ReceivablesError
from receivables.ids import PlanId
from receivables.plans.rules import Reason
from receivables.plans.states import PlanState, Step


class NoSuchPlan(NoSuch):
    """There is no such plan for the one who asks."""

    def __init__(self, plan_id: PlanId) -> None:
        self.plan_id = plan_id
        super().__init__(f"plan {plan_id}")


class PlanNotOffered(ReceivablesError):
    """There can be no such plan; `reasons` say why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"no plan: {', '.join(reasons)}")


class PlanStepImpossible(ReceivablesError):
    """The plan is in a state from which this step leads nowhere."""

    def __init__(self, plan_id: PlanId, state: PlanState, step: Step) -> None:
        self.plan_id, self.state, self.step = plan_id, state, step
        super().__init__(f"plan {plan_id} is {state}: no {step}")


class PlanChanged(ReceivablesError):
    """What was signed is not what stands: something was paid, or the terms are others now."""

    def __init__(self) -> None:
        super().__init__("the plan that was shown is out of date")


class InsurerMustAgree(ReceivablesError):
    """The plan goes beyond the insurer's extension period, and no agreement was named."""

    def __init__(self, plan_id: PlanId) -> None:
        self.plan_id = plan_id
        super().__init__(f"plan {plan_id} needs the insurer's agreement")


class PolicyContradicts(ReceivablesError):
    """A policy that allows nothing, or the impossible; `field` is where."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"the plan policy is wrong in {field}")
