"""A forecast is written down, in small steps: others want to write, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.ids import SupplierId
from receivables.payers.expecting import Expected
from receivables.payers.outlook import item_id
from receivables.payers.tables import ExpectedRow, ForecastRun
from receivables.plans.queries import DueItem

if TYPE_CHECKING:
    from receivables.payers.making import Made

#: Runs are kept so long, to be looked back at.
_KEPT = timedelta(days=400)


def keep(
    session: Session,
    supplier_id: SupplierId,
    items: Sequence[tuple[DueItem, Expected]],
    made_on: date,
) -> None:
    """These items' expectations take the place of what was expected of them before."""
    _forget(session, supplier_id, [item_id(item) for item, _ in items])
    session.add_all(
        ExpectedRow(
            supplier_id=supplier_id,
            item_id=item_id(item),
            debtor_id=item.debtor_id,
            invoice_id=item.invoice_id,
            due_on=item.due_on,
            expected_on=one.expected_on,
            prudent_on=one.prudent_on,
            by_due=one.by_due,
            by_15=one.by_15,
            by_30=one.by_30,
            rule=one.rule,
            made_on=made_on,
        )
        for item, one in items
    )
    session.flush()


def _forget(session: Session, supplier_id: SupplierId, ids: Sequence[UUID]) -> None:
    session.execute(
        delete(ExpectedRow).where(
            ExpectedRow.supplier_id == supplier_id, ExpectedRow.item_id.in_(ids)
        )
    )


_SAID = (
    ExpectedRow.due_on, ExpectedRow.expected_on, ExpectedRow.prudent_on, ExpectedRow.by_due,
    ExpectedRow.by_15, ExpectedRow.by_30, ExpectedRow.rule,
)  # fmt: skip


def known(session: Session, supplier_id: SupplierId) -> dict[UUID, tuple[Any, ...]]:
    """What is expected so far, by item, for `changed`."""
    rows = session.execute(
        select(ExpectedRow.item_id, *_SAID).where(ExpectedRow.supplier_id == supplier_id)
    )
    return {row[0]: tuple(row[1:]) for row in rows}


def changed(
    items: Sequence[tuple[DueItem, Expected]], known: Mapping[UUID, tuple[Any, ...]]
) -> list[tuple[DueItem, Expected]]:
    """Those of which something else is expected than before."""

    def said(item: DueItem, one: Expected) -> tuple[Any, ...]:
        days = (item.due_on, one.expected_on, one.prudent_on)
        return (*days, one.by_due, one.by_15, one.by_30, one.rule.value)

    return [(item, one) for item, one in items if known.get(item_id(item)) != said(item, one)]


def forget(session: Session, supplier_id: SupplierId, ids: Sequence[UUID]) -> None:
    """Nothing is expected of these any more."""
    _forget(session, supplier_id, ids)


def keep_run(
    session: Session, supplier_id: SupplierId, made: Made, made_on: date, *, clock: Clock
) -> None:
    """What the forecast is worth; a second one of the same day takes the first one's place."""
    error = made.tracked.error
    session.execute(
        delete(ForecastRun).where(
            ForecastRun.supplier_id == supplier_id,
            (ForecastRun.made_on == made_on) | (ForecastRun.made_on < made_on - _KEPT),
        )
    )
    session.add(
        ForecastRun(
            supplier_id=supplier_id,
            made_on=made_on,
            method="model" if made.uses_model else "portfolio",
            weeks_worse=made.tracked.weeks_worse,
            learnt_from=made.learnt_from,
            median_days_late=made.median_days_late,
            error=asdict(error) if error else {},
            made_at=clock.now(),
        )
    )
    session.flush()
