"""Recording what a source said: once, whatever order it comes in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from monitoring import crediting, standing
from monitoring.bands import Band
from monitoring.changes import Change, Reading, compare
from monitoring.events import ScoreChanged
from monitoring.tables import ScoreReading
from receivables.clock import Clock
from receivables.history import record
from receivables.ids import DebtorId, SupplierId, new_id
from receivables.jobs import add_unless_known
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """What a feed makes of one thing its source said.

    `reference` is the source's own key, which makes a repeat harmless; without one the content
    is the key. `sequence` is the source's own order within the day; without one the order of
    arrival decides. `limit` is the credit the source would give.
    """

    source: str
    as_of_on: date
    scale: str
    score: int | None
    band: Band
    limit: Money | None = None
    status: str | None = None
    reference: str | None = None
    sequence: int | None = None

    @property
    def key(self) -> str:
        """What tells this reading from others of the same day."""
        if self.reference is not None:
            return self.reference
        content = f"{self.scale}|{self.score}|{self.band}|{self.limit}|{self.status}"
        return f"content:{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def record_reading(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    reading: NewReading,
    clock: Clock,
) -> bool:
    """Write down a reading; False when it was known. What it changes is recorded, and judged."""
    stored = _store(session, supplier_id, debtor_id, reading, clock=clock)
    if stored is None:
        return False
    before, after = _neighbours(session, supplier_id, debtor_id, reading.source, stored)
    change = compare(before, stored) if before else None
    if change is None and before is None and after is not None:
        # A late arrival at the beginning: only now is the one after it a change.
        change = compare(stored, after)
    if before is None and after is None:
        # The first thing a source says changes nothing, and is news all the same.
        crediting.write_down(session, supplier_id=supplier_id, debtor_id=debtor_id, clock=clock)
    if change is not None:
        record(session, _score_changed(supplier_id, debtor_id, reading.source, change), clock=clock)
    return True


_ROW = cast("Table", ScoreReading.__table__).c
_OF_SOURCE = (
    _ROW.supplier_id == bindparam("supplier"),
    _ROW.debtor_id == bindparam("debtor"),
    _ROW.source == bindparam("source"),
)
_COUNT_OF_DAY = select(func.count()).where(*_OF_SOURCE, _ROW.as_of_on == bindparam("day"))

_ORDER = (_ROW.as_of_on, _ROW.sequence, _ROW.source_reference)
_PLACE: tuple[Any, ...] = (
    bindparam("day", type_=_ROW.as_of_on.type),
    bindparam("sequence"),
    bindparam("reference"),
)
_OF_SOURCE_ONE = standing.readings().where(*_OF_SOURCE).limit(1)
_BEFORE = _OF_SOURCE_ONE.where(tuple_(*_ORDER) < tuple_(*_PLACE)).order_by(
    *(column.desc() for column in _ORDER)
)
_AFTER = _OF_SOURCE_ONE.where(tuple_(*_ORDER) > tuple_(*_PLACE)).order_by(*_ORDER)


def _store(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewReading,
    *,
    clock: Clock,
) -> Reading | None:
    sequence = new.sequence
    if sequence is None:
        sequence = session.scalar(
            _COUNT_OF_DAY,
            {**_of_source(supplier_id, debtor_id, new.source), "day": new.as_of_on},
        )
    row: dict[str, Any] = {
        "id": new_id(),
        "supplier_id": supplier_id,
        "debtor_id": debtor_id,
        "source": new.source,
        "as_of_on": new.as_of_on,
        "sequence": sequence,
        "source_reference": new.key,
        "received_at": clock.now(),
        "scale": new.scale,
        "score": new.score,
        "band": new.band,
        "limit_minor": new.limit.minor if new.limit else None,
        "limit_currency": new.limit.currency if new.limit else None,
        "status": new.status,
    }
    if not add_unless_known(session, ScoreReading, row):
        return None
    return Reading(
        reading_id=row["id"],
        as_of_on=new.as_of_on,
        sequence=row["sequence"],
        reference=new.key,
        received_at=row["received_at"],
        scale=new.scale,
        score=new.score,
        band=new.band,
    )


def _of_source(supplier_id: SupplierId, debtor_id: DebtorId, source: str) -> dict[str, Any]:
    return {"supplier": supplier_id, "debtor": debtor_id, "source": source}


def _neighbours(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, source: str, reading: Reading
) -> tuple[Reading | None, Reading | None]:
    """The readings before and after this one in the source's own order."""
    as_of_on, sequence, reference = reading.position
    values = {
        **_of_source(supplier_id, debtor_id, source),
        "day": as_of_on, "sequence": sequence, "reference": reference,
    }  # fmt: skip
    before = session.execute(_BEFORE, values).one_or_none()
    after = session.execute(_AFTER, values).one_or_none()
    return (
        standing.as_reading(before) if before else None,
        standing.as_reading(after) if after else None,
    )


def _score_changed(
    supplier_id: SupplierId, debtor_id: DebtorId, source: str, change: Change
) -> ScoreChanged:
    return ScoreChanged(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        source=source,
        as_of_on=change.after.as_of_on,
        change=change.kind,
        band_before=change.before.band,
        band_after=change.after.band,
        score_before=change.before.score,
        score_after=change.after.score,
    )
