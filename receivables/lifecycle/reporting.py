"""Saying what was cashed: each 212 is on record before anything is handed over, and once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import InvoiceId, SentStatusId, SupplierId, new_id
from receivables.invoices.tables import Document
from receivables.jobs import insert_or_ignore
from receivables.ledger.actions import lock_invoices
from receivables.lifecycle.cashing import Unreported, unreported
from receivables.lifecycle.codes import Status
from receivables.lifecycle.events import CashNotReportable, CashReported
from receivables.lifecycle.papers import Paper
from receivables.lifecycle.rules import by_rate
from receivables.lifecycle.tables import LifecycleSettings, SentState, SentStatus
from receivables.lifecycle.writing import Cashed, name_of, reference_of, write
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier

#: The country whose law asks for it, so that nobody has to switch it on there.
_BY_LAW = "FR"


@dataclass(frozen=True, slots=True)
class Emission:
    """Whether a supplier's platform is told; of what moved `since` then."""

    emits: bool
    since: datetime
    looked_until: datetime | None


def emission(session: Session, supplier: Supplier) -> Emission:
    """As the supplier chose; by default French sellers tell, of all that moved since they came."""
    row = session.get(LifecycleSettings, supplier.id)
    if row is None:
        return Emission(supplier.country == _BY_LAW, supplier.created_at, None)
    return Emission(row.emits, row.since, row.looked_until)


def choose_emission(
    session: Session, supplier_id: SupplierId, *, emits: bool, clock: Clock
) -> None:
    """From now on the platform is told, or is not; what moved before stays untold."""
    supplier = supplier_of(session, supplier_id)
    if emission(session, supplier).emits == emits:
        return
    row = _settings(session, supplier)
    row.emits, row.since, row.looked_until = emits, clock.now(), None
    session.flush()


def note_looked(session: Session, supplier_id: SupplierId, until: datetime) -> None:
    """The ledger was looked through until then."""
    _settings(session, supplier_of(session, supplier_id)).looked_until = until
    session.flush()


def _settings(session: Session, supplier: Supplier) -> LifecycleSettings:
    standing = emission(session, supplier)
    session.execute(
        insert_or_ignore(session, LifecycleSettings).values(
            supplier_id=supplier.id, emits=standing.emits, since=standing.since, looked_until=None
        )
    )
    return session.get_one(LifecycleSettings, supplier.id)


def documents_of(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, bytes]:
    """The document of each, the first where there are several."""
    rows = session.execute(
        select(Document.invoice_id, Document.content)
        .where(Document.supplier_id == supplier_id, Document.invoice_id.in_(invoice_ids))
        .order_by(Document.invoice_id, Document.created_at.desc(), Document.id.desc())
    )
    return {InvoiceId(row.invoice_id): row.content for row in rows}


def make_ready(
    session: Session,
    supplier_id: SupplierId,
    papers: Mapping[InvoiceId, Paper | None],
    *,
    clock: Clock,
) -> list[SentStatusId]:
    """Write down what is to be said of these invoices now, with the messages that say it; what is
    ready to be handed over. Whoever comes second finds nothing left to say.
    """
    supplier = supplier_of(session, supplier_id)
    lock_invoices(session, supplier_id, list(papers))
    ready = []
    for one in unreported(session, supplier_id, list(papers)):
        row = _row(supplier, one, papers[one.invoice_id], clock)
        session.add(row)
        session.flush()
        _tell(session, one, row, clock)
        if row.state == SentState.WAITING:
            ready.append(row.id)
    return ready


def _tell(session: Session, one: Unreported, row: SentStatus, clock: Clock) -> None:
    about: dict[str, Any] = {
        "supplier_id": row.supplier_id,
        "debtor_id": one.debtor_id,
        "invoice_id": row.invoice_id,
        "status_id": row.id,
        "amount": one.amount,
    }
    happened = (
        CashReported(**about, cashed_on=one.cashed_on)
        if row.state == SentState.WAITING
        else CashNotReportable(**about, why=row.why)
    )
    record(session, happened, clock=clock)


def _row(supplier: Supplier, one: Unreported, paper: Paper | None, clock: Clock) -> SentStatus:
    now, row_id = clock.now(), SentStatusId(new_id())
    made_at = now.astimezone(ZoneInfo(supplier.zone))
    shares = _shares(one.amount, paper)
    why = _why(paper, shares)
    reference = reference_of(
        one.number, paper.type_code if paper else "380", one.issued_on, made_at
    )
    content = None
    if paper is not None and not why:
        content = write(
            Cashed(
                reference=reference,
                number=one.number,
                issued_on=one.issued_on,
                cashed_on=one.cashed_on,
                made_at=made_at,
                shares=shares,
                paper=paper,
            )
        )
    return SentStatus(
        id=row_id,
        supplier_id=supplier.id,
        invoice_id=one.invoice_id,
        sequence=one.sequence,
        status=Status.CASHED,
        amount=one.amount,
        cashed_on=one.cashed_on,
        shares=[[f"{rate:f}", amount.minor] for rate, amount in shares],
        reference=reference,
        name=name_of(one.number, one.sequence, row_id.hex[-12:]),
        content=content,
        state=SentState.IMPOSSIBLE if content is None else SentState.WAITING,
        why=why,
        created_at=now,
        written_at=None,
    )


def _shares(amount: Money, paper: Paper | None) -> list[tuple[Decimal, Money]]:
    if paper is None or sum(part for _, part in paper.gross) <= 0:
        return []
    return [
        (rate, Money(minor, amount.currency)) for rate, minor in by_rate(amount.minor, paper.gross)
    ]


def _why(paper: Paper | None, shares: Sequence[object]) -> str:
    """Why a message cannot be made; empty where it can.

    Without rates no platform takes one: FNFE-MPE's rule BR-FR-CDV-14 wants each amount with its
    rate, and a profile such as Factur-X MINIMUM has none.
    """
    if paper is None:
        return "no_document"
    if paper.seller.number is None:
        return "no_seller"
    return "" if shares else "no_tax"


def message_to_write(
    session: Session, supplier_id: SupplierId, status_id: SentStatusId
) -> tuple[str, bytes] | None:
    """Name and content of a message that waits; None where there is none such any more."""
    row = session.scalar(
        select(SentStatus).where(
            SentStatus.supplier_id == supplier_id,
            SentStatus.id == status_id,
            SentStatus.state == SentState.WAITING,
        )
    )
    return None if row is None or row.content is None else (row.name, row.content)


def mark_written(
    session: Session, supplier_id: SupplierId, status_id: SentStatusId, *, clock: Clock
) -> None:
    """It was handed over."""
    row = session.scalar(
        select(SentStatus)
        .where(SentStatus.supplier_id == supplier_id, SentStatus.id == status_id)
        .with_for_update()
    )
    if row is not None and row.state == SentState.WAITING:
        row.state, row.written_at = SentState.WRITTEN, clock.now()
        session.flush()


def waiting(
    session: Session, supplier_id: SupplierId, *, before: datetime, most: int
) -> list[SentStatusId]:
    """What was made ready before then and still waits, the oldest first."""
    return list(
        session.scalars(
            select(SentStatus.id)
            .where(
                SentStatus.supplier_id == supplier_id,
                SentStatus.state == SentState.WAITING,
                SentStatus.created_at <= before,
            )
            .order_by(SentStatus.id)
            .limit(most)
        )
    )
