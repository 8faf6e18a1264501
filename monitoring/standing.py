"""How debtors stand: their bands and scores, as sources told them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from monitoring.alerts.severities import OWN_BOOKS
from monitoring.bands import Band
from monitoring.changes import Reading
from monitoring.tables import ScoreReading
from receivables.ids import DebtorId, SupplierId
from receivables.money import Money
from receivables.parties.tables import Debtor

_ORDER = (ScoreReading.as_of_on, ScoreReading.sequence, ScoreReading.source_reference)


@dataclass(frozen=True, slots=True, kw_only=True)
class BandNow:
    """What the source that spoke last says of a debtor.

    `previous_band` is the one before the last change of band, and the same as `band` where it
    did not change since the day that was asked for.
    """

    band: Band
    previous_band: Band
    changed_on: date | None
    score: int | None
    source: str
    as_of_on: date


#: What `Reading` is made of, in its order; rows of a history are many, so no entities are built.
_READING = (
    ScoreReading.id,
    ScoreReading.as_of_on,
    ScoreReading.sequence,
    ScoreReading.source_reference,
    ScoreReading.received_at,
    ScoreReading.scale,
    ScoreReading.score,
    ScoreReading.band,
    ScoreReading.limit_minor,
    ScoreReading.limit_currency,
    ScoreReading.status,
    ScoreReading.days_beyond_terms,
)


#: The same as names of columns.
READING_COLUMNS = tuple(column.key for column in _READING)


def readings(*columns: Any) -> Select[*tuple[Any, ...]]:
    """A statement that finds readings, after further `columns`; see `as_reading`."""
    return select(*columns, *_READING)


def as_reading(row: Sequence[Any]) -> Reading:
    """The last columns of a row of `readings` as `rules` and `changes` take them."""
    (
        reading_id, as_of_on, sequence, reference, received_at, scale, score, band,
        limit_minor, limit_currency, status, days_beyond_terms,
    ) = row[-len(_READING) :]  # fmt: skip
    return Reading(
        reading_id=reading_id,
        as_of_on=as_of_on,
        sequence=sequence,
        reference=reference,
        received_at=received_at,
        scale=scale,
        score=score,
        band=Band(band),
        limit=None if limit_minor is None else Money(limit_minor, limit_currency),
        status=status,
        days_beyond_terms=days_beyond_terms,
    )


def history(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, source: str
) -> list[Reading]:
    """All that one source said of a debtor, the oldest first."""
    rows = session.execute(
        readings()
        .where(
            ScoreReading.supplier_id == supplier_id,
            ScoreReading.debtor_id == debtor_id,
            ScoreReading.source == source,
        )
        .order_by(*_ORDER)
    )
    return [as_reading(row) for row in rows]


def histories_of(
    session: Session, supplier_id: SupplierId, source: str, debtors: Sequence[DebtorId]
) -> dict[DebtorId, list[Reading]]:
    """All that one source said of these debtors, the oldest first."""
    rows = session.execute(
        readings(ScoreReading.debtor_id)
        .where(
            ScoreReading.supplier_id == supplier_id,
            ScoreReading.source == source,
            ScoreReading.debtor_id.in_(debtors),
        )
        .order_by(ScoreReading.debtor_id, *_ORDER)
    )
    by_debtor: dict[DebtorId, list[Reading]] = {}
    for row in rows:
        by_debtor.setdefault(row[0], []).append(as_reading(row))
    return by_debtor


def histories(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[str, list[Reading]]:
    """The same by source, for charts: raw scores of two sources never share one."""
    rows = session.execute(
        readings(ScoreReading.source)
        .where(ScoreReading.supplier_id == supplier_id, ScoreReading.debtor_id == debtor_id)
        .order_by(ScoreReading.source, *_ORDER)
    )
    by_source: dict[str, list[Reading]] = {}
    for row in rows:
        by_source.setdefault(row.source, []).append(as_reading(row))
    return by_source


def bands(
    session: Session,
    supplier_id: SupplierId,
    debtor_ids: Iterable[DebtorId] | None = None,
    *,
    since: date | None = None,
) -> dict[DebtorId, BandNow]:
    """How these debtors stand, or all; who was never rated is left out.

    Of several sources the one with the newest reading speaks. Changes of band before `since`
    are not mentioned.
    """
    rows = session.execute(_turning_points(supplier_id, debtor_ids)).all()
    heads: dict[DebtorId, Any] = {}
    turns: dict[tuple[DebtorId, str], Any] = {}
    for row in rows:
        best = heads.get(row.debtor_id)
        if row.from_head == 1 and (best is None or row.as_of_on > best.as_of_on):
            heads[row.debtor_id] = row
        if row.band_before is not None and row.band_before != row.band:
            turns[row.debtor_id, row.source] = row
    return {
        debtor_id: _band_now(head, turns.get((debtor_id, head.source)), since)
        for debtor_id, head in heads.items()
    }


def _turning_points(
    supplier_id: SupplierId, debtor_ids: Iterable[DebtorId] | None
) -> Select[*tuple[Any, ...]]:
    """The newest reading of each debtor and source, and those where the band changed."""
    each = (ScoreReading.debtor_id, ScoreReading.source)
    told = select(
        ScoreReading.debtor_id,
        ScoreReading.source,
        ScoreReading.as_of_on,
        ScoreReading.sequence,
        ScoreReading.score,
        ScoreReading.band,
        func.lag(ScoreReading.band).over(partition_by=each, order_by=_ORDER).label("band_before"),
        func.row_number()
        .over(partition_by=each, order_by=[column.desc() for column in _ORDER])
        .label("from_head"),
    ).where(ScoreReading.supplier_id == supplier_id, ScoreReading.source != OWN_BOOKS)
    if debtor_ids is not None:
        told = told.where(ScoreReading.debtor_id.in_(list(debtor_ids)))
    all_of_them = told.subquery()
    return (
        select(all_of_them)
        .where((all_of_them.c.from_head == 1) | (all_of_them.c.band != all_of_them.c.band_before))
        .order_by(all_of_them.c.source, all_of_them.c.from_head.desc())
    )


def _band_now(head: Any, turn: Any, since: date | None) -> BandNow:
    is_told = turn is not None and (since is None or turn.as_of_on >= since)
    return BandNow(
        band=Band(head.band),
        previous_band=Band(turn.band_before if is_told else head.band),
        changed_on=turn.as_of_on if is_told else None,
        score=head.score,
        source=head.source,
        as_of_on=head.as_of_on,
    )


def band_counts(session: Session, supplier_id: SupplierId) -> dict[Band, int]:
    """How many debtors stand in each band; NONE counts those without an opinion, too."""
    counted = Counter(now.band for now in bands(session, supplier_id).values())
    debtors = session.scalar(
        select(func.count()).select_from(Debtor).where(Debtor.supplier_id == supplier_id)
    )
    never_rated = (debtors or 0) - counted.total()
    return {band: counted[band] + (never_rated if band is Band.NONE else 0) for band in Band}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLine:
    """One reading in a list."""

    debtor_id: DebtorId
    debtor_name: str
    source: str
    score: int | None
    band: Band
    as_of_on: date
    received_at: datetime


def latest_readings(
    session: Session, supplier_id: SupplierId, *, limit: int = 50
) -> Sequence[ReadingLine]:
    """What arrived last, the newest first."""
    rows = session.execute(
        select(ScoreReading, Debtor.name)
        .join(
            Debtor,
            (Debtor.supplier_id == ScoreReading.supplier_id)
            & (Debtor.id == ScoreReading.debtor_id),
        )
        .where(ScoreReading.supplier_id == supplier_id)
        .order_by(ScoreReading.received_at.desc(), ScoreReading.id.desc())
        .limit(limit)
    )
    return [
        ReadingLine(
            debtor_id=row.debtor_id,
            debtor_name=name,
            source=row.source,
            score=row.score,
            band=Band(row.band),
            as_of_on=row.as_of_on,
            received_at=row.received_at,
        )
        for row, name in rows
    ]
