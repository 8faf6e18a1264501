"""How debtors pay, as others may know it. No debtor ever reads this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.credit.queries import standing
from receivables.credit.rules import PayerClass
from receivables.ids import DebtorId, SupplierId
from receivables.parties.tables import Staff
from receivables.payers.rules import Parts, Penalty, Trend, largest, penalties, worst_of
from receivables.payers.tables import ProfileRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A person's word about a class."""

    payer_class: PayerClass
    reason: str
    until: date
    #: Empty where nobody knows who said it.
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """How one debtor pays, and why we say so."""

    #: As calculated; a person may say otherwise.
    payer_class: PayerClass
    override: Override | None
    score: int
    trend: Trend
    parts: Parts
    #: The largest penalties with the points lost, the largest first; three at most.
    largest: tuple[tuple[Penalty, float], ...]
    paid_count: int
    as_of: date
    #: The worse of how the debtor pays and how solvent they are; empty where neither is known.
    joint: str

    @property
    def counts(self) -> PayerClass:
        """The class that counts."""
        return self.override.payer_class if self.override else self.payer_class


def class_of(
    session: Session, supplier_id: SupplierId, debtor_ids: Sequence[DebtorId] | None = None
) -> dict[DebtorId, PayerClass]:
    """The class that counts for each debtor (of these, or of all) that has one; the others are N.

    It may order work for anybody. To refuse something, ask the debtor's standing instead: there a
    natural person has no calculated class.
    """
    statement = select(
        ProfileRow.debtor_id, ProfileRow.payer_class, ProfileRow.override_class
    ).where(ProfileRow.supplier_id == supplier_id)
    if debtor_ids is not None:
        statement = statement.where(ProfileRow.debtor_id.in_(debtor_ids))
    return {
        row.debtor_id: PayerClass(row.override_class or row.payer_class)
        for row in session.execute(statement)
    }


def profiled(session: Session, supplier_id: SupplierId) -> list[DebtorId]:
    """Every debtor of whom a profile is kept."""
    return list(
        session.scalars(select(ProfileRow.debtor_id).where(ProfileRow.supplier_id == supplier_id))
    )


def profile_of(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> ProfileView | None:
    """One debtor's profile; None before it was first worked out."""
    row = session.scalar(
        select(ProfileRow).where(
            ProfileRow.supplier_id == supplier_id, ProfileRow.debtor_id == debtor_id
        )
    )
    if row is None or not row.parts:
        return None
    parts = Parts(**row.parts)
    lost = penalties(parts)
    payer_class = PayerClass(row.payer_class)
    said = _override(session, row)
    solvency = standing(session, supplier_id, debtor_id).solvency_class
    return ProfileView(
        payer_class=payer_class,
        override=said,
        score=row.score,
        trend=Trend(row.trend),
        parts=parts,
        largest=tuple((one, lost[one]) for one in largest(parts)),
        paid_count=row.paid_count,
        as_of=row.as_of,
        joint=worst_of(said.payer_class if said else payer_class, solvency),
    )


def _override(session: Session, row: ProfileRow) -> Override | None:
    if row.override_class is None or row.override_until is None:
        return None
    name = ""
    if row.override_by is not None:
        named = select(Staff.name).where(
            Staff.supplier_id == row.supplier_id, Staff.id == row.override_by
        )
        name = session.scalar(named) or ""
    return Override(
        payer_class=PayerClass(row.override_class),
        reason=row.override_reason,
        until=row.override_until,
        by=name,
    )
