"""What is different since the last check of the same customers: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.bands import Band, steps_down
from monitoring.portfolio.report_values import Change, Figure, Moved, Report
from monitoring.portfolio.rules import Checked
from receivables.money import Money

#: So many customers whose class changed are named.
_MOST = 25


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer as another check saw it."""

    key: str
    band: Band


def changed(
    before: Report, seen: Sequence[Seen], now: Report, customers: Sequence[Checked]
) -> Change:
    """`seen` are the customers of the former check, `customers` those of the new one."""
    then = {one.key: one.band for one in seen}
    today = {one.key: one for one in customers}
    fell: list[Moved] = []
    rose: list[Moved] = []
    for key, one in today.items():
        steps = steps_down(then.get(key, Band.NONE), one.rated.band)
        if steps:
            (fell if steps > 0 else rose).append(_moved(one, then))
    return Change(
        since_on=before.as_of_on,
        figures=tuple(_figures(before, now)),
        fell=tuple(sorted(fell, key=_weight, reverse=True)[:_MOST]),
        rose=tuple(sorted(rose, key=_weight, reverse=True)[:_MOST]),
        came=len(today.keys() - then.keys()),
        left=len(then.keys() - today.keys()),
    )


def _moved(one: Checked, then: Mapping[str, Band]) -> Moved:
    return Moved(
        name=one.name,
        before=then[one.key],
        after=one.rated.band,
        exposure=tuple(each.exposure for each in one.balances if each.exposure),
    )


def _weight(moved: Moved) -> int:
    return max((money.minor for money in moved.exposure), default=0)


def _figures(before: Report, now: Report) -> list[Figure]:
    """In each currency that both checks know; where one of them does not, nothing is compared."""
    figures = []
    for part in now.slices:
        former = before.slice_of(part.currency)
        if former is None:
            continue
        pairs: list[tuple[str, Money, Money]] = [
            ("exposure", former.exposure, part.exposure),
            ("overdue", former.overdue, part.overdue),
            ("red", former.red.total, part.red.total),
            ("uninsured", former.uninsured, part.uninsured),
            ("expected_loss", former.expected_loss, part.expected_loss),
        ]
        figures += [Figure(what=what, before=old, after=new) for what, old, new in pairs]
    return figures
