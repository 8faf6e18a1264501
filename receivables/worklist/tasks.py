"""What the worklist needs done by itself: very little, since its tasks are its sources'."""

from __future__ import annotations

from receivables.broker import Work, scheduled
from receivables.worklist.actions import forget_marks


@scheduled("37 3 * * *")
def forget_old_marks(work: Work) -> None:
    """What somebody did with a task more than a year ago says nothing about it any more."""
    with work.finish() as session:
        forget_marks(session, clock=work.runtime.clock)
