"""Publications of a gazette, and a supplier who takes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from monitoring.insolvency.actions import Taken, take_published
from monitoring.insolvency.events import SolvencyEventRecorded, SolvencyEventRetracted
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.published import Published
from monitoring.insolvency.tables import SolvencyEvent
from receivables.database import SYSTEM, Scope
from receivables.history import of_debtor
from receivables.ids import DebtorId, StaffId
from receivables.runtime import Runtime
from tests.support.builders import make_debtor, make_staff, make_supplier


def published(reference: str, kind: EventKind = EventKind.LIQUIDATION, **given: Any) -> Published:
    """One publication about SIREN 552 100 554."""
    values: dict[str, Any] = {
        "source": "bodacc",
        "country": "FR",
        "published_on": date(2026, 10, 28),
        "decided_on": None,
        "claims_until": None,
        "name": "Ateliers du Rhône SARL",
        "place": "Lyon",
        "is_person": False,
        "numbers": (("SIREN", "552100554"),),
        "label": reference,
    }
    return Published(reference=reference, kind=kind, **{**values, **given})


class Reader:
    """A supplier with debtors, and everything that is published about them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.clock = runtime, runtime.clock
        with runtime.transaction(SYSTEM) as session:
            self.supplier_id = make_supplier(session, clock=self.clock)
        with runtime.transaction(Scope(self.supplier_id)) as session:
            self.staff_id: StaffId = make_staff(session, self.supplier_id, clock=self.clock)

    def debtor(self, *numbers: tuple[str, str], **given: object) -> DebtorId:
        values = {"country": "FR", "name": "Ateliers du Rhône SARL", "city": "Lyon", **given}
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            return make_debtor(
                session, self.supplier_id, clock=self.clock, identifiers=numbers, **values
            )

    def take(self, *publications: Published) -> Taken:
        with self.runtime.transaction(Scope(self.supplier_id)) as session:
            return take_published(
                session, supplier_id=self.supplier_id, published=publications, clock=self.clock
            )

    def rows(self) -> list[SolvencyEvent]:
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            found = session.scalars(
                select(SolvencyEvent)
                .where(SolvencyEvent.supplier_id == self.supplier_id)
                .order_by(SolvencyEvent.reference, SolvencyEvent.debtor_id)
            ).all()
            session.expunge_all()
            return list(found)

    def states(self) -> dict[str, str]:
        """By reference, of a supplier with one debtor."""
        return {row.reference: row.state for row in self.rows()}

    def told(self, debtor_id: DebtorId) -> Iterable[tuple[str, str]]:
        """What history says: ("recorded" or "retracted", kind), the oldest first."""
        with self.runtime.reading(Scope(self.supplier_id)) as session:
            lines = of_debtor(session, self.supplier_id, debtor_id)
        return [
            (line.event.kind.removeprefix("solvency."), line.event.event)
            for line in reversed(lines)
            if isinstance(line.event, SolvencyEventRecorded | SolvencyEventRetracted)
        ]
