"""Where each source's scale puts the bands: for charts, which show one source at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.bands import Band
from monitoring.feeds import bureau, file
from receivables.i18n import translate

LOW, HIGH = 0, 100


def name_of(source: str) -> str:
    """What people call a source, in the reader's language."""
    if source == bureau.SOURCE:
        return translate("Credit bureau")
    return translate("Your file") if source == "file" else source


@dataclass(frozen=True, slots=True)
class Zone:
    """A band's part of a scale: `low` inclusive to `high` exclusive; the best band ends it."""

    band: Band
    low: int
    high: int


def zones_of(source: str) -> tuple[Zone, ...]:
    """The bands of a source's scale, which runs from LOW to HIGH, the best band first."""
    floors: Sequence[tuple[int, Band]] = bureau.FLOORS if source == bureau.SOURCE else file.FLOORS
    ceilings = [HIGH, *(floor for floor, _ in floors)]
    return tuple(
        Zone(band, floor, high) for (floor, band), high in zip(floors, ceilings, strict=False)
    )
