"""What the calendar brings: warnings, reminders, expiry, the end of grace, the last word."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.disputes import rules
from receivables.disputes.deciding import close, expire
from receivables.disputes.events import DisputeReminded, TermRunningOut
from receivables.disputes.queries import DisputeView, views
from receivables.disputes.states import UNDECIDED, State
from receivables.disputes.steps import hold, said_of, tell
from receivables.disputes.tables import Dispute, DisputeItem, DisputeNotice
from receivables.ids import DisputeId, SupplierId
from receivables.jobs import insert_or_ignore
from receivables.parties.queries import supplier as supplier_of
from receivables.workdays import WEEKDAYS, Calendar

_ENDED = (State.REJECTED, State.WITHDRAWN, State.EXPIRED)


def look(
    session: Session, supplier_id: SupplierId, *, clock: Clock, calendar: Calendar = WEEKDAYS
) -> None:
    """Look through all disputes of a supplier that the calendar may move. Twice changes nothing."""
    supplier = supplier_of(session, supplier_id)
    today = local_date(clock.now(), supplier.zone)
    _end_grace(session, supplier_id, today)
    rows = session.scalars(
        select(Dispute)
        .where(Dispute.supplier_id == supplier_id, Dispute.state.in_([*UNDECIDED, *_ENDED]))
        .order_by(Dispute.id)
    ).all()
    for view in views(session, supplier_id, rows):
        if view.state in _ENDED:
            if view.decided_on is not None and today > view.decided_on + rules.REOPEN_WITHIN:
                close(session, supplier_id, view.id, clock=clock)
        elif view.state is State.WAITING_DEBTOR:
            _wait(session, supplier_id, view, today, clock=clock, calendar=calendar)
        else:
            _warn(session, supplier_id, view, clock=clock, calendar=calendar)


def _end_grace(session: Session, supplier_id: SupplierId, today: date) -> None:
    session.execute(
        update(DisputeItem)
        .where(DisputeItem.supplier_id == supplier_id, DisputeItem.grace_until < today)
        .values(grace_until=None)
        .execution_options(synchronize_session=False)
    )


def _warn(
    session: Session,
    supplier_id: SupplierId,
    view: DisputeView,
    *,
    clock: Clock,
    calendar: Calendar,
) -> None:
    """Tell those who answer for it that a term runs out; each step of that once."""
    for term, percent in rules.warnings(view.timing, clock.now(), calendar=calendar):
        since = view.timing.since.isoformat()
        if not _is_first(session, supplier_id, view.id, f"{term}-{percent} {since}", clock=clock):
            continue
        dispute = hold(session, supplier_id, view.id)
        happened = TermRunningOut(**said_of(dispute), term=term, percent=percent)
        tell(
            session,
            dispute,
            happened,
            clock=clock,
            memo="warning",
            term=term,
            percent=percent,
        )


def _wait(
    session: Session,
    supplier_id: SupplierId,
    view: DisputeView,
    today: date,
    *,
    clock: Clock,
    calendar: Calendar,
) -> None:
    """Remind a debtor who was asked, twice; then it is over."""
    timing = view.timing
    waited = rules.days_waited(
        local_date(view.state_since, timing.zone), today, country=timing.country, calendar=calendar
    )
    if waited >= rules.EXPIRE_AFTER:
        expire(session, hold(session, supplier_id, view.id), clock=clock, calendar=calendar)
        return
    reached = [days for days in rules.REMIND_AFTER if waited >= days]
    since = view.state_since.isoformat()
    if reached and _is_first(
        session, supplier_id, view.id, f"waited-{reached[-1]} {since}", clock=clock
    ):
        dispute = hold(session, supplier_id, view.id)
        tell(session, dispute, DisputeReminded(**said_of(dispute)), clock=clock, letter="reminded")


def _is_first(
    session: Session, supplier_id: SupplierId, dispute_id: DisputeId, key: str, *, clock: Clock
) -> bool:
    """Whether this was not noted before; it is now."""
    row = {"dispute_id": dispute_id, "key": key, "supplier_id": supplier_id, "at": clock.now()}
    statement = insert_or_ignore(session, DisputeNotice).values(row)
    noted = session.execute(statement.returning(DisputeNotice.key))
    return noted.one_or_none() is not None
