"""What bears interest, day by day: the invoice less what came, what was never owed, what is not
to be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from receivables.interest.rules import Step
from receivables.money import Money

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Movement:
    """Something was put against an invoice on a day, or (a negative amount) taken off again."""

    on: date
    amount: Money
    #: A correction of this invoice: so much was never owed, and has borne no interest.
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Spell:
    """Days, both included, in which the invoice itself is not due, because a plan stands for it:
    only what of its instalments is overdue bears interest (Directive 2011/7, art. 5).

    `last_day` None: it still stands. `instalments` are this invoice's share of each, by due date.
    """

    first_day: date
    last_day: date | None
    instalments: tuple[tuple[date, Money], ...] = ()

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def steps_of(
    total: Money,
    movements: Iterable[Movement],
    *,
    begins_on: date,
    spells: Iterable[Spell] = (),
    without: Money | None = None,
) -> tuple[Step, ...]:
    """What is owed from which day on, from `begins_on`, for `rules.accrue`.

    A payment counts from the day after it: its own day still bears interest. `without` is left
    out all the time: what is disputed.
    """
    movements, spells = list(movements), list(spells)
    nothing = Money.zero(total.currency)
    never_owed = Money.total((one.amount for one in movements if one.corrects), total.currency)
    base = total - never_owed - (without or nothing)
    moves = [one for one in movements if not one.corrects]
    days = {begins_on, *(one.on + _DAY for one in moves), *_borders(spells)}
    steps: list[Step] = []
    for day in sorted(one for one in days if one >= begins_on):
        came = Money.total((one.amount for one in moves if one.on < day), total.currency)
        owed = max(base - came, nothing)
        for spell in spells:
            if spell.covers(day):
                owed = min(owed, _overdue(spell, moves, day, nothing))
        if not steps or steps[-1].principal != owed:
            steps.append(Step(day, owed))
    return tuple(steps)


def _borders(spells: Sequence[Spell]) -> set[date]:
    ends = {one.last_day + _DAY for one in spells if one.last_day is not None}
    due = {day + _DAY for one in spells for day, _ in one.instalments}
    return ends | due | {one.first_day for one in spells}


def _overdue(spell: Spell, moves: Sequence[Movement], day: date, nothing: Money) -> Money:
    """What of the instalments has fallen due before `day` and has not come by then."""
    currency = nothing.currency
    due = Money.total((amount for on, amount in spell.instalments if on < day), currency)
    came = Money.total((one.amount for one in moves if spell.first_day <= one.on < day), currency)
    return max(due - came, nothing)
