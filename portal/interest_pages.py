"""What the fragment about late interest gets; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from receivables.money import Money
from receivables.web.parts import invoice_url


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
class NoteRow:
    """A debit note that claims late interest on the invoice: an item of its own."""

    number: str
    #: What its interest was reckoned for; None for the fixed sum alone.
    first_day: date | None
    last_day: date | None
    total: Money
    outstanding: Money

    @property
    def url(self) -> str:
        return invoice_url(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateInterest:
    """Beside an invoice that is late, or was paid late -> _interest.html.

    Never part of what is to be paid there: what is to be paid are the `notes`, and `is_claimed`
    says whether the supplier asks for what has run up, or only mentions that the law grants it.
    """

    is_claimed: bool
    on: date
    #: Empty, and the amounts zero, where nothing is said of what has run up.
    rows: tuple[InterestRow, ...]
    interest: Money
    #: On what is under review: not asked for meanwhile.
    withheld: Money
    #: Of the interest, what the notes ask for.
    noted: Money
    #: None also where a note asks for it.
    compensation: Money | None
    compensation_source: str
    #: Of what is not under review and in no note, one amount per currency.
    totals: tuple[Money, ...]
    notes: tuple[NoteRow, ...] = ()
    #: The number of the invoice, where the one shown is such a note itself.
    note_for: str = ""

    @property
    def note_for_url(self) -> str:
        return invoice_url(self.note_for)
