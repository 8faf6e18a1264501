"""A supplier's forecast is made: from what was gathered, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from receivables.payers import expecting
from receivables.payers.expecting import Expected, Rule
from receivables.payers.forecasting import expectations, learn
from receivables.payers.model import NothingToLearnFrom
from receivables.payers.outlook import Outlook
from receivables.payers.pasts import Basis, Expectation, Past
from receivables.payers.tracking import Tracked
from receivables.plans.queries import DueItem
from receivables.workdays import Calendar

#: So many of the latest payments are the portfolio, where it speaks alone.
_MOST_SLIPS = 500
_RULES = {
    Basis.HISTORY: Rule.HISTORY,
    Basis.SEGMENT: Rule.SEGMENT,
    Basis.PORTFOLIO: Rule.PORTFOLIO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One day's forecast: each due item with when it is expected, and what that is worth."""

    items: tuple[tuple[DueItem, Expected], ...]
    tracked: Tracked
    uses_model: bool
    learnt_from: int
    median_days_late: int


def make(gathered: Outlook, tracked: Tracked, *, calendar: Calendar) -> Made:
    """By the model, unless nothing can be learnt or the simple rule has been better for weeks."""
    late = _latest_late(gathered.pasts)
    habits = {} if tracked.falls_back else _habits(gathered)
    found = [
        (item, _expected(item, gathered, habits.get(str(item.invoice_id)), late, calendar))
        for item in gathered.due
    ]
    return Made(
        items=tuple(found),
        tracked=tracked,
        uses_model=not tracked.falls_back and bool(late),
        learnt_from=sum(past.paid_on is not None for past in gathered.pasts),
        median_days_late=round(median(late)) if late else 0,
    )


def _latest_late(pasts: Sequence[Past]) -> list[int]:
    paid = sorted((past.paid_on, past.due_on) for past in pasts if past.paid_on is not None)
    return [(paid_on - due_on).days for paid_on, due_on in paid[-_MOST_SLIPS:]]


def _habits(gathered: Outlook) -> dict[str, Expectation]:
    """What the customers' habits say of the open invoices."""
    wanted = [past for past in gathered.pasts if past.paid_on is None]
    if not wanted:
        return {}
    try:
        model = learn(gathered.pasts, gathered.today)
    except NothingToLearnFrom:
        return {}
    found = expectations(model, wanted, [gathered.today] * len(wanted))
    return {past.invoice: one for past, one in zip(wanted, found, strict=True)}


def _expected(
    item: DueItem,
    gathered: Outlook,
    habit: Expectation | None,
    late: Sequence[int],
    calendar: Calendar,
) -> Expected:
    """By the first rule that knows something of the item."""
    country = gathered.countries.get(item.debtor_id, "")
    named = _named(item, gathered, country, calendar)
    if named is not None:
        day, slips, rule = named
        found = expecting.from_slips(
            day, slips, due_on=item.due_on, rule=rule, today=gathered.today
        )
    elif habit is not None:
        found = Expected(
            expected_on=habit.expected_on,
            prudent_on=habit.prudent_on,
            by_due=round(1000 * habit.p_by_due),
            by_15=round(1000 * habit.p_by_15),
            by_30=round(1000 * habit.p_by_30),
            rule=_RULES[habit.basis],
        )
    else:
        found = expecting.from_slips(
            item.due_on, late, due_on=item.due_on, rule=Rule.PORTFOLIO, today=gathered.today
        )
    return expecting.on_working_days(found, country=country, calendar=calendar)


def _named(
    item: DueItem, gathered: Outlook, country: str, calendar: Calendar
) -> tuple[date, Sequence[int], Rule] | None:
    """The day somebody named for the item, how such days were kept, and who named it."""
    if item.plan_id is not None:
        return item.due_on, gathered.plan_slips.get(item.plan_id, ()), Rule.INSTALMENT
    assert item.invoice_id is not None, "an item is an invoice or an instalment"
    promised_on = gathered.promised.get(item.invoice_id)
    if promised_on is not None:
        return promised_on, gathered.promise_slips.get(item.debtor_id, ()), Rule.PROMISE
    begun_on = gathered.processing.get(item.invoice_id)
    if begun_on is not None:
        day = expecting.settlement_day(begun_on, country=country, calendar=calendar)
        return day, (), Rule.PROCESSING
    contested = gathered.disputed.get(item.invoice_id)
    if contested is not None:
        opened_on, reason = contested
        day = expecting.dispute_day(
            opened_on, gathered.dispute_days.get(reason), today=gathered.today, country=country,
            calendar=calendar,
        )  # fmt: skip
        return day, (), Rule.DISPUTE
    return None
