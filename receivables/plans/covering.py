"""The insurer's clock: how long the claims in a plan stay covered, and when the supplier is told.

An insurer lets a claim be deferred for so many days after its original due date; later it must
have agreed, deliveries stop, and in the end the claim has to be handed over for collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from receivables.credit.rules import Cover


class CoverAlert(StrEnum):
    """What the supplier is told about the cover of a plan, in the order in which it is."""

    ENDING = "ending"
    ENDS_SOON = "soon"
    ENDED = "ended"
    """Nothing more is delivered on account."""
    HAND_OVER = "collect"
    """The claim has to be handed over for collection."""


#: Days from the end of the maximum extension period.
#: Source of the last: Atradius, credit insurance glossary (BE), "mandatory transfer". The others
#: are ours: time enough to ask the insurer, and a last call.
_DAYS: Mapping[CoverAlert, int] = {
    CoverAlert.ENDING: -15,
    CoverAlert.ENDS_SOON: -5,
    CoverAlert.ENDED: 0,
    CoverAlert.HAND_OVER: 30,
}


def cover_ends_on(cover: Cover, due_days: Iterable[date]) -> date:
    """The last day to which these claims may be deferred: the oldest original due date counts."""
    return cover.ends_on(min(due_days))


def due_alert(ends_on: date, told: Collection[CoverAlert], today: date) -> CoverAlert | None:
    """What is to be said today, or None. A step that was missed is not made up for: the one after
    it says more.
    """
    reached = [one for one, days in _DAYS.items() if today >= ends_on + timedelta(days=days)]
    return reached[-1] if reached and reached[-1] not in told else None
