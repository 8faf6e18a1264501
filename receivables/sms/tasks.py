"""The work of text messages: nothing stays under way."""

from __future__ import annotations

from receivables.broker import Work, scheduled
from receivables.sms import actions


@scheduled("* * * * *")
def mark_unanswered(work: Work) -> None:
    """Whatever a dead worker left under way is shown to a person."""
    clock = work.runtime.clock
    with work.finish() as session:
        actions.mark_unanswered(session, now=clock.now(), clock=clock)
