"""The report of a health check as one value: what page, PDF and CSV are written from.

Amounts of several currencies are never added together: everything with money in it is a `Slice`
of one currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from monitoring.bands import Band
from monitoring.portfolio.cover import Comparison
from monitoring.portfolio.rules import Assumptions, Flaw, Status
from receivables.credit.rules import PayerClass
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of how many customers it is known which company they are, and how it stands."""

    customers: int
    exact: int
    strong: int
    review: int
    unidentified: int
    persons: int
    #: Of all, those in another country than the supplier.
    foreign: int
    #: Of whom a source has an opinion.
    scored: int

    @property
    def identified(self) -> int:
        return self.exact + self.strong


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One customer in a list of the report, with the amount the list is about."""

    place: int
    number: str
    name: str
    band: Band
    payer_class: PayerClass
    status: Status
    exposure: Money
    overdue: Money
    share: Decimal
    limit: Money | None
    terms_days: int | None
    debtor_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLine:
    """The customers of one solvency class, in number and in money."""

    band: Band
    count: int
    exposure: Money
    overdue: Money
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """Those who pay like `payer` and are as solvent as `band`."""

    payer: PayerClass
    band: Band
    count: int
    exposure: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LossLine:
    """What a class is expected to cost: exposure × PD × LGD. `band` is None for customers who
    have failed already.
    """

    band: Band | None
    exposure: Money
    pd: Decimal
    loss: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OneDefault:
    """What it takes to make good the loss of one customer: so much turnover at our margin."""

    name: str
    exposure: Money
    lost: Money
    turnover_needed: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Some of a list, the most money first, and what the whole list comes to."""

    lines: tuple[Line, ...]
    count: int
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The portfolio in one currency."""

    currency: str
    customers: int
    exposure: Money
    overdue: Money
    insured: Money
    uninsured: Money
    turnover: Money
    #: Of how many customers the turnover is known.
    turnover_known: int
    classes: tuple[ClassLine, ...]
    largest: Top
    largest_share: Decimal
    #: Herfindahl-Hirschman: the sum of the squared shares, 10 000 for a single customer.
    hhi: int
    red: Top
    over_limit: Top
    #: Of how many who owe something a limit is known.
    limits_known: int
    matrix: tuple[MatrixCell, ...]
    losses: tuple[LossLine, ...]
    expected_loss: Money
    #: The part of it that falls on what nobody insures.
    uninsured_loss: Money
    one_default: OneDefault | None
    long_terms: Top

    @property
    def equal_customers(self) -> Decimal:
        """The portfolio is as concentrated as one of so many customers of one size."""
        return Decimal(0) if not self.hhi else (Decimal(10_000) / self.hhi).quantize(Decimal("0.1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreDates:
    """How old what a source says is."""

    source: str
    count: int
    oldest_on: date | None
    newest_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Companies that belong together and are no duplicates."""

    names: tuple[str, ...]
    exposure: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """What was found twice, and how much of it was merged; `exposure` is what hangs on it."""

    clusters: int = 0
    customers: int = 0
    merged: int = 0
    exposure: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A customer whose class is another one than last time."""

    name: str
    before: Band
    after: Band
    exposure: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One amount then and now."""

    what: str
    before: Money
    after: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is different since the check of `since_on`."""

    since_on: date
    figures: tuple[Figure, ...]
    fell: tuple[Moved, ...]
    rose: tuple[Moved, ...]
    came: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """How many customers each thing to do is about; see `proposals`."""

    limits: int = 0
    watch: int = 0
    prepay: int = 0
    insure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    as_of_on: date
    coverage: Coverage
    #: By class in number alone, all currencies and those who owe nothing included.
    counts: tuple[tuple[Band, int], ...]
    slices: tuple[Slice, ...]
    duplicates: Duplicates
    groups: tuple[Group, ...]
    #: What is wrong with the supplier's own data, the most frequent first.
    flaws: tuple[tuple[Flaw, int], ...]
    scores: tuple[ScoreDates, ...]
    assumptions: Assumptions
    #: The choice of cover in each currency in which something is owed.
    covers: tuple[Comparison, ...] = ()
    suggested: Suggested = Suggested()
    change: Change | None = None

    def cover_of(self, currency: str) -> Comparison | None:
        return next((one for one in self.covers if one.currency == currency), None)

    def slice_of(self, currency: str) -> Slice | None:
        return next((one for one in self.slices if one.currency == currency), None)
