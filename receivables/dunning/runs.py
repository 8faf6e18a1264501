"""The runs of a supplier: when each was made, how much it planned, and whether it was let go."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.control_tables import DunningRun
from receivables.dunning.events import RunHeld
from receivables.dunning.limits import missed_days, needs_release
from receivables.dunning.reasons import Reason
from receivables.history import record
from receivables.ids import SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties import queries as parties
from receivables.workdays import Calendar

#: From so many runs before it is known what is usual.
_RUNS_SEEN = 20


def last_run(session: Session, supplier_id: SupplierId, before: date) -> DunningRun | None:
    """The run before a day's."""
    return session.scalar(
        select(DunningRun)
        .where(DunningRun.supplier_id == supplier_id, DunningRun.run_on < before)
        .order_by(DunningRun.run_on.desc())
        .limit(1)
    )


def hold_reason(
    session: Session, supplier_id: SupplierId, today: date, batch: int, *, calendar: Calendar
) -> Reason | None:
    """Why the messages of a run wait for a person, or None. A run made again stays as it was."""
    of_today = session.get(DunningRun, (supplier_id, today))
    if of_today is not None:
        return Reason(of_today.held_because) if of_today.held_because else None
    before = last_run(session, supplier_id, today)
    sizes = session.scalars(
        select(DunningRun.messages)
        .where(DunningRun.supplier_id == supplier_id, DunningRun.run_on < today)
        .order_by(DunningRun.run_on.desc())
        .limit(_RUNS_SEEN)
    ).all()
    country = parties.supplier(session, supplier_id).country
    missed = missed_days(
        before.run_on if before else None, today, country=country, calendar=calendar
    )
    return needs_release(batch, sizes, missed=missed)


def note_run(
    session: Session,
    supplier_id: SupplierId,
    today: date,
    batch: int,
    hold: Reason | None,
    *,
    clock: Clock,
) -> None:
    """Remember that a day's run was made; the first to make it says what it planned."""
    row = {
        "supplier_id": supplier_id, "run_on": today, "made_at": clock.now(), "messages": batch,
        "held_because": hold or "",
    }  # fmt: skip
    statement = insert_or_ignore(session, DunningRun).values(row).returning(DunningRun.run_on)
    is_new = session.execute(statement).scalar_one_or_none() is not None
    if is_new and hold is not None:
        held = RunHeld(supplier_id=supplier_id, run_on=today, messages=batch, reason=hold)
        record(session, held, clock=clock)
