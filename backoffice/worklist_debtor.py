"""What waits about one debtor, reminders of one's own, and who looks after them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.worklist import task_row
from backoffice.worklist_pages import DebtorTasksPage
from backoffice.worklist_sources import SOURCES
from receivables.ids import DebtorId, StaffId
from receivables.intake.csv_cells import day as read_day
from receivables.parties import queries as parties
from receivables.web.forms import FormBody, field
from receivables.worklist import actions
from receivables.worklist.errors import NoSuchColleague, TextMissing
from receivables.worklist.queries import Line, asked_of, of_debtor, owner_of


@get("/debtors/{debtor_id:uuid}/tasks", sync_to_thread=True)
def show_debtor_tasks(debtor_id: FromPath[UUID], asker: NamedDependency[Asker]) -> Response[str]:
    with asker.reading() as session:
        page = debtor_tasks_page(session, asker, DebtorId(debtor_id))
    return asker.page("debtor_tasks.html", page)


def debtor_tasks_page(
    session: Session, asker: Asker, debtor_id: DebtorId, **typed: str
) -> DebtorTasksPage:
    """`typed` is what stood in a form that was refused, and `error`. Raises NoSuchDebtor."""
    debtor = parties.debtor(session, asker.supplier_id, debtor_id)
    asked = asked_of(session, asker.supplier_id, clock=asker.runtime.clock)
    team = [one for one in parties.team(session, asker.supplier_id) if not one.disabled]
    names = {one.staff_id: one.name for one in team}
    return DebtorTasksPage(
        head=asker.head(session, "debtors"),
        notice=asker.notice(),
        debtor_id=debtor_id,
        debtor_name=debtor.name,
        today=asker.today,
        rows=tuple(
            task_row(
                asker,
                Line(
                    placed=one,
                    debtor_name=debtor.name,
                    staff_name=names[one.assigned_to] if one.assigned_to else "",
                ),
            )
            for one in of_debtor(session, asked, debtor_id, sources=SOURCES)
        ),
        colleagues=tuple((one.staff_id, one.name) for one in team if one.role != "reader"),
        owner_id=owner_of(session, asker.supplier_id, debtor_id),
        typed_text=typed.get("text", ""),
        typed_day=typed.get("day", ""),
        error=typed.get("error", ""),
    )


@post("/debtors/{debtor_id:uuid}/tasks", sync_to_thread=True)
def add_debtor_task(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Remind oneself of something; the page again where the words or the day are missing."""
    text, day = field(data, "text"), field(data, "day")
    try:
        with collector.transaction() as session:
            actions.set_own_task(
                session,
                supplier_id=collector.supplier_id,
                debtor_id=DebtorId(debtor_id),
                text=text,
                due_on=read_day(day),
                staff_id=collector.me.staff_id,
                clock=collector.runtime.clock,
            )
    except TextMissing:
        with collector.reading() as session:
            page = debtor_tasks_page(
                session, collector, DebtorId(debtor_id), text=text, day=day, error="text"
            )
        return collector.page("debtor_tasks.html", page, status=422)
    return collector.back(f"/debtors/{debtor_id}/tasks", "task_set")


@post("/debtors/{debtor_id:uuid}/owner", sync_to_thread=True)
def choose_owner(
    debtor_id: FromPath[UUID], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """Who looks after the debtor; an empty choice is nobody. Raises NoSuchColleague."""
    with collector.transaction() as session:
        actions.set_owner(
            session,
            supplier_id=collector.supplier_id,
            debtor_id=DebtorId(debtor_id),
            staff_id=_staff(field(data, "staff")),
            clock=collector.runtime.clock,
        )
    return collector.back(f"/debtors/{debtor_id}/tasks", "owner_saved")


def _staff(text: str) -> StaffId | None:
    if not text:
        return None
    try:
        return StaffId(UUID(text))
    except ValueError:
        raise NoSuchColleague(text[:40]) from None
