"""When a claim can no longer be enforced: a warning in time, never a decision.

General terms of contract claims only; acknowledgements, payments in part and court steps stop or
begin them anew, and special terms may be shorter: the day is a warning for a person who knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from receivables.dunning.facts import debtors_of
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.ledger.queries import open_items
from receivables.money import Money
from receivables.values import dataclass

#: A person is warned so long before.
WARNED_BEFORE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Term:
    """Years after the due date; `from_year_end`: counted from the end of the year it was in."""

    years: int
    from_year_end: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimitation:
    """An open invoice whose time is running out."""

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    outstanding: Money
    limitation_on: date


def near_limitation(session: Session, supplier_id: SupplierId, today: date) -> list[NearLimitation]:
    """Open invoices that can be enforced for another ninety days at most, the nearest first."""
    items = open_items(session, supplier_id)
    old = [item for item in items if item.due_on < today - timedelta(days=365)]
    debtors = debtors_of(session, supplier_id, {item.debtor_id for item in old})
    found = []
    for item in old:
        debtor = debtors[item.debtor_id]
        last = limitation_on(item.due_on, debtor.country, debtor.kind)
        if last is not None and last <= today + WARNED_BEFORE:
            found.append(
                NearLimitation(
                    invoice_id=item.invoice_id, debtor_id=item.debtor_id, number=item.number,
                    outstanding=item.outstanding, limitation_on=last,
                )
            )  # fmt: skip
    return sorted(found, key=lambda one: one.limitation_on)
