"""Tasks from what debtors answered by mail."""

from __future__ import annotations

from sqlalchemy import exists
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.replies.events import EXCERPT
from receivables.replies.queries import written_by_people
from receivables.replies.tables import Reply
from receivables.workdays import working_days_later
from receivables.worklist.rules import Kind, Task
from receivables.worklist.sources.asking import Asked
from receivables.worklist.sources.own import UNDONE_WITHIN
from receivables.worklist.tables import TaskMark

#: How long somebody who wrote waits for an answer. Our proposal.
_ANSWER_DAYS = 2


def replies(session: Session, asked: Asked) -> list[Task]:
    """Answers that nobody has dealt with long ago."""
    done = exists().where(
        TaskMark.supplier_id == Reply.supplier_id,
        TaskMark.kind == Kind.REPLY,
        TaskMark.subject_id == Reply.id,
        TaskMark.done_at < asked.now - UNDONE_WITHIN,
    )
    return [
        Task(
            kind=Kind.REPLY,
            subject_id=row.id,
            debtor_id=row.debtor_id,
            since=row.received_at,
            due_on=working_days_later(
                local_date(row.received_at, asked.zone), _ANSWER_DAYS,
                country=asked.country, calendar=asked.calendar,
            ),
            facts={"name": row.from_name or row.from_address, "text": _begins(row.text)},
        )
        for row in written_by_people(session, asked.supplier_id, but_for=done)
    ]  # fmt: skip


def _begins(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= EXCERPT else f"{flat[:EXCERPT].rstrip()}…"
