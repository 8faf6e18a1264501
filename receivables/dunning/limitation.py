"""When a claim can no longer be enforced: a warning in time, never a decision.

General terms of contract claims only; acknowledgements, payments in part and court steps stop or
begin them anew, and special terms may be shorter: the day is a warning for a person who knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select, true
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.tables import Debtor

#: A person is warned so long before.
WARNED_BEFORE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Term:
    """Years after the due date; `from_year_end`: counted from the end of the year it was in."""

    years: int
    from_year_end: bool = False


#: And for so long after the day, lest it pass unseen over a holiday.
SHOWN_AFTER = timedelta(days=30)

#: By the debtor's country; what a country has for consumers stands beside it.
_TERMS: Mapping[str, Term] = {
    # BGB, sections 195 and 199(1): three years, from the end of the year.
    "DE": Term(3, from_year_end=True),
    # Code de commerce, article L110-4: five years between merchants.
    "FR": Term(5),
    # ABGB, section 1486: three years for deliveries and services of a business.
    "AT": Term(3),
    # OR, article 127: ten years; article 128: five for craftsmen's work, retail sales and rent.
    # Which it is nobody told us: the shorter is the careful one.
    "CH": Term(5),
    # Burgerlijk Wetboek, article 3:307: five years.
    "NL": Term(5),
    # Old Civil Code, article 2262bis: ten years for personal claims.
    "BE": Term(10),
    # Limitation Act 1980, section 5: six years.
    "GB": Term(6),
}

#: Code de la consommation, article L218-2: two years against consumers.
_CONSUMER_TERMS: Mapping[str, Term] = {"FR": Term(2)}


def limitation_on(due_on: date, country: str, kind: str) -> date | None:
    """The last day on which a claim can be enforced, as a rule; None where we know no term."""
    consumers = _CONSUMER_TERMS if kind == "consumer" else {}
    term = consumers.get(country) or _TERMS.get(country)
    if term is None:
        return None
    if term.from_year_end:
        return date(due_on.year + term.years, 12, 31)
    # Of the two days a leap day may be read as, the earlier is the careful one.
    is_leap_day = (due_on.month, due_on.day) == (2, 29)
    day = due_on - timedelta(days=1) if is_leap_day else due_on
    return day.replace(year=due_on.year + term.years)


def due_between(first: date, last: date) -> Iterator[DueDays]:
    """Due dates among which are all of claims that run out between two days, both included: few
    enough to look at one by one.
    """
    for country, term in _TERMS.items():
        yield from _due_days(country, None, term, first, last)
    for country, term in _CONSUMER_TERMS.items():
        yield from _due_days(country, "consumer", term, first, last)


@dataclass(frozen=True, slots=True)
class DueDays:
    """First and last due date of what debtors of a country owe; `kind` None: of all of them."""

    country: str
    kind: str | None
    first: date
    last: date


def _due_days(
    country: str, kind: str | None, term: Term, first: date, last: date
) -> Iterator[DueDays]:
    if term.from_year_end:
        for year in range(first.year, last.year + 1):
            if first <= date(year, 12, 31) <= last:
                due = year - term.years
                yield DueDays(country, kind, date(due, 1, 1), date(due, 12, 31))
        return
    # A leap day is read as the day before it, so one day more than the years say.
    begins, ends = _years_before(first, term.years), _years_before(last, term.years)
    yield DueDays(country, kind, begins, ends + timedelta(days=1))


def _years_before(day: date, years: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return (day - timedelta(days=1) if is_leap_day else day).replace(year=day.year - years)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimitation:
    """An open invoice whose time is running out, or ran out lately."""

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    outstanding: Money
    limitation_on: date


def near_limitation(session: Session, supplier_id: SupplierId, today: date) -> list[NearLimitation]:
    """Open invoices that can be enforced for another ninety days at most, or could until a month
    ago, the nearest first.
    """
    first, last = today - SHOWN_AFTER, today + WARNED_BEFORE
    among_days = [
        (Debtor.country == days.country)
        & Invoice.due_on.between(days.first, days.last)
        & (Debtor.kind == days.kind if days.kind else true())
        for days in due_between(first, last)
    ]
    rows = session.execute(
        select(
            Invoice.id, Invoice.debtor_id, Invoice.number, Invoice.due_on, Debtor.country,
            Debtor.kind,
        )
        .join(
            Debtor, (Debtor.supplier_id == Invoice.supplier_id) & (Debtor.id == Invoice.debtor_id)
        )
        .where(Invoice.supplier_id == supplier_id, Invoice.kind == "invoice", or_(*among_days))
    ).all()  # fmt: skip
    near = {row.id: limitation_on(row.due_on, row.country, row.kind) for row in rows}
    owed = outstanding_of(session, supplier_id, list(near))
    found = [
        NearLimitation(
            invoice_id=row.id, debtor_id=row.debtor_id, number=row.number,
            outstanding=owed[row.id], limitation_on=day,
        )
        for row in rows
        if (day := near[row.id]) is not None and first <= day <= last and owed[row.id]
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.limitation_on, one.number))
