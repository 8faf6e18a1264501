"""Late interest: exact for each day, rounded once at the end.

Days run from the day after the due date (or whatever the law has set it running) to the day of
payment, both included, in years of 365 days; a half-year's rate counts for each of its days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import floor
from typing import Literal

from receivables.errors import ReceivablesError
from receivables.interest.laws import (
    Agreed,
    Begins,
    DebtorKind,
    Law,
    Reference,
    law_of,
)
from receivables.interest.rates import SERIES_NAMES, Rate, RateBook, Series
from receivables.money import Money
from receivables.workdays import Calendar, working_days_later

_DAY = timedelta(days=1)
_YEAR_DAYS = 365
#: Belgian CDE art. XIX.2: calendar days after the first reminder.
_BE_DELAY_DAYS = 14
#: Art. XIX.2: after a letter the days begin with the third working day that follows it.
_BE_POST_WORKING_DAYS = 3


class RuleTooYoung(ReceivablesError):
    """The contract is older than the oldest rule known here."""

    def __init__(self, law: Law, contracted_on: date) -> None:
        self.law, self.contracted_on = law, contracted_on
        super().__init__(
            f"no rule for a {law.debtor} in {law.country} with a contract of {contracted_on}"
        )


class NotInDefault(ReceivablesError):
    """Being late is not enough here: `needs` must come first."""

    def __init__(self, needs: Begins) -> None:
        self.needs = needs
        super().__init__(f"interest begins only with: {needs.value.replace('_', ' ')}")


@dataclass(frozen=True, slots=True)
class Notice:
    """The reminder or formal notice that the law asks for, and how it went."""

    on: date
    by: Literal["electronic", "post"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Between which parties, and what they agreed."""

    law: Law
    contracted_on: date
    #: Percent a year that the contract names.
    agreed: Decimal | None = None
    #: The contract fixes the due date (not only the invoice).
    due_is_agreed: bool = True
    #: A small or medium-sized creditor, in Belgium.
    creditor_is_small: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From `first_day` on, so much is owed."""

    first_day: date
    principal: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """The rate of a day, where it comes from, and until when it is the same."""

    percent: Decimal
    source: str
    last_day: date
    #: The row it was read from; None where law or contract name the rate itself.
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """Days with one principal and one rate; `exact` is its interest in minor units."""

    first_day: date
    last_day: date
    principal: Money
    percent: Decimal
    source: str
    exact: Fraction
    #: The part of the whole in whole minor units: the parts add up to the rounded whole.
    amount: Money
    rate: Rate | None = None

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True)
class Interest:
    """Interest over a time, by segments, in their order."""

    segments: tuple[Segment, ...]
    currency: str

    @property
    def exact(self) -> Fraction:
        """In minor units, before rounding."""
        return sum((one.exact for one in self.segments), Fraction(0))

    @property
    def total(self) -> Money:
        """Rounded half up, once."""
        return Money(half_up(self.exact), self.currency)

    @property
    def days(self) -> int:
        return sum(one.days for one in self.segments)


def half_up(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


def first_day(terms: Terms, due_on: date, notice: Notice | None, *, calendar: Calendar) -> date:
    """The first day that bears interest. Raises NotInDefault where a notice must come first."""
    late = due_on + _DAY
    match terms.law.begins:
        case Begins.DUE_DATE:
            return late
        case Begins.AGREED_DAY | Begins.AGREED_DAY_OR_30 if terms.due_is_agreed:
            return late
        case Begins.AGREED_DAY_OR_30:
            latest = due_on + timedelta(days=31)
            return min(latest, max(late, notice.on + _DAY)) if notice else latest
        case begins if notice is None:
            raise NotInDefault(begins)
        case Begins.REMINDER_AND_14_DAYS:
            if terms.creditor_is_small:
                return max(late, notice.on + _DAY)
            return max(late, delay_ends_on(notice, terms.law.country, calendar=calendar) + _DAY)
        case _:
            return max(late, notice.on + _DAY)


def delay_ends_on(notice: Notice, country: str, *, calendar: Calendar) -> date:
    """The last of the days that a Belgian consumer has after the first reminder: 14 calendar
    days from the day after an electronic one, or from the third working day after a letter.
    """
    begins_on = notice.on + _DAY
    if notice.by == "post":
        begins_on = working_days_later(
            notice.on, _BE_POST_WORKING_DAYS, country=country, calendar=calendar
        )
    return begins_on + timedelta(days=_BE_DELAY_DAYS - 1)


def quote(terms: Terms, day: date, *, begins_on: date, book: RateBook) -> Quote:
    """What a year's interest is on `day`, in percent. Raises RateMissing and RuleTooYoung."""
    agreed, law = terms.agreed, terms.law
    if agreed is None or law.agreed is Agreed.NOT_TAKEN:
        return _by_law(law, terms.contracted_on, day, begins_on, book)
    if law.agreed is Agreed.STANDS:
        return Quote(agreed, "agreed", date.max)
    if law.agreed is Agreed.AT_LEAST_3X_LEGAL:
        legal = book.on(Series.FR_LEGAL, day)
        last_day = book.holds_until(Series.FR_LEGAL, day)
        if agreed >= 3 * legal.percent:
            return Quote(agreed, "agreed", last_day, legal)
        source = f"agreed {agreed} %, raised to 3 x {_words(legal)}; {law.source}"
        return Quote(3 * legal.percent, source, last_day, legal)
    if terms.contracted_on < law.fixed_sum_since:
        raise RuleTooYoung(law, terms.contracted_on)
    business = law_of(law.country, DebtorKind.BUSINESS)
    most = _by_law(business, terms.contracted_on, day, begins_on, book)
    if agreed <= most.percent:
        return Quote(agreed, "agreed", most.last_day, most.rate)
    source = f"agreed {agreed} %, at most {most.source}"
    return Quote(most.percent, source, most.last_day, most.rate)


def _by_law(law: Law, contracted_on: date, day: date, begins_on: date, book: RateBook) -> Quote:
    if isinstance(law.rate, Decimal):
        return Quote(law.rate, law.source, date.max)
    reference = law.rate
    margins = [one.points for one in reference.margins if one.since <= contracted_on]
    if not margins:
        raise RuleTooYoung(law, contracted_on)
    points = margins[-1]
    plus = f" + {points}" if points else ""
    if not reference.half_yearly:
        rate = book.on(reference.series, day)
        last_day = book.holds_until(reference.series, day)
        return Quote(rate.percent + points, f"{_words(rate)}{plus}; {law.source}", last_day, rate)
    first, last_day = half_year(begins_on if reference.fixed_at_start else day)
    rate = book.on(reference.series, first - _DAY if reference.read_before else first)
    base = _base_rate(reference, first, book)
    words = _words(rate) + (f", base rate {base} %" if reference.base_offset else "")
    return Quote(
        _rounded_up(base + points, reference.rounded_up_to),
        f"{words}{plus}; {law.source}",
        date.max if reference.fixed_at_start else last_day,
        rate,
    )


def _words(rate: Rate) -> str:
    return f"{SERIES_NAMES[rate.series]} {rate.percent} % ({rate.first_day})"


def half_year(day: date) -> tuple[date, date]:
    """The first and the last day of the half-year of `day`."""
    if day.month <= 6:
        return date(day.year, 1, 1), date(day.year, 6, 30)
    return date(day.year, 7, 1), date(day.year, 12, 31)


def _base_rate(reference: Reference, first: date, book: RateBook) -> Decimal:
    """What the margin is added to, in the half-year that begins on `first`."""
    read_on = first - _DAY if reference.read_before else first
    if reference.base_moves_by is None or reference.base_since is None:
        return book.on(reference.series, read_on).percent + reference.base_offset
    course = book.course(reference.series, reference.base_since, read_on)
    followed = next(course).percent
    for rate in course:
        if abs(rate.percent - followed) >= reference.base_moves_by:
            followed = rate.percent
    return followed + reference.base_offset


def _rounded_up(percent: Decimal, step: Decimal | None) -> Decimal:
    if step is None:
        return percent
    return (percent / step).to_integral_value(ROUND_CEILING) * step


def accrue(
    terms: Terms,
    steps: Sequence[Step],
    *,
    begins_on: date,
    until: date,
    book: RateBook,
    since: date | None = None,
    claimed: Sequence[date] = (),
) -> Interest:
    """Interest of every day from `begins_on` (or `since`, if that is later) to `until`.

    `steps` say what is owed from which day on, in the order of their days; before the first
    nothing is. A payment lowers what is owed from the day after it. Where a law lets interest
    bear interest, it does so after each year from `begins_on`, and only while principal is owed.
    `claimed` are days up to which interest was claimed with a note: no segment reaches over one,
    and what was claimed bears no interest any more. Raises RateMissing when a rate of one of these
    days is not known.
    """
    assert steps, "there must be something owed"
    cuts = {day + _DAY for day in claimed}
    reported: list[tuple[_Span, Fraction]] = []
    added = of_this_year = Fraction(0)
    year_ends = _years_later(begins_on, 1) - _DAY
    years = 1
    for span in _spans(terms, steps, begins_on, until, since, cuts, book):
        if terms.law.compounds_yearly and span.first_day > year_ends:
            added, of_this_year = added + of_this_year, Fraction(0)
            years += 1
            year_ends = _years_later(begins_on, years) - _DAY
        if span.first_day in cuts:
            added = of_this_year = Fraction(0)
        base = span.principal.minor + added if span.principal.minor > 0 else Fraction(0)
        exact = base * Fraction(span.quote.percent) * span.days / (100 * _YEAR_DAYS)
        of_this_year += exact
        if span.principal.minor > 0 and (since is None or span.first_day >= since):
            reported.append((span, exact))
    return Interest(_segments(reported), steps[0].principal.currency)


@dataclass(frozen=True, slots=True)
class _Span:
    first_day: date
    last_day: date
    principal: Money
    quote: Quote

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


def _spans(
    terms: Terms,
    steps: Sequence[Step],
    begins_on: date,
    until: date,
    since: date | None,
    cuts: Set[date],
    book: RateBook,
) -> Iterator[_Span]:
    """Days between which neither rate nor principal changes, cut before `cuts`, too; days without
    principal are asked no rate for.
    """
    nothing = Quote(Decimal(0), "", date.max)
    cuts = {step.first_day for step in steps} | ({since} if since else set()) | cuts
    if terms.law.compounds_yearly:
        span_years = until.year - begins_on.year + 1
        cuts |= {_years_later(begins_on, count) for count in range(1, span_years + 1)}
    # Only interest that compounds depends on what was before.
    day = begins_on if since is None or terms.law.compounds_yearly else max(begins_on, since)
    while day <= until:
        principal = owed_on(steps, day)
        rate = nothing
        if principal.minor > 0:
            rate = quote(terms, day, begins_on=begins_on, book=book)
        next_cut = min((cut for cut in cuts if cut > day), default=None)
        last_day = min(until, rate.last_day, next_cut - _DAY if next_cut else until)
        yield _Span(day, last_day, principal, rate)
        day = last_day + _DAY


def owed_on(steps: Sequence[Step], day: date) -> Money:
    """What is owed on a day."""
    owed = [step.principal for step in steps if step.first_day <= day]
    return owed[-1] if owed else Money.zero(steps[0].principal.currency)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _segments(spans: Sequence[tuple[_Span, Fraction]]) -> tuple[Segment, ...]:
    """With amounts that add up to the rounded whole: each is what the rounded sum grew by."""
    found: list[Segment] = []
    so_far = Fraction(0)
    for span, exact in spans:
        grown = half_up(so_far + exact) - half_up(so_far)
        so_far += exact
        found.append(
            Segment(
                first_day=span.first_day,
                last_day=span.last_day,
                principal=span.principal,
                percent=span.quote.percent,
                source=span.quote.source,
                exact=exact,
                amount=Money(grown, span.principal.currency),
                rate=span.quote.rate,
            )
        )
    return tuple(found)
