"""What happens is put on record for those who want to hear of it, and sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from monitoring.events import AlertAcknowledged, AlertRaised, AlertRetracted
from monitoring.insolvency.events import SolvencyEventRecorded
from monitoring.webhooks import actions, sending
from receivables.broker import Work, actor, reaction, scheduled
from receivables.history import Event
from receivables.ids import SupplierId


def _put(work: Work, happened: Event) -> None:
    now = work.runtime.clock.now()
    with work.finish() as session:
        if actions.put_message(session, happened, clock=work.runtime.clock):
            send.enqueue(session, now=now, supplier_id=happened.supplier_id)


@reaction(AlertRaised, queue_name="monitoring")
def put_raised(work: Work, raised: AlertRaised) -> None:
    """Tell whoever wants to hear of alerts."""
    _put(work, raised)


@reaction(AlertAcknowledged, queue_name="monitoring")
def put_acknowledged(work: Work, acknowledged: AlertAcknowledged) -> None:
    """Tell whoever wants to hear of decisions."""
    _put(work, acknowledged)


@reaction(AlertRetracted, queue_name="monitoring")
def put_retracted(work: Work, retracted: AlertRetracted) -> None:
    """Tell whoever wants to hear of alerts that were taken back."""
    _put(work, retracted)


@reaction(SolvencyEventRecorded, queue_name="monitoring")
def put_recorded(work: Work, recorded: SolvencyEventRecorded) -> None:
    """Tell whoever wants to hear of publications."""
    _put(work, recorded)


@actor(queue_name="monitoring", max_retries=3)
def send(work: Work) -> None:
    """Send what is due for one supplier; where there is more, another round goes too."""
    runtime = work.runtime
    supplier_id = work.claimed.supplier_id
    assert supplier_id is not None, "messages are a supplier's"
    with work.transaction() as session:
        found = sending.begin_round(session, supplier_id=supplier_id, clock=runtime.clock)
        if found.has_more:
            send.enqueue(session, now=runtime.clock.now(), supplier_id=supplier_id)
    if not found.sendings:
        return
    answers = sending.send_round(runtime.hooks, found.sendings)
    with work.finish() as session:
        again = sending.close_round(
            session, supplier_id=supplier_id, answers=answers, clock=runtime.clock
        )
        for at in again:
            send_soon(session, supplier_id, now=runtime.clock.now(), at=at)


def send_soon(
    session: Session, supplier_id: SupplierId, *, now: datetime, at: datetime | None = None
) -> None:
    """Look for messages to send, at once or then."""
    send.enqueue(session, now=now, available_at=at, supplier_id=supplier_id)


@scheduled("* * * * *", queue_name="monitoring")
def look_for_messages(work: Work) -> None:
    """Send what a killed round or a lost wake-up left."""
    now = work.runtime.clock.now()
    with work.finish() as session:
        for supplier_id in sending.suppliers_with_messages_due(session, now=now):
            send.enqueue(
                session,
                now=now,
                supplier_id=supplier_id,
                dedup=f"webhooks:{supplier_id}:{now:%Y-%m-%dT%H:%M}",
            )
