"""What is told of alerts, read at once for mails, pushes and digests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from monitoring.alerts.notices import Told
from monitoring.alerts.queries import AlertLine, alert_lines
from monitoring.tables import Alert
from monitoring.telling.tables import Delivery, TellingPerson
from receivables.ids import AlertId, SupplierId
from receivables.parties.tables import Staff, Supplier


def telling_rows(supplier_id: SupplierId) -> Select[Delivery, Alert, Staff, Supplier, bool]:
    """A supplier's deliveries with who is told, and whether a push may name names."""
    return (
        select(Delivery, Alert, Staff, Supplier, TellingPerson.names_on_push)
        .join(Alert, (Alert.supplier_id == Delivery.supplier_id) & (Alert.id == Delivery.alert_id))
        .join(Staff, (Staff.supplier_id == Delivery.supplier_id) & (Staff.id == Delivery.staff_id))
        .join(Supplier, Supplier.id == Delivery.supplier_id)
        .outerjoin(
            TellingPerson,
            (TellingPerson.supplier_id == Delivery.supplier_id)
            & (TellingPerson.staff_id == Delivery.staff_id),
        )
        .where(Delivery.supplier_id == supplier_id)
    )


def lines_of(
    session: Session, supplier_id: SupplierId, alert_ids: Iterable[AlertId]
) -> dict[AlertId, AlertLine]:
    """These alerts by id."""
    found = alert_lines(session, supplier_id, list(dict.fromkeys(alert_ids)))
    return {line.alert_id: line for line in found}


def told_of(row: Any, lines: dict[AlertId, AlertLine]) -> Told:
    """One of `telling_rows`, with its alert."""
    return Told(
        line=lines[row.Delivery.alert_id],
        staff=row.Staff,
        supplier=row.Supplier,
        purpose=row.Delivery.purpose,
        names_on_push=bool(row.names_on_push),
    )


def is_moot(alert: Alert, staff: Staff, now: datetime) -> bool:
    """Whether this colleague need not hear of it any more."""
    put_off = alert.snoozed_until is not None and alert.snoozed_until > now
    return bool(alert.acknowledged_at or alert.retracted_at or staff.disabled_at or put_off)
