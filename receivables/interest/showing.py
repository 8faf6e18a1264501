"""A reckoning for the command line, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from receivables.interest.laws import Agreed, Law
from receivables.interest.rates import Rate
from receivables.interest.reckoning import Reckoning
from receivables.interest.rules import Segment, Terms
from receivables.money import Money, digits_of

_EXACT_DIGITS = 6


def as_json(found: Reckoning, terms: Terms) -> dict[str, Any]:
    """Amounts are decimal texts in major units; `exact` is not rounded to the currency."""
    law, interest, sum_ = terms.law, found.interest, found.compensation
    return {
        "country": law.country,
        "debtor": law.debtor.value,
        "currency": interest.currency,
        "begins_on": found.begins_on.isoformat(),
        "days": interest.days,
        "segments": [_segment(one, interest.currency) for one in interest.segments],
        "rates": [_rate(one) for one in found.rates],
        "interest": f"{interest.total.decimal:f}",
        "interest_exact": _exact(interest.exact, interest.currency),
        "interest_source": law.source,
        "compensation": None if sum_ is None else f"{sum_.decimal:f}",
        "compensation_currency": None if sum_ is None else sum_.currency,
        "compensation_source": found.compensation_source or None,
        "total": f"{_total(found).decimal:f}",
        "totals": {one.currency: f"{one.decimal:f}" for one in found.totals},
        "notes": list(_notes(terms)),
    }


def as_text(found: Reckoning, terms: Terms) -> Iterator[str]:
    """Lines for a terminal."""
    interest = found.interest
    yield f"{terms.law.country} {terms.law.debtor}: interest from {found.begins_on}"
    for one in interest.segments:
        yield (
            f"  {one.first_day} to {one.last_day} {one.days:5d} days  {one.principal}"
            f"  {one.percent:f} %  {one.amount}  {one.source}"
        )
    yield f"interest {interest.total} ({interest.days} days; {terms.law.source})"
    if found.compensation is not None:
        yield f"compensation {found.compensation} ({found.compensation_source})"
    yield "total " + (" and ".join(str(one) for one in found.totals) or str(interest.total))
    if found.rates:
        yield "rates:"
    for rate in found.rates:
        yield (
            f"  {rate.series} {rate.percent:f} % from {rate.first_day}, known to {rate.last_day}:"
            f" {rate.source} (checked {rate.checked_on})"
        )
    for note in _notes(terms):
        yield f"note: {note}"


def _total(found: Reckoning) -> Money:
    """Interest and compensation in the currency of what was owed."""
    currency = found.interest.currency
    return Money.total((one for one in found.totals if one.currency == currency), currency)


def _segment(one: Segment, currency: str) -> dict[str, Any]:
    return {
        "from": one.first_day.isoformat(),
        "to": one.last_day.isoformat(),
        "days": one.days,
        "principal": f"{one.principal.decimal:f}",
        "rate": f"{one.percent:f}",
        "source": one.source,
        "amount": f"{one.amount.decimal:f}",
        "exact": _exact(one.exact, currency),
    }


def _rate(one: Rate) -> dict[str, Any]:
    return {
        "series": one.series.value,
        "from": one.first_day.isoformat(),
        "until": one.last_day.isoformat(),
        "percent": f"{one.percent:f}",
        "source": one.source,
        "checked_on": one.checked_on.isoformat(),
    }


def _exact(minor: Fraction, currency: str) -> str:
    major = minor / 10 ** digits_of(currency)
    exact = Decimal(major.numerator) / Decimal(major.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-_EXACT_DIGITS), ROUND_HALF_UP):f}"


def _notes(terms: Terms) -> Iterator[str]:
    law: Law = terms.law
    if law.compounds_yearly:
        yield "after each year its interest bears interest, too"
    if terms.agreed is None:
        return
    yield {
        Agreed.STANDS: "a grossly unfair agreed rate can be corrected by a court",
        Agreed.AT_LEAST_3X_LEGAL: "an agreed rate counts, but not below 3 x the legal rate",
        Agreed.AT_MOST_BUSINESS: "an agreed rate counts, but not above what businesses owe",
        Agreed.NOT_TAKEN: "the law's rate counts, whatever was agreed",
    }[law.agreed]
