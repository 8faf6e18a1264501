"""Alerts: judged, acknowledged, taken back. `raising` puts them on record.

Readings are recorded in `readings`, rules changed in `rulebook`; telling people is in `telling`,
and the browsers that are woken in `browsers`.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring import rules, standing
from monitoring.changes import Reading
from monitoring.events import AlertAcknowledged, AlertRetracted
from monitoring.queries import NoSuchAlert
from monitoring.raising import FiredRule, NewAlert, raise_alerts
from monitoring.rules import AlertDraft, Exposure, RuleKind, Told
from monitoring.tables import Alert, AlertReason
from monitoring.watching import rules_in_force
from receivables.clock import Clock, local_date
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import (
    AlertId,
    DebtorId,
    ReadingId,
    StaffId,
    SupplierId,
)
from receivables.ledger.queries import exposure_of, exposure_total
from receivables.parties.queries import supplier
from receivables.parties.tables import Debtor


def evaluate(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, source: str, clock: Clock
) -> list[AlertId]:
    """Judge what a source says of a debtor and raise what nobody was told of yet.

    Judgements of one debtor wait for each other: each must see what the other told.
    """
    # KEY SHARE leaves room for rows that merely refer to the debtor, such as payments.
    session.execute(
        select(Debtor.id)
        .where(Debtor.supplier_id == supplier_id, Debtor.id == debtor_id)
        .with_for_update(key_share=True)
    )
    exposure = Exposure(
        tuple(exposure_of(session, supplier_id, debtor_id)),
        tuple(exposure_total(session, supplier_id)),
    )
    history = standing.history(session, supplier_id, debtor_id, source)
    drafts = rules.alerts_due(
        rules_in_force(session, supplier_id),
        history,
        _told(session, supplier_id, debtor_id, source, history),
        exposure,
        today=local_date(clock.now(), supplier(session, supplier_id).zone),
    )
    return raise_alerts(
        session,
        supplier_id=supplier_id,
        new=[_new_alert(debtor_id, source, draft, exposure) for draft in drafts],
        clock=clock,
    )


def _new_alert(debtor_id: DebtorId, source: str, draft: AlertDraft, exposure: Exposure) -> NewAlert:
    leading, after = draft.leading, draft.after
    return NewAlert(
        subject=f"reading:{after.reading_id}",
        kind=leading.rule.kind,
        severity=leading.severity,
        source=source,
        as_of_on=after.as_of_on,
        debtor_id=debtor_id,
        reading_id=after.reading_id,
        threshold=leading.rule.threshold,
        score_before=leading.before.score,
        score_after=after.score,
        band_before=leading.before.band,
        band_after=after.band,
        exposure=exposure,
        reasons=tuple(
            FiredRule(one.rule.rule_id, one.rule.kind, one.rule.threshold, one.severity)
            for one in draft.reasons
        ),
    )


def _told(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    source: str,
    history: list[Reading],
) -> list[Told]:
    rows = session.execute(
        select(Alert.reading_id, AlertReason.kind)
        .join(
            AlertReason,
            (AlertReason.supplier_id == Alert.supplier_id) & (AlertReason.alert_id == Alert.id),
        )
        .where(
            Alert.supplier_id == supplier_id, Alert.debtor_id == debtor_id, Alert.source == source
        )
    )
    kinds: dict[ReadingId, set[RuleKind]] = {}
    for row in rows:
        kinds.setdefault(row.reading_id, set()).add(RuleKind(row.kind))
    return [
        Told(reading, frozenset(kinds[reading.reading_id]))
        for reading in history
        if reading.reading_id in kinds
    ]


class Decision(StrEnum):
    """What somebody decides about an alert. It is kept; nothing is changed or sent by itself."""

    KEEP = "keep"
    LOWER_LIMIT = "lower_limit"
    PREPAYMENT = "prepayment"
    STOP_DELIVERIES = "stop_deliveries"
    INSURER_TOLD = "insurer_told"
    CALL = "call"
    FALSE_ALARM = "false_alarm"


class AlreadyAcknowledged(ReceivablesError):
    """A colleague was faster; their decision stands."""

    def __init__(self, alert_id: AlertId) -> None:
        self.alert_id = alert_id
        super().__init__(f"alert {alert_id} is acknowledged already")


def acknowledge(
    session: Session,
    *,
    supplier_id: SupplierId,
    alert_id: AlertId,
    staff_id: StaffId,
    decision: Decision,
    note: str,
    clock: Clock,
) -> None:
    """Decide about an alert. Raises NoSuchAlert, and AlreadyAcknowledged."""
    decided = session.execute(
        update(Alert)
        .where(
            Alert.supplier_id == supplier_id,
            Alert.id == alert_id,
            Alert.acknowledged_at.is_(None),
        )
        .values(
            acknowledged_at=clock.now(),
            acknowledged_by=staff_id,
            decision=decision,
            note=note.strip()[:2000],
        )
        .returning(Alert.debtor_id)
    ).one_or_none()
    if decided is None:
        _require(session, supplier_id, alert_id)
        raise AlreadyAcknowledged(alert_id)
    record(
        session,
        AlertAcknowledged(
            supplier_id=supplier_id,
            debtor_id=decided.debtor_id,
            alert_id=alert_id,
            decision=decision,
            note=note.strip()[:2000],
        ),
        clock=clock,
    )


def retract(
    session: Session, *, supplier_id: SupplierId, alert_id: AlertId, reason: str, clock: Clock
) -> bool:
    """Mark an alert as taken back by its source; False when it was. Raises NoSuchAlert.

    It stays in the list, as retracted; what was not sent yet is not sent any more.
    """
    retracted = session.execute(
        update(Alert)
        .where(Alert.supplier_id == supplier_id, Alert.id == alert_id, Alert.retracted_at.is_(None))
        .values(retracted_at=clock.now())
        .returning(Alert.debtor_id)
    ).one_or_none()
    if retracted is None:
        _require(session, supplier_id, alert_id)
        return False
    record(
        session,
        AlertRetracted(
            supplier_id=supplier_id,
            debtor_id=retracted.debtor_id,
            alert_id=alert_id,
            reason=reason[:300],
        ),
        clock=clock,
    )
    return True


def _require(session: Session, supplier_id: SupplierId, alert_id: AlertId) -> None:
    known = select(Alert.id).where(Alert.supplier_id == supplier_id, Alert.id == alert_id)
    if session.scalar(known) is None:
        raise NoSuchAlert(str(alert_id))
