"""Until when a claim is to be lodged in insolvency proceedings: pure, from a publication.

What the publication itself says always goes first. Where it is silent the law of its country is
asked, as far as it counts from a day that is known; else nobody knows, and a person reads it up.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from monitoring.insolvency.kinds import EventKind
from receivables.workdays import Calendar

#: Opens a procedure in which claims are lodged, and is published for that.
_CALLS = frozenset(
    {
        EventKind.SAFEGUARD,
        EventKind.REORGANISATION,
        EventKind.LIQUIDATION,
        EventKind.CALL_TO_CREDITORS,
    }
)


class Basis(StrEnum):
    """Why we believe in the day."""

    PUBLICATION = "publication"
    """The publication says so."""
    LAW = "law"
    """Counted from the publication, as the law has it."""
    LATER = "later"
    """A call to creditors is still to be published."""
    UNKNOWN = "unknown"
    """Neither: a person reads the judgment, or asks the liquidator."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`until` is the last day; None where it is not known yet."""

    until: date | None
    basis: Basis


def deadline_of(
    *,
    country: str,
    kind: EventKind,
    published_on: date,
    claims_until: date | None,
    creditor_country: str,
    calendar: Calendar,
) -> Deadline:
    """Until when a creditor in `creditor_country` lodges a claim after this publication.

    France: two months from the publication in the BODACC, two more for creditors who do not live
    in metropolitan France (Code de commerce, R.622-24); a term that would end on a Saturday,
    Sunday or holiday ends on the next working day (Code de procédure civile, art. 641 and 642).
    Conversions and resolutions of a plan open a term of their own by a judgment of opening.
    Switzerland: one month from the call to creditors (SchKG/LP art. 232 (2) 2); before it, the
    term has not begun. Belgium and Germany name the day in the judgment (WER/CDE art. XX.104;
    InsO § 28).
    """
    if claims_until is not None:
        return Deadline(claims_until, Basis.PUBLICATION)
    if country == "CH" and kind is EventKind.PROVISIONAL_OPENING:
        return Deadline(None, Basis.LATER)
    if country == "CH" and kind is EventKind.CALL_TO_CREDITORS:
        return Deadline(_working_day(_months_later(published_on, 1), "CH", calendar), Basis.LAW)
    if country == "FR" and kind in _CALLS:
        months = 2 if creditor_country == "FR" else 4
        return Deadline(
            _working_day(_months_later(published_on, months), "FR", calendar), Basis.LAW
        )
    return Deadline(None, Basis.UNKNOWN)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _working_day(day: date, country: str, calendar: Calendar) -> date:
    while not calendar.is_working_day(day, country):
        day += timedelta(days=1)
    return day
