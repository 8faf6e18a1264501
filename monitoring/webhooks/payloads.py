"""What a message says: an object with `type`, `timestamp` and `data`; see docs/webhooks.md.

It names the debtor by the supplier's own number, so that an ERP finds it without asking us.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.events import AlertAcknowledged, AlertRaised, AlertRetracted
from monitoring.insolvency.events import SolvencyEventRecorded
from monitoring.insolvency.tables import SolvencyEvent
from monitoring.tables import Alert
from monitoring.webhooks.rules import Kind
from receivables.history import Event
from receivables.ids import DebtorId, SupplierId
from receivables.parties.tables import Debtor, Staff


def body_of(kind: Kind, at: datetime, data: Mapping[str, Any]) -> str:
    """The message as it is signed and sent."""
    message = {"type": kind.value, "timestamp": at.isoformat(timespec="seconds"), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"), default=str)


def data_of(session: Session, happened: Event) -> tuple[Kind, UUID, dict[str, Any]]:
    """Kind, subject and data of an event."""
    match happened:
        case AlertRaised():
            return Kind.RAISED, happened.alert_id, _alert(session, happened)
        case AlertAcknowledged():
            data = _alert(session, happened)
            return Kind.ACKNOWLEDGED, happened.alert_id, {**data, "decision": happened.decision}
        case AlertRetracted():
            return Kind.RETRACTED, happened.alert_id, _alert(session, happened)
        case SolvencyEventRecorded():
            return Kind.RECORDED, happened.solvency_event_id, _publication(session, happened)
    raise AssertionError(f"nobody is told of {happened.kind}")


def _alert(
    session: Session, happened: AlertRaised | AlertAcknowledged | AlertRetracted
) -> dict[str, Any]:
    alert, due_on, by = session.execute(
        select(Alert, Alert.due_on, Staff.name)
        .outerjoin(
            Staff, (Staff.supplier_id == Alert.supplier_id) & (Staff.id == Alert.acknowledged_by)
        )
        .where(Alert.supplier_id == happened.supplier_id, Alert.id == happened.alert_id)
    ).one()
    data = {
        "alert_id": alert.id,
        "rule": alert.kind,
        "severity": alert.severity,
        "source": alert.source,
        "as_of_on": alert.as_of_on,
        "band_before": alert.band_before,
        "band_after": alert.band_after,
        **_debtor(session, happened.supplier_id, alert.debtor_id),
    }
    if isinstance(happened, AlertAcknowledged):
        data |= {"acknowledged_by": by, "due_on": due_on}
    return data


def _publication(session: Session, happened: SolvencyEventRecorded) -> dict[str, Any]:
    claims_until = session.scalar(
        select(SolvencyEvent.claims_until).where(
            SolvencyEvent.supplier_id == happened.supplier_id,
            SolvencyEvent.id == happened.solvency_event_id,
        )
    )
    return {
        "solvency_event_id": happened.solvency_event_id,
        "event": happened.event,
        "source": happened.source,
        "published_on": happened.published_on,
        "claims_until": claims_until,
        **_debtor(session, happened.supplier_id, happened.debtor_id),
    }


def _debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[str, Any]:
    if debtor_id is None:
        return {"debtor": None}
    number = session.scalar(
        select(Debtor.number).where(Debtor.supplier_id == supplier_id, Debtor.id == debtor_id)
    )
    return {"debtor": {"id": debtor_id, "number": number}}
