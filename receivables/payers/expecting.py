"""When a due item is expected, by the first rule that knows something of it.

An instalment's day, a promise, a payment under way and a dispute say more than any habit; then
come the customer's own history, those like it, and the portfolio. Source: the house's rules for
expected dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from receivables.workdays import Calendar, working_days_later


class Rule(StrEnum):
    """What said so; in the order in which they are asked."""

    INSTALMENT = "instalment"
    PROMISE = "promise"
    PROCESSING = "processing"
    DISPUTE = "dispute"
    HISTORY = "history"
    SEGMENT = "segment"
    PORTFOLIO = "portfolio"


#: What is little better than a guess.
LOW_CONFIDENCE = frozenset({Rule.DISPUTE, Rule.PORTFOLIO})

#: Days after the day that was named, for as long as there are few of one's own: eight each, so
#: that n own ones weigh n/(n+8). A policy of ours.
USUAL_SLIPS = {
    Rule.INSTALMENT: (0, 0, 0, 0, 0, 1, 3, 10),
    Rule.PROMISE: (0, 0, 0, 1, 2, 3, 7, 21),
    Rule.PROCESSING: (0, 0, 0, 0, 0, 0, 1, 3),
    Rule.DISPUTE: (-10, -5, 0, 0, 0, 10, 20, 45),
    Rule.PORTFOLIO: (0, 0, 0, 2, 5, 10, 20, 40),
}
#: After a dispute is decided, the debtor pays within so many working days; and a dispute nobody
#: has a history of takes so many days.
AFTER_DISPUTE_WORKING_DAYS, USUAL_DISPUTE_DAYS = 10, 20
#: A payment under way is settled within so many working days.
PROCESSING_WORKING_DAYS = 3
#: What was expected long ago is expected in so many days from now, and prudently in so many.
LOST_DAYS, LOST_PRUDENT_DAYS = 45, 100
#: The share paid by the expected day, and by the prudent day.
EXPECTED, PRUDENT = 0.5, 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When one item is expected; chances in thousandths."""

    expected_on: date
    prudent_on: date
    by_due: int
    by_15: int
    by_30: int
    rule: Rule


def from_slips(
    named_on: date, slips: Sequence[int], *, due_on: date, rule: Rule, today: date
) -> Expected:
    """From the day that was named, and how many days later such days were kept before.

    `slips` are the debtor's own (at most the latest few hundred); the usual ones join them. What
    did not come by today can only come later.
    """
    usual = USUAL_SLIPS[rule]
    days = sorted(named_on + timedelta(days=slip) for slip in (*slips, *usual))
    left = [day for day in days if day > today]
    if not left:
        left = _lost(today)
    return Expected(
        expected_on=left[_place(EXPECTED, len(left))],
        prudent_on=left[_place(PRUDENT, len(left))],
        by_due=_by(left, due_on),
        by_15=_by(left, due_on + timedelta(days=15)),
        by_30=_by(left, due_on + timedelta(days=30)),
        rule=rule,
    )


def _lost(today: date) -> list[date]:
    near, far = timedelta(days=LOST_DAYS), timedelta(days=LOST_PRUDENT_DAYS)
    return [today + near] * 3 + [today + far] * 2


def _place(share: float, count: int) -> int:
    return max(0, min(count - 1, -int(-share * count // 1) - 1))


def _by(days: Sequence[date], day: date) -> int:
    return round(1000 * sum(one <= day for one in days) / len(days))


def settlement_day(started_on: date, *, country: str, calendar: Calendar) -> date:
    """When a payment under way is settled."""
    return working_days_later(
        started_on, PROCESSING_WORKING_DAYS, country=country, calendar=calendar
    )


def dispute_day(
    opened_on: date, median_days: int | None, *, today: date, country: str, calendar: Calendar
) -> date:
    """When what is disputed now may be paid: decided after the median of its reason (never before
    today), and paid ten working days later.
    """
    takes = timedelta(days=USUAL_DISPUTE_DAYS if median_days is None else median_days)
    decided_on = max(today, opened_on + takes)
    return working_days_later(
        decided_on, AFTER_DISPUTE_WORKING_DAYS, country=country, calendar=calendar
    )


def on_working_days(found: Expected, *, country: str, calendar: Calendar) -> Expected:
    """The same, where banks work: on the next working day."""
    return Expected(
        expected_on=_working(found.expected_on, country, calendar),
        prudent_on=_working(found.prudent_on, country, calendar),
        by_due=found.by_due,
        by_15=found.by_15,
        by_30=found.by_30,
        rule=found.rule,
    )


def _working(day: date, country: str, calendar: Calendar) -> date:
    while not calendar.is_working_day(day, country):
        day += timedelta(days=1)
    return day
