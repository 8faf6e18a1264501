"""What is kept of health checks, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from monitoring.portfolio.customers import Customer
from monitoring.portfolio.faults import Fault
from monitoring.portfolio.merging import Cluster
from monitoring.portfolio.report_values import Report
from monitoring.portfolio.rules import Assumptions, Checked, Confidence
from monitoring.portfolio.tables import (
    PortfolioBelief,
    PortfolioCheck,
    PortfolioCluster,
    PortfolioCustomer,
    PortfolioDeed,
    PortfolioView,
)
from receivables.errors import NoSuch
from receivables.ids import PortfolioCheckId, PortfolioDeedId, StaffId, SupplierId
from receivables.parties.tables import Staff

_CHECK = PortfolioCheck
_ROW = PortfolioCustomer


class NoSuchCheck(NoSuch):
    """The supplier has no such check, or none that is ready; it may have been deleted."""


def of_supplier(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId
) -> PortfolioCheck:
    """Raises NoSuchCheck."""
    found = session.scalar(
        select(_CHECK).where(_CHECK.supplier_id == supplier_id, _CHECK.id == check_id)
    )
    if found is None:
        raise NoSuchCheck(str(check_id))
    return found


def ready(session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId) -> PortfolioCheck:
    """Raises NoSuchCheck while it has no report."""
    found = of_supplier(session, supplier_id, check_id)
    if found.state != "ready":
        raise NoSuchCheck(f"{check_id} has no report")
    return found


def report_of(session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId) -> Report:
    """Raises NoSuchCheck while it has none."""
    found = session.scalar(
        select(_CHECK)
        .where(_CHECK.supplier_id == supplier_id, _CHECK.id == check_id, _CHECK.state == "ready")
        .options(undefer(_CHECK.report))
    )
    if found is None:
        raise NoSuchCheck(str(check_id))
    return as_report(found.report)


def as_report(column: dict[str, Any]) -> Report:
    return msgspec.convert(column, Report, strict=False)


def checks(
    session: Session, supplier_id: SupplierId, *, most: int = 50
) -> Sequence[PortfolioCheck]:
    """The newest first."""
    return session.scalars(
        select(_CHECK)
        .where(_CHECK.supplier_id == supplier_id)
        .order_by(_CHECK.asked_at.desc(), _CHECK.id.desc())
        .limit(most)
    ).all()


def former(session: Session, check: PortfolioCheck) -> PortfolioCheck | None:
    """The last one before it of the same kind that has a report."""
    return session.scalar(
        select(_CHECK)
        .where(
            _CHECK.supplier_id == check.supplier_id,
            _CHECK.source == check.source,
            _CHECK.state == "ready",
            _CHECK.id != check.id,
            _CHECK.asked_at < check.asked_at,
        )
        .options(undefer(_CHECK.report))
        .order_by(_CHECK.asked_at.desc(), _CHECK.id.desc())
        .limit(1)
    )


def faults_of(check: PortfolioCheck) -> tuple[Fault, ...]:
    """Why the file was refused, or what was left out of it."""
    return tuple(msgspec.convert(check.faults.get("faults", []), list[Fault], strict=False))


def customers(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId
) -> list[Checked]:
    """In the order of the file, nothing merged."""
    rows = session.scalars(
        select(_ROW.checked)
        .where(_ROW.supplier_id == supplier_id, _ROW.check_id == check_id)
        .order_by(_ROW.place)
    )
    return [as_checked(row) for row in rows]


def as_checked(column: dict[str, Any]) -> Checked:
    return msgspec.convert(column, Checked, strict=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One customer, as it was said and as it was made out."""

    said: Customer
    checked: Checked


def rows(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    *,
    places: Sequence[int] | None = None,
    confidence: Confidence | None = None,
    most: int | None = None,
) -> list[Row]:
    """In the order of the file; those at `places`, or those of one confidence."""
    statement = (
        select(_ROW.said, _ROW.checked)
        .where(_ROW.supplier_id == supplier_id, _ROW.check_id == check_id)
        .order_by(_ROW.place)
    )
    if places is not None:
        statement = statement.where(_ROW.place.in_(list(places)))
    if confidence is not None:
        statement = statement.where(_ROW.confidence == confidence.value)
    return [
        Row(msgspec.convert(row.said, Customer, strict=False), as_checked(row.checked))
        for row in session.execute(statement.limit(most))
    ]


def count_of(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId, confidence: Confidence
) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(_ROW)
            .where(
                _ROW.supplier_id == supplier_id,
                _ROW.check_id == check_id,
                _ROW.confidence == confidence.value,
            )
        )
        or 0
    )


def clusters(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId
) -> list[Cluster]:
    found = session.scalars(
        select(PortfolioCluster)
        .where(PortfolioCluster.supplier_id == supplier_id, PortfolioCluster.check_id == check_id)
        .order_by(PortfolioCluster.place)
    )
    return [
        Cluster(
            place=one.place,
            places=tuple(one.members["places"]),
            survivor=one.survivor,
            is_duplicate=one.kind == "duplicate",
            score=one.score_permille / 1000,
            reasons=tuple(one.members.get("reasons", ())),
            decision=one.decision,
        )
        for one in found
    ]


def assumptions(session: Session, supplier_id: SupplierId) -> Assumptions:
    """The supplier's own, or the examples."""
    body = session.scalar(
        select(PortfolioBelief.body).where(PortfolioBelief.supplier_id == supplier_id)
    )
    return Assumptions() if body is None else as_assumptions(body)


def as_assumptions(body: dict[str, Any]) -> Assumptions:
    return msgspec.convert(body, Assumptions, strict=False)


@dataclass(frozen=True, slots=True)
class Viewed:
    """Who looked at a check, in what form, and when first on that day."""

    staff_name: str
    what: str
    seen_at: datetime


def views(session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId) -> list[Viewed]:
    found = session.execute(
        select(PortfolioView.what, PortfolioView.seen_at, Staff.name)
        .join(
            Staff,
            (Staff.supplier_id == PortfolioView.supplier_id) & (Staff.id == PortfolioView.staff_id),
        )
        .where(PortfolioView.supplier_id == supplier_id, PortfolioView.check_id == check_id)
        .order_by(PortfolioView.seen_at.desc(), PortfolioView.what)
        .limit(100)
    )
    return [Viewed(row.name, row.what, row.seen_at) for row in found]


def was_seen(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    *,
    staff_id: StaffId,
    what: str,
    on: date,
) -> bool:
    """Whether it is on record already that this person looked that day."""
    found = session.scalar(
        select(PortfolioView.what).where(
            PortfolioView.supplier_id == supplier_id,
            PortfolioView.check_id == check_id,
            PortfolioView.staff_id == staff_id,
            PortfolioView.what == what,
            PortfolioView.seen_on == on,
        )
    )
    return found is not None


def deeds(
    session: Session, supplier_id: SupplierId, check_id: PortfolioCheckId
) -> Sequence[PortfolioDeed]:
    """What was done from a check, the newest first."""
    return session.scalars(
        select(PortfolioDeed)
        .where(PortfolioDeed.supplier_id == supplier_id, PortfolioDeed.check_id == check_id)
        .order_by(PortfolioDeed.done_at.desc(), PortfolioDeed.id.desc())
    ).all()


class NoSuchDeed(NoSuch):
    """Nothing of the kind was done from this check."""


def deed(
    session: Session,
    supplier_id: SupplierId,
    check_id: PortfolioCheckId,
    deed_id: PortfolioDeedId,
) -> PortfolioDeed:
    """Raises NoSuchDeed."""
    found = session.scalar(
        select(PortfolioDeed)
        .where(
            PortfolioDeed.supplier_id == supplier_id,
            PortfolioDeed.check_id == check_id,
            PortfolioDeed.id == deed_id,
        )
        .with_for_update()
    )
    if found is None:
        raise NoSuchDeed(str(deed_id))
    return found
