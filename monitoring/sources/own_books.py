"""Our own books as a source: how a debtor pays us, as a reading of its own.

It stands beside solvency and is never taken for it: payers of class E may be rich, and insolvent
companies may have paid on the day.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.bands import Band
from monitoring.feeds.sources import PAYMENTS
from monitoring.readings import Accepted, NewReading, record_readings
from monitoring.tables import ScoreReading
from receivables.clock import Clock, local_date
from receivables.credit.rules import PayerClass
from receivables.ids import DebtorId, SupplierId
from receivables.parties.queries import supplier


def band_of_payer(payer_class: PayerClass) -> Band:
    """The class itself; too little history is no opinion."""
    return Band.NONE if payer_class is PayerClass.N else Band(payer_class.value)


def note_payer_class(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    before: str,
    after: str,
    clock: Clock,
) -> int:
    """Write down a changed payer class as a reading of today; returns how many readings that made.

    Of a debtor without any, the class before is written down, too: otherwise the first fall would
    be the first thing ever said, and no change.
    """
    today = local_date(clock.now(), supplier(session, supplier_id).zone)
    classes = [(today, after)]
    if PayerClass(before) is not PayerClass.N and not _is_known(session, supplier_id, debtor_id):
        classes.insert(0, (today - timedelta(days=1), before))
    accepted = [
        Accepted(
            debtor_id,
            NewReading(
                source=PAYMENTS.key,
                as_of_on=day,
                scale=PAYMENTS.scale,
                score=None,
                band=band_of_payer(PayerClass(payer_class)),
                reference=f"{clock.now():%H%M%S%f}:{payer_class}",
            ),
        )
        for day, payer_class in classes
    ]
    return record_readings(session, supplier_id=supplier_id, accepted=accepted, clock=clock)


def _is_known(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> bool:
    known = select(ScoreReading.id).where(
        ScoreReading.supplier_id == supplier_id,
        ScoreReading.debtor_id == debtor_id,
        ScoreReading.source == PAYMENTS.key,
    )
    return session.scalar(known.limit(1)) is not None
