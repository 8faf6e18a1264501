"""A debtor's scores as charts: one per source, each on its own scale."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backoffice.pages import BandZone, ScoreChart, ScorePoint
from monitoring.bands import RATED, Band
from monitoring.changes import Reading
from monitoring.feeds.scales import HIGH, LOW, name_of, zones_of
from monitoring.standing import histories
from receivables.ids import DebtorId, SupplierId


def score_charts(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> tuple[ScoreChart, ...]:
    """The charts of everything sources said of a debtor."""
    return tuple(
        ScoreChart(
            source=name_of(source),
            low=LOW,
            high=HIGH,
            zones=_zones(source, is_banded=_is_banded(readings)),
            points=tuple(_point(one, is_banded=_is_banded(readings)) for one in readings),
            is_banded=_is_banded(readings),
        )
        for source, readings in histories(session, supplier_id, debtor_id).items()
    )


def _is_banded(readings: Sequence[Reading]) -> bool:
    """Whether a source gives bands and never a score."""
    return all(reading.score is None for reading in readings) and any(
        reading.band is not Band.NONE for reading in readings
    )


#: Bands without a scale are drawn as fifths, the best on top.
_FIFTH = (HIGH - LOW) // len(RATED)


def _point(reading: Reading, *, is_banded: bool) -> ScorePoint:
    rank = reading.band.rank
    middle = None if rank is None else HIGH - rank * _FIFTH - _FIFTH // 2
    return ScorePoint(
        as_of_on=reading.as_of_on,
        score=middle if is_banded else reading.score,
        band=reading.band.value,
        received_at=reading.received_at,
    )


def _zones(source: str, *, is_banded: bool) -> tuple[BandZone, ...]:
    """The bands of a source's scale; none where its scores have no borders of ours."""
    if is_banded:
        tops = ((band, HIGH - place * _FIFTH) for place, band in enumerate(RATED))
        return tuple(BandZone(band=band.value, low=top - _FIFTH, high=top) for band, top in tops)
    return tuple(
        BandZone(band=zone.band.value, low=zone.low, high=zone.high) for zone in zones_of(source)
    )
