"""What a forecast learns from, and what it says: values without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One invoice as far as it has gone. `paid_on` is None while it is open.

    `traits` are facts known on the day of issue, by column: country, way of delivery, terms ...
    """

    customer: str
    invoice: str
    issued_on: date
    due_on: date
    amount: Decimal
    paid_on: date | None = None
    traits: Mapping[str, str] = field(default_factory=dict)

    def known_at(self, day: date) -> Past:
        """The same invoice as it was known at the end of that day: a later payment is unknown."""
        if self.paid_on is not None and self.paid_on > day:
            return replace(self, paid_on=None)
        return self


class Basis(StrEnum):
    """What an expected date rests on."""

    HISTORY = "history"
    """At least eight invoices of this customer."""
    SEGMENT = "segment"
    """Fewer: what is known of the customer, and for the rest of those like it."""
    PORTFOLIO = "portfolio"
    """The customer is new, or the model was left aside: all customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """When one invoice is expected to be paid, as quantiles and chances.

    `expected_on` is the median, `prudent_on` the day by which four of five are paid; between
    `p10_on` and `p90_on` lie eight of ten.
    """

    expected_on: date
    prudent_on: date
    p10_on: date
    p90_on: date
    #: The chance that it is paid after its due date.
    p_late: float
    p_by_due: float
    p_by_15: float
    """By fifteen days after its due date."""
    p_by_30: float
    basis: Basis
