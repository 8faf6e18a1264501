"""What a reading changes: two readings of one source, compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from monitoring.bands import Band, steps_down
from receivables.ids import ReadingId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of one source, as far as rules care; see `tables.ScoreReading`."""

    reading_id: ReadingId
    as_of_on: date
    sequence: int
    reference: str
    received_at: datetime
    scale: str
    score: int | None
    band: Band
    #: The credit the source would give.
    limit: Money | None = None
    status: str | None = None
    #: By how many days after the due day the company pays others.
    days_beyond_terms: int | None = None

    @property
    def position(self) -> tuple[date, int, str]:
        """Its place in the source's history, whenever it arrived."""
        return (self.as_of_on, self.sequence, self.reference)


class ChangeKind(StrEnum):
    FELL = "fell"
    """A worse band, or fewer points in the same band."""
    ROSE = "rose"
    WITHDRAWN = "withdrawn"
    """The source has no opinion any more."""
    RATED = "rated"
    """The source has an opinion again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How `after` differs from `before`.

    `steps` counts bands and `points` score, both positive downwards; `points` is None where
    the two cannot be compared.
    """

    kind: ChangeKind
    before: Reading
    after: Reading
    steps: int
    points: int | None


def compare(before: Reading, after: Reading) -> Change | None:
    """What `after` changes, or None when it says the same as `before`.

    Both are of one source. A band decides over points: a source that moves its borders may give
    more points and a worse band.
    """
    assert before.position < after.position, "a change goes forward in time"
    steps, points = steps_down(before.band, after.band), points_down(before, after)
    kind = _kind(before.band, after.band, steps, points or 0)
    if kind is None:
        return None
    return Change(kind=kind, before=before, after=after, steps=steps, points=points)


def says_otherwise(before: Reading, after: Reading) -> bool:
    """Whether anything that a rule may look at differs."""
    return any(
        getattr(before, name) != getattr(after, name)
        for name in ("scale", "score", "band", "limit", "status", "days_beyond_terms")
    )


def points_down(before: Reading, after: Reading) -> int | None:
    """Points lost; None on different scales or without a score."""
    if before.scale != after.scale or before.score is None or after.score is None:
        return None
    return before.score - after.score


def _kind(before: Band, after: Band, steps: int, points: int) -> ChangeKind | None:
    if before != after and Band.NONE in (before, after):
        return ChangeKind.WITHDRAWN if after is Band.NONE else ChangeKind.RATED
    fall = steps or points
    if fall == 0:
        return None
    return ChangeKind.FELL if fall > 0 else ChangeKind.ROSE
