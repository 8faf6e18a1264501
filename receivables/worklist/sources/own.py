"""Tasks that somebody set for themselves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from receivables.worklist.rules import Kind, Task
from receivables.worklist.sources.asking import Asked
from receivables.worklist.tables import OwnTask, TaskMark

#: What was done stays within reach for so long, should it not have been done after all.
UNDONE_WITHIN = timedelta(days=30)


def own_tasks(session: Session, asked: Asked) -> list[Task]:
    """Reminders in somebody's own words that were not done long ago."""
    done = exists().where(
        TaskMark.supplier_id == OwnTask.supplier_id,
        TaskMark.kind == Kind.OWN,
        TaskMark.subject_id == OwnTask.id,
        TaskMark.done_at < asked.now - UNDONE_WITHIN,
    )
    rows = session.execute(
        select(
            OwnTask.id,
            OwnTask.debtor_id,
            OwnTask.text,
            OwnTask.due_on,
            OwnTask.created_by,
            OwnTask.created_at,
        ).where(OwnTask.supplier_id == asked.supplier_id, ~done)
    )
    return [
        Task(
            kind=Kind.OWN,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.created_at,
            due_on=row.due_on,
            not_before=row.due_on,
            staff_id=row.created_by,
            facts={"text": row.text},
        )
        for row in rows
    ]
