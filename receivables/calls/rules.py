"""What can come of a call, and when the next try is due."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from receivables.workdays import Calendar, working_days_later


class Outcome(StrEnum):
    NOT_REACHED = "not_reached"
    REACHED = "reached"
    """Somebody was spoken to, and promised nothing."""
    PROMISE = "promise"
    DISPUTE = "dispute"
    WRONG_NUMBER = "wrong_number"


#: Outcomes of which a person on the other side knows.
SPOKEN = frozenset((Outcome.REACHED, Outcome.PROMISE, Outcome.DISPUTE))

#: After so many tries in vain nobody is called any more: the next step is another one.
MOST_TRIES = 3


def next_try(
    outcome: Outcome, tries: int, today: date, *, country: str, calendar: Calendar
) -> date | None:
    """The next working day after a try in vain; None when the call is over."""
    if outcome is not Outcome.NOT_REACHED or tries >= MOST_TRIES:
        return None
    return working_days_later(today, 1, country=country, calendar=calendar)
