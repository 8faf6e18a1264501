"""What the fragment about late interest gets; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRow:
    """Days with one principal and one rate."""

    first_day: date
    last_day: date
    days: int
    principal: Money
    percent: Decimal
    #: Reference rate, margin and law, in the words of those who publish them.
    source: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LateInterest:
    """Beside an invoice that is late, or was paid late -> _interest.html.

    Never part of what is to be paid there: `is_claimed` says whether the supplier asks for it,
    or only mentions that the law grants it.
    """

    is_claimed: bool
    on: date
    rows: tuple[InterestRow, ...]
    interest: Money
    #: On what is under review: not asked for meanwhile.
    withheld: Money
    compensation: Money | None
    compensation_source: str
    #: Of what is not under review, one amount per currency.
    totals: tuple[Money, ...]
