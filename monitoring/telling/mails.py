"""The mail of one delivery: claimed and composed, sent elsewhere, its outcome written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring.alerts.notices import alert_mail, overdue_of
from monitoring.alerts.queries import AlertLine
from monitoring.alerts.severities import RuleKind
from monitoring.tables import Alert
from monitoring.telling.tables import Delivery
from monitoring.telling.told import is_moot, lines_of, telling_rows, told_of
from receivables.clock import Clock, local_date
from receivables.ids import DeliveryId, SupplierId
from receivables.ledger.queries import open_items
from receivables.ports import MailMessage
from receivables.settings import Settings

WAITING = ("pending", "sending")


def _mine(supplier_id: SupplierId, delivery_id: DeliveryId) -> tuple[Any, ...]:
    return (Delivery.supplier_id == supplier_id, Delivery.id == delivery_id)


def begin_mail(
    session: Session,
    *,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Claim a delivery and compose its mail; None when there is nothing to send any more.

    What is found in `sending` is sent again: better twice under one Message-ID than not at all.
    """
    claimed = session.execute(
        update(Delivery)
        .where(*_mine(supplier_id, delivery_id), Delivery.state.in_(WAITING))
        .values(state="sending", attempts=Delivery.attempts + 1)
        .returning(Delivery.id)
    ).one_or_none()
    if claimed is None:
        return None
    row = session.execute(telling_rows(supplier_id).where(Delivery.id == delivery_id)).one()
    if is_moot(row.Alert, row.Staff, clock.now()):
        close(session, supplier_id, delivery_id, "unneeded")
        return None
    told = told_of(row, lines_of(session, supplier_id, [row.Alert.id]))
    today = local_date(clock.now(), told.supplier.zone)
    debtor_id = told.line.debtor_id
    items = open_items(session, supplier_id, debtor_id) if debtor_id else []
    members: tuple[AlertLine, ...] = ()
    if told.line.kind is RuleKind.MASS:
        of_mass = select(Alert.id).where(
            Alert.supplier_id == supplier_id, Alert.mass_alert_id == told.line.alert_id
        )
        members = tuple(lines_of(session, supplier_id, session.scalars(of_mass)).values())
    return alert_mail(
        told,
        delivery_id,
        overdue=overdue_of(items, today),
        members=members,
        backoffice_url=settings.web.backoffice_url,
    )


def close(
    session: Session,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    state: str,
    *,
    reason: str = "",
    delivered_at: datetime | None = None,
) -> None:
    """Write down what became of a delivery that waits."""
    session.execute(
        update(Delivery)
        .where(*_mine(supplier_id, delivery_id), Delivery.state.in_(WAITING))
        .values(state=state, reason=reason[:300], delivered_at=delivered_at)
    )


def mail_taken(
    session: Session, *, supplier_id: SupplierId, delivery_id: DeliveryId, clock: Clock
) -> None:
    """The mail was handed over."""
    close(session, supplier_id, delivery_id, "delivered", delivered_at=clock.now())


def mail_put_off(
    session: Session, *, supplier_id: SupplierId, delivery_id: DeliveryId, reason: str
) -> None:
    """The mail has to be tried again."""
    close(session, supplier_id, delivery_id, "pending", reason=reason)


def mail_failed(
    session: Session, *, supplier_id: SupplierId, delivery_id: DeliveryId, reason: str
) -> None:
    """The mail will not be sent, for a reason staff can read."""
    close(session, supplier_id, delivery_id, "failed", reason=reason)
