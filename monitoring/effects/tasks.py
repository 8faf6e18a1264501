"""What solvency sets off by itself: the stop, the claim, and what the supplier asked for."""

from __future__ import annotations

from monitoring.effects import actions
from monitoring.insolvency import claims
from monitoring.insolvency.events import SolvencyEventRecorded, SolvencyEventRetracted
from monitoring.insolvency.kinds import OPENINGS, EventKind
from receivables.broker import Work, reaction
from receivables.credit.events import SolvencyClassChanged


@reaction(SolvencyEventRecorded, queue_name="monitoring")
def stop_for_insolvency(work: Work, recorded: SolvencyEventRecorded) -> None:
    """Nothing is demanded of or charged to an insolvent debtor any more; our claim is opened."""
    assert recorded.debtor_id is not None, "a publication is about a debtor"
    clock = work.runtime.clock
    with work.finish() as session:
        begun = claims.take_insolvency(
            session,
            supplier_id=recorded.supplier_id,
            event_id=recorded.solvency_event_id,
            clock=clock,
        )
        if begun:
            actions.follow_insolvency(
                session,
                supplier_id=recorded.supplier_id,
                debtor_id=recorded.debtor_id,
                event_id=recorded.solvency_event_id,
                kind=recorded.event,
                clock=clock,
            )


@reaction(SolvencyEventRetracted, queue_name="monitoring")
def ask_about_resuming(work: Work, retracted: SolvencyEventRetracted) -> None:
    """What was taken back stops nothing for ever: a person says whether demands go out again."""
    assert retracted.debtor_id is not None, "a publication is about a debtor"
    if EventKind(retracted.event) not in OPENINGS:
        with work.finish():
            return
    clock = work.runtime.clock
    with work.finish() as session:
        over = claims.take_back(
            session,
            supplier_id=retracted.supplier_id,
            debtor_id=retracted.debtor_id,
            reason=retracted.reason,
            clock=clock,
        )
        if over:
            actions.follow_retraction(
                session,
                supplier_id=retracted.supplier_id,
                debtor_id=retracted.debtor_id,
                event_id=retracted.solvency_event_id,
                kind=retracted.event,
                clock=clock,
            )


@reaction(SolvencyClassChanged, queue_name="monitoring")
def follow_class(work: Work, changed: SolvencyClassChanged) -> None:
    """Limit, prepayment and plans, as the supplier has chosen."""
    assert changed.debtor_id is not None, "a class is a debtor's"
    with work.finish() as session:
        actions.follow_class(
            session,
            supplier_id=changed.supplier_id,
            debtor_id=changed.debtor_id,
            clock=work.runtime.clock,
        )
