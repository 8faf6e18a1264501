"""What sets off alerts that no reading does: publications, used limits, silent sources."""

from __future__ import annotations

from datetime import timedelta

from monitoring.alerts import publishing, silences, using
from monitoring.events import FeedSpeaksAgain, FeedWentSilent
from monitoring.insolvency.events import SolvencyEventRecorded, SolvencyEventRetracted
from receivables.broker import Work, actor, reaction, scheduled

#: Longer than from one look to the next, so that none is missed where a look comes late.
_LOOK_BACK = timedelta(minutes=35)


@reaction(SolvencyEventRecorded, queue_name="monitoring")
def tell_published(work: Work, recorded: SolvencyEventRecorded) -> None:
    """Raise an alert about what was published of a debtor."""
    with work.finish() as session:
        publishing.tell_published(
            session,
            supplier_id=recorded.supplier_id,
            event_id=recorded.solvency_event_id,
            clock=work.runtime.clock,
        )


@reaction(SolvencyEventRetracted, queue_name="monitoring")
def take_back_published(work: Work, retracted: SolvencyEventRetracted) -> None:
    """Mark the alert about it as taken back."""
    with work.finish() as session:
        publishing.take_back(
            session,
            supplier_id=retracted.supplier_id,
            event_id=retracted.solvency_event_id,
            reason=retracted.reason,
            clock=work.runtime.clock,
        )


@reaction(FeedWentSilent, queue_name="monitoring")
def tell_of_silence(work: Work, silent: FeedWentSilent) -> None:
    """Raise an alert that a source gives no longer what it should."""
    with work.finish() as session:
        silences.tell_silence(session, silent, clock=work.runtime.clock)


@reaction(FeedSpeaksAgain, queue_name="monitoring")
def tell_of_speech(work: Work, speaks: FeedSpeaksAgain) -> None:
    """The source gives again what it should: the alert has no object any more."""
    with work.finish() as session:
        silences.end_silence(session, speaks, clock=work.runtime.clock)


@scheduled("*/15 * * * *", queue_name="monitoring")
def look_at_limits(work: Work) -> None:
    """Look at the limits of every supplier who has given any; at four in the morning at all."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier_id in using.suppliers_with_limits(session):
            look_at_limits_of.enqueue(
                session,
                now=now,
                supplier_id=supplier_id,
                dedup=f"limits:{supplier_id}:{now:%Y-%m-%dT%H:%M}",
                everybody=now.hour == 4 and now.minute < 15,
            )


@actor(queue_name="monitoring")
def look_at_limits_of(work: Work, everybody: bool) -> None:
    """Tell of limits that are used up to a level somebody asked about."""
    supplier_id, clock = work.claimed.supplier_id, work.runtime.clock
    assert supplier_id is not None, "limits are a supplier's"
    with work.finish() as session:
        using.look_at_uses(
            session,
            supplier_id=supplier_id,
            since=None if everybody else clock.now() - _LOOK_BACK,
            clock=clock,
        )
