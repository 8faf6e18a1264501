"""Noticing that a source has fallen silent, and that it speaks again: once each."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts import actions
from monitoring.alerts.raising import NewAlert, raise_alert
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.alerts.tables import Alert
from monitoring.events import FeedSpeaksAgain, FeedWentSilent
from monitoring.sources.freshness import Freshness, freshness
from monitoring.sources.heartbeat import Trouble
from monitoring.sources.states import change, of_feed
from receivables.clock import Clock, local_date
from receivables.history import record
from receivables.ids import SupplierId
from receivables.parties.queries import supplier


def listen(
    session: Session, *, supplier_id: SupplierId, asked: Collection[str], clock: Clock
) -> list[str]:
    """Put on record which sources fell silent since the last look, each with an alert, and which
    speak again; returns the keys of those in trouble.
    """
    found = freshness(session, supplier_id, asked, now=clock.now())
    for one in found:
        if one.trouble is not None:
            _silent(session, supplier_id, one, one.trouble, clock=clock)
        elif one.told_since is not None:
            _speaks(session, supplier_id, one, clock=clock)
    return [one.source.key for one in found if one.trouble is not None]


def _silent(
    session: Session, supplier_id: SupplierId, one: Freshness, trouble: Trouble, *, clock: Clock
) -> None:
    key, now = one.source.key, clock.now()
    state = of_feed(session, supplier_id, key, now=now)
    is_told = bool(state.silence) and state.silent_since == trouble.since
    change(session, supplier_id, key, silence=trouble.silence.value, silent_since=trouble.since)
    if is_told:
        return
    record(
        session,
        FeedWentSilent(
            supplier_id=supplier_id,
            source=key,
            silence=trouble.silence.value,
            since=trouble.since,
        ),
        clock=clock,
    )
    today = local_date(now, supplier(session, supplier_id).zone)
    raise_alert(
        session,
        supplier_id=supplier_id,
        new=NewAlert(
            subject=_subject(key, trouble),
            kind=RuleKind.DEAD,
            severity=Severity.HIGH,
            source=key,
            as_of_on=today,
            detail={"since": trouble.since.isoformat(), "why": trouble.silence.value},
        ),
        clock=clock,
    )


def _speaks(session: Session, supplier_id: SupplierId, one: Freshness, *, clock: Clock) -> None:
    assert one.told_since is not None, "only who was silent speaks again"
    key = one.source.key
    change(session, supplier_id, key, silence="", silent_since=None)
    record(
        session,
        FeedSpeaksAgain(supplier_id=supplier_id, source=key, since=one.told_since),
        clock=clock,
    )
    rows = session.scalars(
        select(Alert.id).where(
            Alert.supplier_id == supplier_id,
            Alert.kind == RuleKind.DEAD,
            Alert.source == key,
            Alert.retracted_at.is_(None),
        )
    )
    for alert_id in list(rows):
        actions.retract(
            session,
            supplier_id=supplier_id,
            alert_id=alert_id,
            reason="the source speaks again",
            clock=clock,
        )


def _subject(key: str, trouble: Trouble) -> str:
    return f"feed:{key}:{trouble.since.isoformat()}"
