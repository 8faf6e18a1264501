"""The choice of cover, reckoned for this portfolio: pure, with the supplier's own prices.

Four ways to live with the same risk, side by side: bear it oneself, insure it, sell the claims
without recourse, ask the buyer's bank. For each: what it costs a year, whom it covers, what is
left uncovered, and what would be lost of that in a year as expected and in a bad one. Money must
lie ready for what a bad year may take, whichever way is chosen; what it costs counts everywhere.

The bad year is one in twenty: each class's probability of default under a bad turn of the
economy, by the formula banks use (Basel Committee, CRE31.4 with N((G(PD) + √R·G(q)) / √(1−R))),
with q = 0.95 and a correlation R of 0.15, which lies within the range given there (0.12 to
0.24); and the customer whose failure adds most to the loss fails in it, because a supplier has few
large customers where a bank has many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

from monitoring.bands import Band
from monitoring.portfolio.rules import Assumptions, Checked, Prices, portion
from receivables.money import Money

_BAD_YEAR, _CORRELATION = 0.95, 0.15
_NORMAL = NormalDist()


class Way(StrEnum):
    RESERVE = "reserve"
    INSURANCE = "insurance"
    FACTORING = "factoring"
    LETTERS = "letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way, for one year. What it costs and what it leaves to be lost add up to its total."""

    way: Way
    cost: Money
    #: Of the cost: what money costs that lies ready for a bad year.
    own_money: Money
    #: Exposure that somebody else answers for, and how many customers owe it.
    covered: Money
    customers: int
    #: Exposure that stays the supplier's own risk.
    left: Money
    loss_expected: Money
    loss_bad: Money
    #: Money that comes earlier than without: of factoring alone.
    advanced: Money

    @property
    def total_expected(self) -> Money:
        return self.cost + self.loss_expected

    @property
    def total_bad(self) -> Money:
        return self.cost + self.loss_bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    currency: str
    exposure: Money
    turnover: Money
    #: Customers whose turnover nobody knows: it is taken as their exposure times six, two months
    #: of terms.
    turnover_guessed: int
    options: tuple[Option, ...]

    @property
    def best_expected(self) -> Way:
        return min(self.options, key=lambda one: one.total_expected.minor).way

    @property
    def best_bad(self) -> Way:
        return min(self.options, key=lambda one: one.total_bad.minor).way


@dataclass(frozen=True, slots=True)
class _Risk:
    """One customer's part, in minor units of one currency."""

    exposure: int
    turnover: int
    guessed: bool
    pd: float
    bad_pd: float
    takers: frozenset[Way]

    def loss(self, lgd: float, part: float, *, bad: bool) -> float:
        return self.exposure * part * (self.bad_pd if bad else self.pd) * lgd


#: Where nobody knows the turnover: two months of it are open.
_TURNS = 6


def compare(
    customers: Iterable[Checked], currency: str, assumptions: Assumptions, *, country: str
) -> Comparison | None:
    """The four ways for one currency; None where nobody owes anything in it. `country` is the
    supplier's own: a letter of credit is for trade abroad.
    """
    risks = [
        risk
        for one in customers
        if (risk := _risk(one, currency, assumptions, country)) is not None
    ]
    if not any(risk.exposure for risk in risks):
        return None
    return Comparison(
        currency=currency,
        exposure=Money(sum(risk.exposure for risk in risks), currency),
        turnover=Money(sum(risk.turnover for risk in risks), currency),
        turnover_guessed=sum(risk.guessed for risk in risks),
        options=tuple(_option(way, risks, currency, assumptions) for way in Way),
    )


def _risk(one: Checked, currency: str, assumptions: Assumptions, country: str) -> _Risk | None:
    balance = one.balance(currency)
    if balance is None:
        return None
    exposure, pd = balance.exposure.minor, float(assumptions.pd_of(one.rated))
    known = balance.turnover is not None
    turnover = balance.turnover.minor if balance.turnover is not None else exposure * _TURNS
    return _Risk(
        exposure=exposure,
        turnover=max(0, turnover),
        guessed=not known and exposure > 0,
        pd=pd,
        bad_pd=bad_year(pd),
        takers=_takers(one, country),
    )


def _takers(one: Checked, country: str) -> frozenset[Way]:
    """Who would answer for this customer. Our proposal of what is usual: insurers and factors
    take companies they know, factors none of the weaker half; nobody takes who has failed.
    """
    if one.rated.status.is_over:
        return frozenset()
    takers = set()
    if not one.is_person and one.rated.band not in (Band.E, Band.NONE):
        takers.add(Way.INSURANCE)
        if one.rated.band is not Band.D:
            takers.add(Way.FACTORING)
    if one.country and country and one.country != country:
        takers.add(Way.LETTERS)
    return frozenset(takers)


@lru_cache(1024)
def bad_year(pd: float) -> float:
    """The probability of default in the worst year of twenty."""
    if not 0 < pd < 1:
        return pd
    moved = _NORMAL.inv_cdf(pd) + sqrt(_CORRELATION) * _NORMAL.inv_cdf(_BAD_YEAR)
    return _NORMAL.cdf(moved / sqrt(1 - _CORRELATION))


def _option(way: Way, risks: Sequence[_Risk], currency: str, assumptions: Assumptions) -> Option:
    prices = assumptions.prices
    part = {Way.INSURANCE: prices.insured_part / 100}.get(way, Decimal(1))
    taken = [risk for risk in risks if way in risk.takers]
    covered = sum(portion(Money(risk.exposure, currency), part).minor for risk in taken)

    def left(risk: _Risk) -> float:
        return float(1 - part) if way in risk.takers else 1.0

    expected, bad = _losses(risks, left, float(assumptions.lgd / 100))
    exposure = sum(risk.exposure for risk in risks)
    sold = sum(risk.exposure for risk in taken) if way is Way.FACTORING else 0
    advanced = portion(Money(sold, currency), prices.advance / 100)
    own_money = portion(Money(round(bad), currency), prices.capital / 100)
    return Option(
        way=way,
        cost=_PRICES[way](prices, taken, advanced) + own_money,
        own_money=own_money,
        covered=Money(covered, currency),
        customers=len([risk for risk in taken if risk.exposure]),
        left=Money(exposure - covered, currency),
        loss_expected=Money(round(expected), currency),
        loss_bad=Money(round(bad), currency),
        advanced=advanced,
    )


def _losses(
    risks: Sequence[_Risk], left: Callable[[_Risk], float], lgd: float
) -> tuple[float, float]:
    """Of what is left uncovered: in a year as expected, and in a bad one."""
    expected = sum(risk.loss(lgd, left(risk), bad=False) for risk in risks)
    bad = sum(risk.loss(lgd, left(risk), bad=True) for risk in risks)
    adds = max(risk.exposure * left(risk) * lgd * (1 - risk.bad_pd) for risk in risks)
    return expected, bad + adds


def _reserve(_prices: Prices, _taken: Sequence[_Risk], advanced: Money) -> Money:
    """Nobody is paid for anything."""
    return Money.zero(advanced.currency)


def _insurance(prices: Prices, taken: Sequence[_Risk], advanced: Money) -> Money:
    currency = advanced.currency
    turnover = Money(sum(risk.turnover for risk in taken), currency)
    exposed = len([risk for risk in taken if risk.exposure])
    fee = Money.parse(prices.limit_fee.quantize(Decimal(1), ROUND_HALF_UP), currency)
    return portion(turnover, prices.premium / 100) + Money(fee.minor * exposed, currency)


def _factoring(prices: Prices, taken: Sequence[_Risk], advanced: Money) -> Money:
    turnover = Money(sum(risk.turnover for risk in taken), advanced.currency)
    fee = portion(turnover, prices.factoring_fee / 100)
    return fee + portion(advanced, prices.factoring_interest / 100)


def _letters(prices: Prices, taken: Sequence[_Risk], advanced: Money) -> Money:
    turnover = Money(sum(risk.turnover for risk in taken), advanced.currency)
    return portion(turnover, prices.letter_fee / 100)


_PRICES: dict[Way, Callable[[Prices, Sequence[_Risk], Money], Money]] = {
    Way.RESERVE: _reserve,
    Way.INSURANCE: _insurance,
    Way.FACTORING: _factoring,
    Way.LETTERS: _letters,
}
