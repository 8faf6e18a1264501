"""What an office has once its staff chose how they are told, and an ERP is told as well."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from monitoring.alerts.rules import Severity
from monitoring.telling.choices import Choice, Pace, Portfolio, Slot
from monitoring.telling.people import where_is
from monitoring.telling.planning import Planner
from monitoring.telling.preferences import Preferences, note_opened, save_preferences
from monitoring.webhooks import actions as webhooks
from receivables.clock import Clock
from receivables.ids import AlertId, StaffId, SupplierId


def furnish_telling(
    session: Session, supplier_id: SupplierId, *, alert_id: AlertId, owner: StaffId, clock: Clock
) -> dict[str, UUID]:
    """A row in every table of telling, and an address with a message; its ids by name."""
    mine: dict[str, Any] = {"supplier_id": supplier_id, "clock": clock}
    choices = {(Portfolio.MINE, Severity.LOW): Choice(Pace.NOT)}
    save_preferences(session, **mine, staff_id=owner, wanted=Preferences(choices=choices))
    note_opened(session, **mine, alert_id=alert_id, staff_id=owner)
    now = clock.now()
    planner = Planner(session, supplier_id, now, where_is(session, supplier_id), {})
    planner.regular_digest(owner, Slot("daily", now.date(), now))
    endpoint_id = webhooks.add_endpoint(
        session, **mine, url="https://erp.example/hooks", kinds=["alert.raised"]
    )
    message_id = webhooks.put_test(session, **mine, endpoint_id=endpoint_id)
    return {"endpoint": endpoint_id, "message": message_id}
