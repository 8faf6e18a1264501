"""What staff do with tasks: take, put off, be done; tasks of their own; who looks after whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import DebtorId, OwnTaskId, StaffId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.parties import queries as parties
from receivables.worklist.errors import NoSuchColleague, PutOffImpossible, TextMissing
from receivables.worklist.events import (
    DebtorOwnerChanged,
    OwnTaskSet,
    TaskDone,
    TaskLeft,
    TaskPutOff,
    TaskReopened,
    TaskTaken,
)
from receivables.worklist.rules import Kind, Task
from receivables.worklist.tables import DebtorOwner, OwnTask, TaskMark

#: Nothing is put off for longer. Our proposal; a manual stop lasts as long (SPEC, pause matrix).
LONGEST = timedelta(days=90)
#: Marks are kept for so long after they were last touched: a task that still waits then shows
#: again.
KEPT = timedelta(days=400)


def take(
    session: Session, supplier_id: SupplierId, task: Task, *, staff_id: StaffId, clock: Clock
) -> None:
    """It is this person's from now on, whosever it was."""
    mark = _mark(session, supplier_id, task, clock=clock)
    if mark.taken_by == staff_id:
        return
    mark.taken_by, mark.taken_at = staff_id, clock.now()
    record(session, TaskTaken(**_said(supplier_id, task)), clock=clock)


def leave(session: Session, supplier_id: SupplierId, task: Task, *, clock: Clock) -> None:
    """Nobody has taken it any more."""
    mark = _mark(session, supplier_id, task, clock=clock)
    if mark.taken_by is None:
        return
    mark.taken_by = mark.taken_at = None
    record(session, TaskLeft(**_said(supplier_id, task)), clock=clock)


def put_off(
    session: Session,
    supplier_id: SupplierId,
    task: Task,
    *,
    until: date | None,
    why: str,
    today: date,
    clock: Clock,
) -> None:
    """Not to be seen before `until`. Raises PutOffImpossible."""
    if until is None or not today < until <= today + LONGEST or not why.strip():
        raise PutOffImpossible(until, today + LONGEST)
    mark = _mark(session, supplier_id, task, clock=clock)
    mark.put_off_until, mark.put_off_why = until, why
    happened = TaskPutOff(**_said(supplier_id, task), until=until, why=why)
    record(session, happened, clock=clock)


def done(
    session: Session,
    supplier_id: SupplierId,
    task: Task,
    *,
    staff_id: StaffId,
    note: str = "",
    clock: Clock,
) -> None:
    """Nothing is left to do on this occasion. A second time changes nothing."""
    mark = _mark(session, supplier_id, task, clock=clock)
    if mark.done_at is not None:
        return
    mark.done_by, mark.done_at, mark.done_note = staff_id, clock.now(), note
    record(session, TaskDone(**_said(supplier_id, task), note=note), clock=clock)


def reopen(session: Session, supplier_id: SupplierId, task: Task, *, clock: Clock) -> None:
    """It was not done, or is wanted back before its day."""
    mark = _mark(session, supplier_id, task, clock=clock)
    if mark.done_at is None and mark.put_off_until is None:
        return
    mark.done_by = mark.done_at = mark.put_off_until = None
    mark.done_note = mark.put_off_why = ""
    record(session, TaskReopened(**_said(supplier_id, task)), clock=clock)


def _said(supplier_id: SupplierId, task: Task) -> dict[str, Any]:
    return {
        "supplier_id": supplier_id,
        "debtor_id": task.debtor_id,
        "task": str(task.kind),
        "subject_id": task.subject_id,
    }


def _mark(session: Session, supplier_id: SupplierId, task: Task, *, clock: Clock) -> TaskMark:
    """The row of this task, held; what was done on another occasion is forgotten."""
    now = clock.now()
    key = {"supplier_id": supplier_id, "kind": str(task.kind), "subject_id": task.subject_id}
    fresh = {"episode": task.episode, "put_off_why": "", "done_note": "", "changed_at": now}
    session.execute(insert_or_ignore(session, TaskMark).values(**key, **fresh))
    row = session.scalars(
        select(TaskMark)
        .where(
            TaskMark.supplier_id == supplier_id,
            TaskMark.kind == str(task.kind),
            TaskMark.subject_id == task.subject_id,
        )
        .with_for_update()
    ).one()
    if row.episode != task.episode:
        row.episode, row.put_off_why, row.done_note = task.episode, "", ""
        row.taken_by = row.taken_at = row.put_off_until = row.done_by = row.done_at = None
    row.changed_at = now
    return row


def set_own_task(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    text: str,
    due_on: date | None,
    staff_id: StaffId,
    clock: Clock,
) -> OwnTaskId:
    """Remind this person of something on a day. Raises NoSuchDebtor and TextMissing."""
    parties.debtor(session, supplier_id, debtor_id)
    words = text.strip()
    if not words or due_on is None:
        raise TextMissing("no words, or no day")
    own_id = OwnTaskId(new_id())
    session.add(
        OwnTask(
            id=own_id,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            text=words[:500],
            due_on=due_on,
            created_by=staff_id,
            created_at=clock.now(),
        )
    )
    happened = OwnTaskSet(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        task=Kind.OWN.value,
        subject_id=own_id,
        text=words[:500],
        due_on=due_on,
    )
    record(session, happened, clock=clock)
    return own_id


def set_owner(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    staff_id: StaffId | None,
    clock: Clock,
) -> None:
    """Who looks after a debtor; None: nobody in particular.

    Raises NoSuchDebtor and NoSuchColleague.
    """
    parties.debtor(session, supplier_id, debtor_id)
    team = {one.staff_id: one for one in parties.team(session, supplier_id) if not one.disabled}
    if staff_id is not None and staff_id not in team:
        raise NoSuchColleague(str(staff_id))
    mine = (DebtorOwner.supplier_id == supplier_id, DebtorOwner.debtor_id == debtor_id)
    row = session.scalar(select(DebtorOwner).where(*mine).with_for_update())
    if (row.staff_id if row else None) == staff_id:
        return
    if staff_id is None:
        session.execute(delete(DebtorOwner).where(*mine))
    elif row is not None:
        row.staff_id, row.since = staff_id, clock.now()
    else:
        session.add(
            DebtorOwner(
                debtor_id=debtor_id, supplier_id=supplier_id, staff_id=staff_id, since=clock.now()
            )
        )
    happened = DebtorOwnerChanged(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        staff_id=staff_id,
        name=team[staff_id].name if staff_id else "",
    )
    record(session, happened, clock=clock)


def forget_marks(session: Session, *, clock: Clock) -> None:
    """Forget what was done with tasks long ago; needs a system transaction."""
    session.execute(
        delete(TaskMark)
        .where(TaskMark.changed_at < clock.now() - KEPT)
        .execution_options(synchronize_session=False)
    )
