"""A supplier's addresses, and what was sent to one of them lately."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.webhooks.actions import NoSuchEndpoint
from monitoring.webhooks.tables import WebhookEndpoint, WebhookMessage
from receivables.ids import SupplierId, WebhookEndpointId


def endpoints(session: Session, supplier_id: SupplierId) -> Sequence[WebhookEndpoint]:
    """Every address that was not removed, the oldest first."""
    return session.scalars(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.supplier_id == supplier_id, WebhookEndpoint.state != "removed")
        .order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)
    ).all()


def endpoint(
    session: Session, supplier_id: SupplierId, endpoint_id: WebhookEndpointId
) -> WebhookEndpoint:
    """One address. Raises NoSuchEndpoint."""
    found = session.scalar(
        select(WebhookEndpoint).where(
            WebhookEndpoint.supplier_id == supplier_id,
            WebhookEndpoint.id == endpoint_id,
            WebhookEndpoint.state != "removed",
        )
    )
    if found is None:
        raise NoSuchEndpoint(str(endpoint_id))
    return found


def messages(
    session: Session, supplier_id: SupplierId, endpoint_id: WebhookEndpointId, *, most: int = 25
) -> Sequence[WebhookMessage]:
    """What was sent to an address or waits for it, the newest first."""
    return session.scalars(
        select(WebhookMessage)
        .where(WebhookMessage.supplier_id == supplier_id, WebhookMessage.endpoint_id == endpoint_id)
        .order_by(WebhookMessage.created_at.desc(), WebhookMessage.id.desc())
        .limit(most)
    ).all()
