"""What was published about debtors, as lists and pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from monitoring.insolvency.evidence import Evidence, weigh
from monitoring.insolvency.kinds import EventKind
from monitoring.insolvency.tables import SolvencyEvent
from receivables.ids import DebtorId, SolvencyEventId, SupplierId
from receivables.parties.tables import Debtor, Staff

#: What a publication can be to us; see `tables.SolvencyEvent`.
STATES = ("candidate", "stands", "retracted", "dismissed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One publication about one debtor, with what speaks for it being about them."""

    id: SolvencyEventId
    debtor_id: DebtorId
    debtor_name: str
    debtor_place: str
    kind: EventKind
    source: str
    published_on: date
    decided_on: date | None
    claims_until: date | None
    name: str
    place: str
    label: str
    court: str
    link: str
    is_person: bool
    matched_by: str
    state: str
    received_at: datetime
    #: Who confirmed or dismissed it; empty where nobody did.
    decided_by: str
    decided_at: datetime | None
    expires_on: date
    evidence: Evidence


def publications(
    session: Session,
    supplier_id: SupplierId,
    *,
    states: Sequence[str] = STATES,
    debtor_id: DebtorId | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Publication]:
    """The newest first. Of what concerns no creditor nobody is told, and it is not listed."""
    rows = session.execute(
        select(SolvencyEvent, Debtor.name, Debtor.city, Staff.name.label("decided_by"))
        .join(
            Debtor,
            (Debtor.supplier_id == SolvencyEvent.supplier_id)
            & (Debtor.id == SolvencyEvent.debtor_id),
        )
        .outerjoin(
            Staff,
            (Staff.supplier_id == SolvencyEvent.supplier_id)
            & (Staff.id == SolvencyEvent.decided_by),
        )
        .where(*_wanted(supplier_id, states, debtor_id))
        .order_by(SolvencyEvent.published_on.desc(), SolvencyEvent.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        _publication(row.SolvencyEvent, row.name, row.city or "", row.decided_by or "")
        for row in rows
    ]


def count_publications(
    session: Session,
    supplier_id: SupplierId,
    *,
    states: Sequence[str] = STATES,
    debtor_id: DebtorId | None = None,
) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(SolvencyEvent)
            .where(*_wanted(supplier_id, states, debtor_id))
        )
        or 0
    )


def candidates(session: Session, supplier_id: SupplierId) -> list[Publication]:
    """What waits for a person to say whose it is, the newest first."""
    return publications(session, supplier_id, states=("candidate",))


def events_of(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> list[Publication]:
    """Everything that was published about a debtor, whatever became of it."""
    return publications(session, supplier_id, debtor_id=debtor_id, limit=200)


def _wanted(
    supplier_id: SupplierId, states: Sequence[str], debtor_id: DebtorId | None
) -> list[ColumnElement[bool]]:
    wanted = [
        SolvencyEvent.supplier_id == supplier_id,
        SolvencyEvent.state.in_(states),
        SolvencyEvent.event != EventKind.OTHER.value,
    ]
    if debtor_id is not None:
        wanted.append(SolvencyEvent.debtor_id == debtor_id)
    return wanted


def _publication(row: SolvencyEvent, name: str, place: str, decided_by: str) -> Publication:
    return Publication(
        id=row.id,
        debtor_id=row.debtor_id,
        debtor_name=name,
        debtor_place=place,
        kind=EventKind(row.event),
        source=row.source,
        published_on=row.published_on,
        decided_on=row.decided_on,
        claims_until=row.claims_until,
        name=row.name,
        place=row.place,
        label=row.label,
        court=row.court,
        link=row.link,
        is_person=row.is_person,
        matched_by=row.matched_by,
        state=row.state,
        received_at=row.received_at,
        decided_by=decided_by,
        decided_at=row.decided_at,
        expires_on=row.expires_on,
        evidence=weigh(
            by_number=row.matched_by == "number",
            published_name=row.name,
            published_place=row.place,
            debtor_name=name,
            debtor_place=place,
            is_person=row.is_person,
        ),
    )
