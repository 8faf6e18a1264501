"""Tasks from terms of the law that run out."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.dunning.limitation import near_limitation
from receivables.worklist.rules import Kind, Task
from receivables.worklist.sources.asking import Asked


def limitation(session: Session, asked: Asked) -> list[Task]:
    """Open invoices that can soon be enforced no more, unless a person does something about it."""
    return [
        Task(
            kind=Kind.LIMITATION,
            subject_id=one.invoice_id,
            debtor_id=one.debtor_id,
            due_on=one.limitation_on,
            matter=(one.outstanding,),
            facts={"number": one.number, "last_day": one.limitation_on},
        )
        for one in near_limitation(session, asked.supplier_id, asked.today)
    ]
