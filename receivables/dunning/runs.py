"""The runs of a supplier: when each was made, how much it planned, and whether it was let go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.control_tables import DunningRun
from receivables.dunning.events import RunHeld
from receivables.dunning.limits import missed_days, needs_release
from receivables.dunning.reasons import Reason
from receivables.dunning.rules import DEMAND
from receivables.dunning.tables import Reminder, ReminderState
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


@dataclass(frozen=True, slots=True)
class Usual:
    """What a run is measured by: how many working days were missed, how much others planned."""

    missed: int
    earlier: tuple[int, ...]
    #: Of a run that was made before: what was decided then, even that nothing holds it.
    known: tuple[Reason | None] | None = None

    def holds(self, batch: int) -> Reason | None:
        """Why the messages of a run of such a size wait for a person, or None. A run that is made
        again stays as it was.
        """
        if self.known is not None:
            return self.known[0]
        return needs_release(batch, self.earlier, missed=self.missed)


def usual_of(
    session: Session, supplier_id: SupplierId, today: date, *, calendar: Calendar
) -> Usual:
    """What the run of a day is measured by."""
    of_today = session.get(DunningRun, (supplier_id, today))
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
    if of_today is None:
        return Usual(missed, tuple(sizes))
    held = Reason(of_today.held_because) if of_today.held_because else None
    return Usual(missed, tuple(sizes), (held,))


def hold_back(session: Session, supplier_id: SupplierId, today: date, reason: Reason) -> None:
    """What a run has planned so far waits for a person after all; none of it was handed over."""
    session.execute(
        update(Reminder)
        .where(
            Reminder.supplier_id == supplier_id,
            Reminder.run_on == today,
            Reminder.purpose == DEMAND,
            Reminder.state == ReminderState.DUE,
            Reminder.let_out_at.is_(None),
        )
        .values(state=ReminderState.WAITING, reason=reason)
        .execution_options(synchronize_session=False)
    )


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
