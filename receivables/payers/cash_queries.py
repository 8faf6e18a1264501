"""The cash to come, from what is open now and when it was last expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.credit.queries import standings
from receivables.dunning.holding import holds_of
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.ledger.holds import HoldReason, by_invoice, held_for
from receivables.ledger.holds import standing as lasting
from receivables.money import Money
from receivables.payers.cash import CashForecast, Incoming, expected_within, thirteen_weeks
from receivables.payers.expecting import Expected, Rule, from_slips
from receivables.payers.outlook import item_id
from receivables.payers.tables import ExpectedRow, ForecastRun
from receivables.plans.queries import DueItem, due_items


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The latest forecast, and what forecasts have been worth."""

    made_on: date
    uses_model: bool
    #: For how many weeks running the model was worse than the due date and the median lateness.
    weeks_worse: int
    learnt_from: int
    median_days_late: int
    #: Of the last three months; None while too little was paid to measure by.
    error: RunError | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """As `tracking.Error`, which explains the fields."""

    count: int
    mae_days: float
    bias_days: float
    prudent_share: float | None
    simple_mae_days: float


def latest_run(session: Session, supplier_id: SupplierId) -> Run | None:
    """None before the first night."""
    row = session.scalar(
        select(ForecastRun)
        .where(ForecastRun.supplier_id == supplier_id)
        .order_by(ForecastRun.made_on.desc())
        .limit(1)
    )
    if row is None:
        return None
    return Run(
        made_on=row.made_on,
        uses_model=row.method == "model",
        weeks_worse=row.weeks_worse,
        learnt_from=row.learnt_from,
        median_days_late=row.median_days_late,
        error=RunError(**row.error) if row.error else None,
    )


def cash_forecast(
    session: Session, supplier_id: SupplierId, today: date
) -> tuple[CashForecast, ...]:
    """Thirteen weeks per currency: what is open now, by when it is expected."""
    return thirteen_weeks(incoming(session, supplier_id, today), today)


def expected_cash(
    session: Session, supplier_id: SupplierId, today: date, *, days: int = 30
) -> dict[str, Money]:
    """What is expected within so many days, per currency; nothing that is disputed, and nothing
    of insolvent debtors.
    """
    return expected_within(incoming(session, supplier_id, today), today, days)


def incoming(session: Session, supplier_id: SupplierId, today: date) -> list[Incoming]:
    """Everything open, with when it is expected."""
    due = due_items(session, supplier_id, today=today)
    known = _rows(session, ExpectedRow.supplier_id == supplier_id)
    run = latest_run(session, supplier_id)
    median_days = run.median_days_late if run else 0
    holds = by_invoice(lasting(holds_of(session, supplier_id), today))
    insolvent = {
        debtor_id
        for debtor_id, one in standings(session, supplier_id).items()
        if one.insolvent_on is not None
    }
    found = []
    for item in due:
        own = holds.get(item.invoice_id, []) if item.invoice_id else []
        expected = _expected(item, known.get(item_id(item)), median_days, today)
        found.append(
            Incoming(
                outstanding=item.outstanding,
                disputed=held_for(item.outstanding, own, HoldReason.DISPUTED),
                is_insolvent=item.debtor_id in insolvent,
                expected_on=expected.expected_on,
                prudent_on=expected.prudent_on,
            )
        )
    return found


def expected_of(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, today: date
) -> dict[InvoiceId, Expected]:
    """When each open invoice of a debtor was last expected; none that came since."""
    rows = _rows(
        session, ExpectedRow.supplier_id == supplier_id, ExpectedRow.debtor_id == debtor_id
    )
    return {
        row.invoice_id: _as_expected(row, today)
        for row in rows.values()
        if row.invoice_id is not None
    }


def _rows(session: Session, *where: Any) -> dict[Any, ExpectedRow]:
    found: Sequence[ExpectedRow] = session.scalars(select(ExpectedRow).where(*where)).all()
    return {row.item_id: row for row in found}


def _expected(item: DueItem, row: ExpectedRow | None, median_days: int, today: date) -> Expected:
    """What came since the last night is expected by its due date and everybody's lateness."""
    if row is not None:
        return _as_expected(row, today)
    slips = [median_days] * 8
    return from_slips(item.due_on, slips, due_on=item.due_on, rule=Rule.PORTFOLIO, today=today)


def _as_expected(row: ExpectedRow, today: date) -> Expected:
    """What was expected for a day that has passed is expected tomorrow."""
    soonest = today + timedelta(days=1)
    return Expected(
        expected_on=max(row.expected_on, soonest),
        prudent_on=max(row.prudent_on, soonest),
        by_due=row.by_due,
        by_15=row.by_15,
        by_30=row.by_30,
        rule=Rule(row.rule),
    )
