"""A debtor's scores as charts: one per source, each on its own scale."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backoffice.pages import BandZone, ScoreChart, ScorePoint
from monitoring.bands import Band
from monitoring.changes import Reading
from monitoring.feeds import bureau, file
from monitoring.feeds.scales import name_of
from monitoring.standing import histories
from receivables.ids import DebtorId, SupplierId

#: Where the bands lie on the scale that both feeds use.
LOW, HIGH = 0, 100


def score_charts(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> tuple[ScoreChart, ...]:
    """The charts of everything sources said of a debtor."""
    return tuple(
        ScoreChart(
            source=name_of(source),
            low=LOW,
            high=HIGH,
            zones=_zones(bureau.FLOORS if source == bureau.SOURCE else file.FLOORS),
            points=tuple(_point(reading) for reading in readings),
        )
        for source, readings in histories(session, supplier_id, debtor_id).items()
    )


def _point(reading: Reading) -> ScorePoint:
    return ScorePoint(
        as_of_on=reading.as_of_on,
        score=reading.score,
        band=reading.band.value,
        received_at=reading.received_at,
    )


def _zones(floors: Sequence[tuple[int, Band]]) -> tuple[BandZone, ...]:
    """From the worst band to the best, without gaps."""
    rising = sorted(floors)
    ends = [floor for floor, _ in rising[1:]] + [HIGH]
    return tuple(
        BandZone(band=band.value, low=floor, high=end)
        for (floor, band), end in zip(rising, ends, strict=True)
    )
