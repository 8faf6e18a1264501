"""Rates taken in: by the operator for everybody, by an owner for one supplier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import SupplierId, new_id
from receivables.interest.events import RateAdded
from receivables.interest.rates import Rate
from receivables.interest.tables import ReferenceRate, SupplierRate


def load_rates(session: Session, rates: Sequence[Rate], *, clock: Clock) -> int:
    """Add what is new for every supplier; how many rows that were.

    A row that says the same as the last one of its days changes nothing, so that a file can be
    loaded again. Needs a system transaction.
    """
    assert session.info["scope"].supplier_id is None, "rates for all are the installation's"
    known = {
        (row.series, row.first_day, row.last_day): row.rate
        for row in session.scalars(select(ReferenceRate).order_by(ReferenceRate.id))
    }
    added = 0
    for rate in rates:
        key = (rate.series.value, rate.first_day, rate.last_day)
        if known.get(key) != rate:
            session.execute(insert(ReferenceRate), _row(rate, clock))
            known[key] = rate
            added += 1
    return added


def add_rate(
    session: Session, *, supplier_id: SupplierId, rate: Rate, by: str, clock: Clock
) -> bool:
    """Add one for this supplier alone; it counts before all others. False when the last they
    added for these days says the same.
    """
    last = session.scalar(
        select(SupplierRate)
        .where(
            SupplierRate.supplier_id == supplier_id,
            SupplierRate.series == rate.series,
            SupplierRate.first_day == rate.first_day,
            SupplierRate.last_day == rate.last_day,
        )
        .order_by(SupplierRate.id.desc())
        .limit(1)
    )
    if last is not None and last.rate == rate:
        return False
    row = {**_row(rate, clock), "supplier_id": supplier_id, "added_by": by}
    session.execute(insert(SupplierRate), row)
    added = RateAdded(
        supplier_id=supplier_id,
        series=rate.series.value,
        percent=f"{rate.percent:f}",
        source=rate.source,
    )
    record(session, added, clock=clock)
    return True


def _row(rate: Rate, clock: Clock) -> dict[str, Any]:
    return {
        "id": new_id(),
        "series": rate.series.value,
        "first_day": rate.first_day,
        "last_day": rate.last_day,
        "percent_text": f"{rate.percent:f}",
        "source": rate.source,
        "checked_on": rate.checked_on,
        "recorded_at": clock.now(),
    }
