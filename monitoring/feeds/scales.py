"""Where each source's scale puts the bands: for charts, which show one source at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.bands import Band
from monitoring.feeds import bureau, file, sources
from receivables.i18n import translate as _

LOW, HIGH = 0, 100


def name_of(source: str) -> str:
    """What people call a source, in the reader's language."""
    names = {
        sources.BUREAU.key: _("Credit bureau"),
        sources.FILE.key: _("Your file"),
        sources.PAYMENTS.key: _("Your own books"),
        sources.PUSHED.key: _("Pushed to us"),
        sources.KBO.key: _("Belgian register (KBO/BCE)"),
        sources.CREDITSAFE.key: "Creditsafe",
        sources.COMPANIES_HOUSE.key: "Companies House",
        sources.BODACC.key: "BODACC",
        sources.SHAB.key: "SHAB/FOSC",
    }
    return names.get(source, source)


@dataclass(frozen=True, slots=True)
class Zone:
    """A band's part of a scale: `low` inclusive to `high` exclusive; the best band ends it."""

    band: Band
    low: int
    high: int


def zones_of(source: str) -> tuple[Zone, ...]:
    """The bands of a source's scale, which runs from LOW to HIGH, the best band first; none where
    the source gives the band itself and its scores have no borders of ours.
    """
    if sources.source_of(source).scale != sources.FILE.scale:
        return ()
    floors: Sequence[tuple[int, Band]] = bureau.FLOORS if source == bureau.SOURCE else file.FLOORS
    ceilings = [HIGH, *(floor for floor, _band in floors)]
    return tuple(
        Zone(band, floor, high) for (floor, band), high in zip(floors, ceilings, strict=False)
    )
