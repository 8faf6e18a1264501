"""Recording what a source said: once, whatever order it comes in, one reading or fifty thousand.

A source that tells everything anew says mostly what it said before. So readings are written many
at once, held against what stood last, and only the debtors of whom it says something else are
judged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import msgspec
from sqlalchemy import Table, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from monitoring import crediting, standing
from monitoring.bands import Band
from monitoring.changes import Change, Reading, compare, says_otherwise
from monitoring.events import ScoreChanged
from monitoring.tables import ScoreReading
from receivables.clock import Clock
from receivables.history import record_all
from receivables.ids import DebtorId, SupplierId, new_id
from receivables.jobs import enqueue
from receivables.many import add_unknown
from receivables.money import Money

#: The actor in `tasks` that judges what is said of debtors, and for how many it is asked at once.
JUDGE = "monitoring.judge"
AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """What a feed makes of one thing its source said.

    `reference` is the source's own key, which makes a repeat harmless; without one the content
    is the key. `sequence` is the source's own order within the day; without one the order of
    arrival decides. `limit` is the credit the source would give, `days_beyond_terms` by how many
    days after the due day the company pays others.
    """

    source: str
    as_of_on: date
    scale: str
    score: int | None
    band: Band
    limit: Money | None = None
    status: str | None = None
    days_beyond_terms: int | None = None
    reference: str | None = None
    sequence: int | None = None

    @property
    def key(self) -> str:
        """What tells this reading from others of the same day."""
        if self.reference is not None:
            return self.reference
        content = f"{self.scale}|{self.score}|{self.band}|{self.limit}|{self.status}"
        if self.days_beyond_terms is not None:
            content += f"|{self.days_beyond_terms}"
        return f"content:{hashlib.sha256(content.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A reading whose debtor is found."""

    debtor_id: DebtorId
    reading: NewReading


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """A debtor of whom a source says something."""

    debtor_id: DebtorId
    source: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of readings: how many were new, and of whom they say something else.

    `first` are debtors of whom a source speaks for the first time, which is no change.
    """

    new: int
    changed: tuple[Said, ...]
    first: tuple[Said, ...]


def record_reading(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    reading: NewReading,
    clock: Clock,
) -> bool:
    """Write down a reading; False when it was known. What it changes is recorded, and judged."""
    accepted = [Accepted(debtor_id, reading)]
    recorded = record_only(session, supplier_id=supplier_id, accepted=accepted, clock=clock)
    for one in recorded.first:
        # The first thing a source says changes nothing, and is news all the same.
        crediting.write_down(session, supplier_id=supplier_id, debtor_id=one.debtor_id, clock=clock)
    _have_judged(session, supplier_id, recorded.changed, clock=clock)
    return recorded.new == 1


def record_readings(
    session: Session, *, supplier_id: SupplierId, accepted: Sequence[Accepted], clock: Clock
) -> int:
    """The same for many readings of one supplier; returns how many were new."""
    recorded = record_only(session, supplier_id=supplier_id, accepted=accepted, clock=clock)
    _have_judged(session, supplier_id, (*recorded.changed, *recorded.first), clock=clock)
    return recorded.new


def _have_judged(
    session: Session, supplier_id: SupplierId, said: Sequence[Said], *, clock: Clock
) -> None:
    for place in range(0, len(said), AT_ONCE):
        some = msgspec.to_builtins(said[place : place + AT_ONCE])
        enqueue(session, JUDGE, {"said": some}, now=clock.now(), supplier_id=supplier_id)


def record_only(
    session: Session, *, supplier_id: SupplierId, accepted: Sequence[Accepted], clock: Clock
) -> Recorded:
    """Write down readings and record what they change; judging them is the caller's to do."""
    by_source: dict[str, dict[tuple[DebtorId, date, str], Accepted]] = {}
    for one in accepted:
        same = by_source.setdefault(one.reading.source, {})
        same.setdefault((one.debtor_id, one.reading.as_of_on, one.reading.key), one)
    new, changed, first = 0, [], []
    for source, distinct in by_source.items():
        batch = _Batch(session, supplier_id, source, clock)
        stored = batch.store(list(distinct.values()))
        new += sum(map(len, stored.values()))
        changes = []
        for debtor_id, readings in sorted(stored.items()):
            said, found = Said(debtor_id, source), batch.compare(debtor_id, readings)
            if found.is_first:
                first.append(said)
            if found.is_other:
                changed.append(said)
            changes += [_score_changed(supplier_id, said, one) for one in found.changes]
        record_all(session, supplier_id, changes, clock=clock)
    return Recorded(new, tuple(changed), tuple(first))


@dataclass(slots=True)
class _Found:
    """What new readings of one debtor come to."""

    changes: list[Change]
    is_first: bool = False
    #: Whether anything a rule may look at is said otherwise than before.
    is_other: bool = False


_TABLE = cast("Table", ScoreReading.__table__)
_ROW = _TABLE.c
_ORDER = (_ROW.as_of_on, _ROW.sequence, _ROW.source_reference)
_OF_SOURCE = (_ROW.supplier_id == bindparam("supplier"), _ROW.source == bindparam("source"))
_OF_DEBTORS = _ROW.debtor_id.in_(bindparam("debtors", expanding=True))
_COUNT_BY_DAY = (
    select(_ROW.debtor_id, _ROW.as_of_on, func.count())
    .where(*_OF_SOURCE, _OF_DEBTORS, _ROW.as_of_on.in_(bindparam("days", expanding=True)))
    .group_by(_ROW.debtor_id, _ROW.as_of_on)
)
_LAST_DAYS = (
    select(_ROW.debtor_id, func.max(_ROW.as_of_on).label("last_on"))
    .where(*_OF_SOURCE, _OF_DEBTORS)
    .group_by(_ROW.debtor_id)
    .subquery()
)
#: All of the last day: of several the order within the day decides.
_LATEST = (
    standing.readings(_ROW.debtor_id)
    .join_from(
        _TABLE,
        _LAST_DAYS,
        (_ROW.debtor_id == _LAST_DAYS.c.debtor_id) & (_ROW.as_of_on == _LAST_DAYS.c.last_on),
    )
    .where(*_OF_SOURCE)
)
_PLACE: tuple[Any, ...] = (
    bindparam("day", type_=_ROW.as_of_on.type),
    bindparam("sequence"),
    bindparam("reference"),
)
_ONE_OF_DEBTOR = (
    standing.readings().where(*_OF_SOURCE, _ROW.debtor_id == bindparam("debtor")).limit(1)
)
_BEFORE = _ONE_OF_DEBTOR.where(tuple_(*_ORDER) < tuple_(*_PLACE)).order_by(
    *(column.desc() for column in _ORDER)
)
_AFTER = _ONE_OF_DEBTOR.where(tuple_(*_ORDER) > tuple_(*_PLACE)).order_by(*_ORDER)


class _Batch:
    """Readings of one source that are written down together."""

    def __init__(
        self, session: Session, supplier_id: SupplierId, source: str, clock: Clock
    ) -> None:
        self._session, self._clock = session, clock
        self._mine: dict[str, Any] = {"supplier": supplier_id, "source": source}
        self._supplier_id, self._source = supplier_id, source
        self._heads: dict[DebtorId, Reading] = {}

    def store(self, accepted: Sequence[Accepted]) -> dict[DebtorId, list[Reading]]:
        """Insert what is not known; the new ones by debtor, in the source's order."""
        debtors = list({one.debtor_id for one in accepted})
        for row in self._session.execute(_LATEST, {**self._mine, "debtors": debtors}):
            reading = standing.as_reading(row)
            head = self._heads.get(row[0])
            if head is None or head.position < reading.position:
                self._heads[row[0]] = reading
        rows = [self._row(one, place) for one, place in self._placed(accepted, debtors)]
        # Whoever inserts the same at the same time does it in the same order.
        rows.sort(key=lambda row: (row["debtor_id"], row["as_of_on"], row["source_reference"]))
        added = add_unknown(self._session, _TABLE, rows)
        stored: dict[DebtorId, list[Reading]] = {}
        for new in rows:
            if (new["id"],) in added:
                stored.setdefault(new["debtor_id"], []).append(_as_reading(new))
        for readings in stored.values():
            readings.sort(key=lambda one: one.position)
        return stored

    def _placed(
        self, accepted: Sequence[Accepted], debtors: list[DebtorId]
    ) -> Iterable[tuple[Accepted, int]]:
        """Each with its place within the day: the source's own, or the order of arrival."""
        unnumbered = {one.reading.as_of_on for one in accepted if one.reading.sequence is None}
        counts: dict[tuple[DebtorId, date], int] = {}
        if unnumbered:
            asked = {**self._mine, "debtors": debtors, "days": list(unnumbered)}
            for debtor_id, as_of_on, count in self._session.execute(_COUNT_BY_DAY, asked):
                counts[debtor_id, as_of_on] = count
        for one in accepted:
            if one.reading.sequence is not None:
                yield one, one.reading.sequence
                continue
            day = (one.debtor_id, one.reading.as_of_on)
            yield one, counts.get(day, 0)
            counts[day] = counts.get(day, 0) + 1

    def _row(self, one: Accepted, sequence: int) -> dict[str, Any]:
        new = one.reading
        return {
            "id": new_id(),
            "supplier_id": self._supplier_id,
            "debtor_id": one.debtor_id,
            "source": new.source,
            "as_of_on": new.as_of_on,
            "sequence": sequence,
            "source_reference": new.key,
            "received_at": self._clock.now(),
            "scale": new.scale,
            "score": new.score,
            "band": new.band,
            "limit_minor": new.limit.minor if new.limit is not None else None,
            "limit_currency": new.limit.currency if new.limit is not None else None,
            "status": new.status,
            "days_beyond_terms": new.days_beyond_terms,
        }

    def compare(self, debtor_id: DebtorId, readings: Sequence[Reading]) -> _Found:
        """What these readings, which are written down by now, change."""
        found, last = _Found([]), self._heads.get(debtor_id)
        for reading in readings:
            if last is not None and reading.position < last.position:
                before, after = self._neighbours(debtor_id, reading)
            else:
                before, after, last = last, None, reading
            if before is not None:
                change = compare(before, reading)
                found.is_other = found.is_other or says_otherwise(before, reading)
            elif after is not None:
                # A late arrival at the beginning: only now is the one after it a change.
                change = compare(reading, after)
                found.is_other = found.is_other or says_otherwise(reading, after)
            else:
                change, found.is_first = None, True
            if change is not None:
                found.changes.append(change)
        return found

    def _neighbours(
        self, debtor_id: DebtorId, reading: Reading
    ) -> tuple[Reading | None, Reading | None]:
        """The readings before and after this one in the source's own order."""
        as_of_on, sequence, reference = reading.position
        asked = {
            **self._mine, "debtor": debtor_id,
            "day": as_of_on, "sequence": sequence, "reference": reference,
        }  # fmt: skip
        before = self._session.execute(_BEFORE, asked).one_or_none()
        after = self._session.execute(_AFTER, asked).one_or_none()
        return (
            standing.as_reading(before) if before else None,
            standing.as_reading(after) if after else None,
        )


def _as_reading(row: dict[str, Any]) -> Reading:
    return standing.as_reading([row[name] for name in standing.READING_COLUMNS])


def _score_changed(supplier_id: SupplierId, said: Said, change: Change) -> ScoreChanged:
    return ScoreChanged(
        supplier_id=supplier_id,
        debtor_id=said.debtor_id,
        source=said.source,
        as_of_on=change.after.as_of_on,
        change=change.kind,
        band_before=change.before.band,
        band_after=change.after.band,
        score_before=change.before.score,
        score_after=change.after.score,
    )
