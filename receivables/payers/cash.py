"""The cash of the next thirteen weeks, from when each open amount is expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from receivables.money import Money

WEEKS = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One open amount. What is `disputed` of it, and everything of an insolvent debtor, is not
    counted on.
    """

    outstanding: Money
    disputed: Money
    is_insolvent: bool
    expected_on: date
    prudent_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    starts_on: date
    expected: Money
    #: What comes if everybody pays on the later, prudent day.
    prudent: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CashForecast:
    """One currency's weeks; with what is later or apart they add up to what is outstanding."""

    currency: str
    weeks: tuple[Week, ...]
    later_expected: Money
    later_prudent: Money
    disputed: Money
    insolvent: Money

    @property
    def expected(self) -> Money:
        """What the thirteen weeks bring."""
        return Money.total((week.expected for week in self.weeks), self.currency)

    @property
    def prudent(self) -> Money:
        return Money.total((week.prudent for week in self.weeks), self.currency)


def thirteen_weeks(incoming: Sequence[Incoming], today: date) -> tuple[CashForecast, ...]:
    """Per currency, by its code. Weeks begin on Mondays; the first is the one `today` is in."""
    currencies = sorted({one.outstanding.currency for one in incoming})
    return tuple(
        _of_currency([one for one in incoming if one.outstanding.currency == currency],
                     currency, today)
        for currency in currencies
    )  # fmt: skip


def _of_currency(incoming: Sequence[Incoming], currency: str, today: date) -> CashForecast:
    monday = today - timedelta(days=today.weekday())
    starts = [monday + timedelta(weeks=week) for week in range(WEEKS)]
    counted = [(one, one.outstanding - one.disputed) for one in incoming if not one.is_insolvent]
    expected = _by_week([(one.expected_on, amount) for one, amount in counted], monday, currency)
    prudent = _by_week([(one.prudent_on, amount) for one, amount in counted], monday, currency)
    return CashForecast(
        currency=currency,
        weeks=tuple(
            Week(starts_on=start, expected=expected[week], prudent=prudent[week])
            for week, start in enumerate(starts)
        ),
        later_expected=expected[WEEKS],
        later_prudent=prudent[WEEKS],
        disputed=Money.total((one.disputed for one in incoming if not one.is_insolvent), currency),
        insolvent=Money.total((one.outstanding for one in incoming if one.is_insolvent), currency),
    )


def _by_week(amounts: Iterable[tuple[date, Money]], monday: date, currency: str) -> list[Money]:
    """A sum for each week, and one for all that is later."""
    sums = [0] * (WEEKS + 1)
    for day, amount in amounts:
        sums[max(0, min(WEEKS, (day - monday).days // 7))] += amount.minor
    return [Money(minor, currency) for minor in sums]


def expected_within(incoming: Iterable[Incoming], today: date, days: int) -> dict[str, Money]:
    """What is expected within so many days, per currency."""
    until = today + timedelta(days=days)
    sums: dict[str, int] = {}
    for one in incoming:
        if not one.is_insolvent and one.expected_on <= until:
            counted = one.outstanding - one.disputed
            sums[counted.currency] = sums.get(counted.currency, 0) + counted.minor
    return {currency: Money(minor, currency) for currency, minor in sorted(sums.items()) if minor}
