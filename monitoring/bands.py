"""Bands: the one scale on which readings of different sources may stand side by side.

A score of 62 from one source and 62 from another are not the same fact. Each feed maps its own
scale to a band, says how in its docstring, and nothing above the feeds compares raw scores of
two sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Band(StrEnum):
    """How likely it is that a company pays, best first; NONE is no opinion, not a bad one."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    NONE = "none"

    @property
    def rank(self) -> int | None:
        """0 for A to 4 for E; None where there is no opinion, which has no place in the order."""
        return None if self is Band.NONE else RATED.index(self)


RATED = (Band.A, Band.B, Band.C, Band.D, Band.E)


def steps_down(before: Band, after: Band) -> int:
    """By how many bands it got worse; negative when better, 0 where either has no opinion."""
    if before.rank is None or after.rank is None:
        return 0
    return after.rank - before.rank


def band_of(score: int, floors: Sequence[tuple[int, Band]]) -> Band:
    """The band of a score on a scale where more is better; `floors` run from the best band."""
    return next((band for floor, band in floors if score >= floor), Band.NONE)
