"""How chance is had for the machine of the books: from a seed, and so that every step may count.

Hypothesis's own way draws half of the rules away from most runs, repeats most runs with changes,
and thinks about each draw for longer than a step takes. Here a run leans to some subject, each of
its steps is drawn by weight from the rules that can do something, and each draw is one look at a
seeded generator. What is found is still shrunk by Hypothesis, towards the first rules and zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import Rule, RuleBasedStateMachine
from hypothesis.strategies import SearchStrategy

BACKEND = "dice"

#: How often each rule is drawn where it is possible; what takes long less often than what does not.
#: In more than half of the steps only time passes.
WEIGHTS = {
    "a_moment_passes": 400, "issue_an_invoice": 36, "credit_note": 10, "allocate_by_hand": 24,
    "take_an_allocation_back": 18, "write_off": 12, "expect_it_again": 20, "open_a_page": 4,
    "pay": 4, "a_page_is_paid": 30, "be_told_again": 4, "a_message_comes_again": 12, "refund": 4,
    "a_refund_arrives_or_fails": 12, "chargeback": 3, "a_chargeback_ends": 12, "agree_a_plan": 2,
    "pay_an_instalment": 1, "cancel_a_plan": 1, "resume": 8, "days_pass": 20, "contest": 2,
    "decide": 6, "withdraw": 1,
}  # fmt: skip
#: What a run may be mostly about.
LEANINGS = (
    frozenset(("agree_a_plan", "days_pass", "resume")),
    frozenset(("refund", "a_refund_arrives_or_fails", "chargeback", "a_chargeback_ends", "pay")),
    frozenset(("contest", "decide", "credit_note")),
    frozenset(("open_a_page", "a_page_is_paid", "a_message_comes_again", "be_told_again")),
)


class Dice(HypothesisProvider):
    """Whole numbers and yes or no, evenly; Hypothesis sees to anything else."""

    lifetime = "test_case"

    def draw_boolean(self, p: float = 0.5) -> bool:
        assert self._random is not None
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        if min_value is None or max_value is None:
            return super().draw_integer(
                min_value, max_value, weights=weights, shrink_towards=shrink_towards
            )
        assert self._random is not None
        return min_value + int(self._random.random() * (max_value - min_value + 1))


AVAILABLE_PROVIDERS[BACKEND] = f"{__name__}.{Dice.__name__}"


class Weighted(SearchStrategy[tuple[Rule, dict[str, Any]]]):
    """The next step of a run: a rule whose preconditions hold, by its weight, and its arguments.

    A run leans to one of the `leanings`, whose rules then weigh `LEANING` times as much.
    """

    LEANING = 4
    #: What a rule weighs of which nothing is said: a test's own, which is what it is about.
    UNSAID = 60

    def __init__(
        self,
        machine: RuleBasedStateMachine,
        weights: Mapping[str, int],
        leanings: tuple[frozenset[str], ...],
    ) -> None:
        super().__init__()
        self._machine, self._given, self._leanings = machine, weights, leanings
        self._rules = sorted(machine.rules, key=lambda rule: -self._weight(rule))
        self._base = [self._weight(rule) for rule in self._rules]
        self._weights: list[int] = []

    def do_draw(self, data: ConjectureData) -> tuple[Rule, dict[str, Any]]:
        if not self._weights:
            self._lean(data.draw_integer(0, len(self._leanings)))
        machine = self._machine
        possible = [
            (rule, weight)
            for rule, weight in zip(self._rules, self._weights, strict=True)
            if all(holds(machine) for holds in rule.preconditions)
        ]
        reach = list(accumulate(weight for _, weight in possible))
        rule, _ = possible[bisect_right(reach, data.draw_integer(0, reach[-1] - 1))]
        return rule, {name: data.draw(drawn) for name, drawn in rule.arguments_strategies.items()}

    def _weight(self, rule: Rule) -> int:
        return self._given.get(rule.function.__name__, self.UNSAID)

    def _lean(self, which: int) -> None:
        leaning = self._leanings[which - 1] if which else frozenset()
        self._weights = [
            weight * (self.LEANING if rule.function.__name__ in leaning else 1)
            for rule, weight in zip(self._rules, self._base, strict=True)
        ]
