"""Proposals as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.effects.actions import limit_of
from monitoring.effects.rules import Effect
from monitoring.effects.tables import SolvencyProposal
from receivables.credit.queries import standings
from receivables.ids import DebtorId, SolvencyProposalId, SupplierId
from receivables.money import Money
from receivables.parties.tables import Debtor, Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    proposal_id: SolvencyProposalId
    debtor_id: DebtorId
    debtor_name: str
    effect: Effect
    #: A class A to E, or a kind of publication.
    cause: str
    state: str
    #: For a limit: what it becomes, and what it was.
    limit: Money | None
    limit_before: Money | None
    is_automatic: bool
    made_at: datetime
    decided_at: datetime | None
    decided_by: str


def proposals(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    only_open: bool = False,
    most: int = 200,
) -> list[ProposalLine]:
    """The newest first."""
    statement = (
        select(SolvencyProposal, Debtor.name, Staff.name.label("staff_name"))
        .join(
            Debtor,
            (Debtor.supplier_id == SolvencyProposal.supplier_id)
            & (Debtor.id == SolvencyProposal.debtor_id),
        )
        .outerjoin(
            Staff,
            (Staff.supplier_id == SolvencyProposal.supplier_id)
            & (Staff.id == SolvencyProposal.decided_by),
        )
        .where(SolvencyProposal.supplier_id == supplier_id)
        .order_by(SolvencyProposal.made_at.desc(), SolvencyProposal.id)
        .limit(most)
    )
    if debtor_id is not None:
        statement = statement.where(SolvencyProposal.debtor_id == debtor_id)
    if only_open:
        statement = statement.where(SolvencyProposal.state == "open")
    return [
        ProposalLine(
            proposal_id=row.id,
            debtor_id=row.debtor_id,
            debtor_name=name,
            effect=Effect(row.effect),
            cause=row.cause,
            state=row.state,
            limit=limit_of(row.wanted),
            limit_before=limit_of(row.before),
            is_automatic=row.is_automatic,
            made_at=row.made_at,
            decided_at=row.decided_at,
            decided_by=staff_name or "",
        )
        for row, name, staff_name in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsLine:
    """How one debtor is to be supplied: -> the list for the supplier's own software."""

    number: str
    name: str
    limit: Money | None
    prepayment_since: date | None
    insolvent_on: date | None


def terms_list(session: Session, supplier_id: SupplierId) -> list[TermsLine]:
    """Debtors with a limit, prepayment or an insolvency, by number."""
    known = standings(session, supplier_id)
    rows = session.execute(
        select(Debtor.id, Debtor.number, Debtor.name)
        .where(Debtor.supplier_id == supplier_id)
        .order_by(Debtor.number)
    )
    return [
        TermsLine(
            number=row.number,
            name=row.name,
            limit=one.limit,
            prepayment_since=one.prepayment_since,
            insolvent_on=one.insolvent_on,
        )
        for row in rows
        if (one := known.get(row.id)) is not None
        and (one.limit or one.prepayment_since or one.insolvent_on)
    ]
