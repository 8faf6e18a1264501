"""When an invoice is due, read from the text of its payment terms.

German, French, Dutch and English as suppliers write them: "Zahlbar innerhalb 30 Tagen netto bis
04.04.2018, 3% Skonto innerhalb 10 Tagen", "45 jours fin de mois", "binnen 14 dagen", "2/10 net
30", "sofort fällig". The text is cut into clauses. Clauses about discounts, late payment or
anything else are set aside; the latest day that is left is the due date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from receivables.intake import terms_days, terms_words
from receivables.intake.terms_days import Reckoned

#: More text than this is no payment term but somebody's conditions of sale.
LONGEST_TEXT: Final = 3000

_STRUCTURED: Final = re.compile(r"#(?:SKONTO|VERZUG)#[^\n]*", re.IGNORECASE)
#: Notes say many things; only lines with one of these are about when to pay.
_ABOUT_PAYING: Final = re.compile(
    r"zahlbar|zahlungsziel|zahlungsbedingung|zahlungsfrist|fällig|payable"
    r"|payment (?:terms|due|within)|due (?:on|date|by)|net \d|à régler|échéance"
    r"|(?:paiement|règlement) (?:à|sous|au)"
    r"|betaalbaar|te betalen|betaling binnen|betalingstermijn|vervaldatum",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(
    r"\n|;|[!?]|(?<=[^\d\s]{4})\.(?:\s|\Z)|(?<=[\ue000-\uf8ff])\.(?:\s|\Z)"
)


def due_date_from_terms(text: str, issued_on: date) -> date | None:
    """The day to pay by in full according to `text`; None when it does not say.

    Never before `issued_on`: a term of a discount, a date gone by or a rate of interest is no due
    date. Terms that count from receipt or delivery count from the issue date, the only day known.
    """
    text = _STRUCTURED.sub("\n", text[:LONGEST_TEXT])
    text = _unwrapped(text).lower()
    text, dates = terms_days.dates_marked(text)
    text = terms_words.NO_DISCOUNT.sub(" netto ", text)
    text = terms_words.PERIOD.sub(" ", text)
    text = terms_words.numbers_written_out(text)
    found: list[date] = []
    for sentence in _SENTENCE.split(text):
        found.extend(_net_days(terms_words.clauses(sentence), dates, issued_on))
    only = text.strip(" .:\n")
    if len(only) == 1 and only in dates:
        found.append(dates[only])
    latest = issued_on + timedelta(days=terms_days.LONGEST_TERM_DAYS)
    return max((day for day in found if issued_on <= day <= latest), default=None)


def due_date_from_notes(notes: Iterable[str], issued_on: date) -> date | None:
    """The same for an invoice's notes, where profiles without payment terms have to put them."""
    lines = (line for note in notes for line in _unwrapped(note[:LONGEST_TEXT]).split("\n"))
    return due_date_from_terms("\n".join(filter(_ABOUT_PAYING.search, lines)), issued_on)


def _unwrapped(text: str) -> str:
    """The text with single blanks, in one line where a line goes on in small letters."""
    result = ""
    for line in text.splitlines():
        words = " ".join(line.split())
        if words:
            result += (" " if words[0].islower() else "\n") + words
    return result.strip()


def _net_days(clauses: list[str], dates: dict[str, date], issued_on: date) -> list[date]:
    """The days that the clauses of one sentence name, without those of a discount."""
    days = [terms_days.days_of(clause, dates, issued_on) for clause in clauses]
    set_aside = {
        place for place, clause in enumerate(clauses) if terms_words.IRRELEVANT.search(clause)
    }
    for place, clause in enumerate(clauses):
        if place in set_aside or not terms_words.is_discount(clause):
            continue
        if days[place]:
            # "2% 10 Tage 30 Tage netto": the discount's day is the first of several.
            days[place].remove(min(days[place]))
        elif terms_words.DISCOUNT.search(clause):
            set_aside |= _belongs_to(place, clauses, days)
    return [day for place, each in enumerate(days) if place not in set_aside for day in each]


def _belongs_to(place: int, clauses: list[str], days: list[Reckoned]) -> set[int]:
    """The clause with the days of a discount that names none itself.

    "Payment within 10 days, 2% discount" or "2% discount, if paid within 10 days".
    """
    before, after = place - 1, place + 1
    if before >= 0 and days[before] and not terms_words.NET.search(clauses[before]):
        return {before}
    if after < len(clauses) and terms_words.CONDITION.match(clauses[after]):
        return {after}
    return set()
