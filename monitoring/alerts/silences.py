"""Alerts about sources that are silent, empty or late; they are for those who can mend it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.alerts import actions
from monitoring.alerts.raising import NewAlert, raise_alert
from monitoring.alerts.severities import RuleKind, Severity
from monitoring.alerts.tables import Alert
from monitoring.events import FeedSpeaksAgain, FeedWentSilent
from receivables.clock import Clock
from receivables.ids import AlertId


def tell_silence(session: Session, silent: FeedWentSilent, *, clock: Clock) -> AlertId | None:
    """Raise an alert about a silence; None when it was told of."""
    since = silent.since.isoformat()
    return raise_alert(
        session,
        supplier_id=silent.supplier_id,
        new=NewAlert(
            subject=f"feed:{silent.source}:{since}",
            kind=RuleKind.DEAD,
            severity=Severity.HIGH,
            source=silent.source,
            as_of_on=clock.now().date(),
            detail={"since": since, "silence": silent.silence},
        ),
        clock=clock,
    )


def end_silence(session: Session, speaks: FeedSpeaksAgain, *, clock: Clock) -> None:
    """Retract what was told of silences of this source."""
    standing = session.scalars(
        select(Alert.id).where(
            Alert.supplier_id == speaks.supplier_id,
            Alert.source == speaks.source,
            Alert.kind == RuleKind.DEAD,
            Alert.retracted_at.is_(None),
        )
    ).all()
    for alert_id in standing:
        actions.retract(
            session,
            supplier_id=speaks.supplier_id,
            alert_id=alert_id,
            reason="",
            clock=clock,
        )
