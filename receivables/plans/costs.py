"""What paying in instalments costs a business: a fee once, and interest on what is deferred.

To a consumer a plan costs nothing, whatever the supplier's terms say: deferral is exempt from the
law of consumer credit only where it is free. Source: Directive 2023/2225, article 2(2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from receivables.interest.laws import DebtorKind
from receivables.interest.rules import half_up
from receivables.money import Money
from receivables.plans.folding import shares

_YEAR_DAYS = 365
#: Basis points: hundredths of a percent.
_WHOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who would bear the costs, and what may be asked of them."""

    kind: DebtorKind
    #: The law's yearly rate for late payment between businesses in the debtor's country on the
    #: day, in basis points; None where it is not known: then no interest is asked.
    most_bp: int | None = None
    #: The plan takes the place of one whose fee was asked for.
    fee_was_asked: bool = False


#: Of whom nothing is asked.
NOBODY = Bearer(kind=DebtorKind.CONSUMER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a plan defers; interest on it runs from its due date at the earliest."""

    due_on: date
    amount: Money
    #: Costs of another plan, and late interest, bear none.
    bears: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a plan costs as it was offered, itemised. All of it is due with the last instalment."""

    fee: Money
    #: A year, in basis points.
    rate_bp: int
    interest: Money

    @property
    def total(self) -> Money:
        return self.fee + self.interest

    @property
    def rate(self) -> Decimal:
        """A year, as a fraction."""
        return Decimal(self.rate_bp) / _WHOLE


def costs_of(
    fee: Money,
    rate_bp: int,
    bearer: Bearer,
    debts: Sequence[Debt],
    schedule: Sequence[tuple[date, Money]],
) -> Costs | None:
    """What a plan costs this debtor on these terms; None where it costs nothing.

    Of the supplier's rate and the law's the lower one counts.
    """
    if bearer.kind is DebtorKind.CONSUMER:
        return None
    asked = Money.zero(fee.currency) if bearer.fee_was_asked else fee
    rate = min(rate_bp, bearer.most_bp or 0)
    interest = earned(rate, debts, schedule, schedule[-1][0])
    costs = Costs(fee=asked, rate_bp=rate if interest else 0, interest=interest)
    return costs if costs.total else None


def earned(
    rate_bp: int, debts: Sequence[Debt], schedule: Sequence[tuple[date, Money]], day: date
) -> Money:
    """The interest of a schedule (what falls due when, the first at signing) up to `day`.

    Simple, on what is open by the schedule and due without it, in years of 365 days, rounded half
    up once. Each instalment pays the debts in their order; what no debt takes bears none.
    """
    signed_on = schedule[0][0]
    exact = Fraction(0)
    rows = shares([amount for _, amount in schedule], [debt.amount for debt in debts])
    for (due_on, _), row in zip(schedule, rows, strict=True):
        for debt, share in zip(debts, row, strict=True):
            days = (min(due_on, day) - max(signed_on, debt.due_on)).days
            if debt.bears and days > 0:
                exact += Fraction(share.minor * rate_bp * days, _WHOLE * _YEAR_DAYS)
    return Money(half_up(exact), schedule[0][1].currency)
