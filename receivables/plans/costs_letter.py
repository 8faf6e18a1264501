"""The note over what a plan costs, as words and as a letter, in the debtor's language.

No VAT is due on it: letting a customer pay later for a price is granting credit. Source: Directive
2006/112/EC, article 135(1)(b), and Court of Justice, C-281/91 (Muys' en De Winter's); in
Switzerland MWSTG/LTVA art. 21 (2) 19 a.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from receivables.i18n import percent, reading_as
from receivables.i18n import translate as _
from receivables.letters.rendering import Letterhead, render_letter
from receivables.money import Money
from receivables.parties.letterheads import letterhead
from receivables.parties.presentation import locale_with
from receivables.parties.tables import Debtor, Supplier
from receivables.plans.costs import Costs


@dataclass(frozen=True, slots=True, kw_only=True)
class CostsLetter:
    """-> plan_costs/letter.xml."""

    head: Letterhead
    zone: str
    number: str
    plan_number: str
    costs: Costs
    #: Interest runs from that day to the day on which the last instalment is due.
    first_day: date
    due_on: date

    @classmethod
    def of(
        cls,
        costs: Costs,
        *,
        supplier: Supplier,
        debtor: Debtor,
        number: str,
        plan_number: str,
        first_day: date,
        due_on: date,
    ) -> CostsLetter:
        return cls(
            head=letterhead(supplier, debtor),
            zone=supplier.zone,
            number=number,
            plan_number=plan_number,
            costs=costs,
            first_day=first_day,
            due_on=due_on,
        )

    @property
    def rows(self) -> tuple[tuple[str, Money], ...]:
        return costs_rows(self.costs)


def costs_rows(costs: Costs) -> tuple[tuple[str, Money], ...]:
    """What a plan costs, item by item, in the reader's words (within `reading_as`)."""
    found = []
    if costs.fee:
        found.append((_("Fee for paying in instalments"), costs.fee))
    if costs.interest:
        words = _("Interest on paying in instalments, %(rate)s a year") % {
            "rate": percent(costs.rate)
        }
        found.append((words, costs.interest))
    return tuple(found)


def locale_of(supplier: Supplier, debtor: Debtor) -> str:
    """What the note is written in."""
    return locale_with(supplier, debtor)


def wordings(letter: CostsLetter, locale: str) -> tuple[tuple[str, Money], ...]:
    """Each row as the line of an invoice."""
    with reading_as(locale, letter.zone):
        return letter.rows


def print_note(letter: CostsLetter, *, locale: str, now: datetime) -> bytes:
    """The note as a letter."""
    return render_letter(
        "plan_costs", head=letter.head, locale=locale, zone=letter.zone, written_at=now, note=letter
    )
