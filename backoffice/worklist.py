"""Today: what waits for a person, the most money at risk first, and what is done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from backoffice.access import Asker
from backoffice.paging import PAGE_SIZE, one_of, wanted
from backoffice.worklist_pages import KindLink, TaskPage, TaskRow, WorklistPage
from backoffice.worklist_sources import SOURCES
from backoffice.worklist_words import WORDS, kind_words
from receivables.i18n import translate as _
from receivables.intake.csv_cells import day as read_day
from receivables.ledger.rules import days_past_due
from receivables.web.forms import FormBody, field
from receivables.web.parts import Pager
from receivables.worklist import actions
from receivables.worklist.errors import PutOffImpossible
from receivables.worklist.queries import (
    Line,
    NoSuchTask,
    Wanted,
    asked_of,
    find,
    find_placed,
    worklist,
)
from receivables.worklist.rules import SHOWS, Key, Show, Task

PATH = "/today"


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the list the address asks for."""

    show: Show
    kind: str
    page: int

    @property
    def skip(self) -> int:
        return (self.page - 1) * PAGE_SIZE

    def url(self, *, page: int = 1, kind: str | None = None, done: str = "") -> str:
        asked = {
            "show": self.show,
            "kind": self.kind if kind is None else kind,
            "page": str(page) if page > 1 else "",
            "done": done,
        }
        return f"{PATH}?{urlencode({name: value for name, value in asked.items() if value})}"


def _view(show: str, kind: str, page: int) -> View:
    return View(one_of(show, SHOWS), kind if kind in WORDS else "", page)


@get(PATH, sync_to_thread=True)
def show_worklist(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[str]:
    asked = wanted(request)
    view = _view(asked.show, str(request.query_params.get("kind", "")), asked.page)
    done = str(request.query_params.get("done", ""))
    with asker.reading() as session:
        page = worklist_page(session, asker, view, done=done)
    return asker.page("worklist.html", page)


def worklist_page(session: Session, asker: Asker, view: View, *, done: str = "") -> WorklistPage:
    """`done` is the name of the task that can be taken up again; one that is none is left out."""
    clock = asker.runtime.clock
    asked = asked_of(session, asker.supplier_id, clock=clock)
    part = Wanted(
        show=view.show,
        staff_id=asker.me.staff_id,
        kind=view.kind,
        skip=view.skip,
        most=PAGE_SIZE,
    )
    found = worklist(session, asked, part, sources=SOURCES)
    rows = tuple(task_row(asker, line) for line in found.lines)
    return WorklistPage(
        head=asker.head(session, "today"),
        notice=asker.notice(),
        today=asker.today,
        show=view.show,
        kind=view.kind,
        page=view.page,
        kinds=_kinds(view, found.counts),
        rows=rows,
        pager=_pager(view, len(rows), found.total),
        just_done=_just_done(done),
    )


def _kinds(view: View, counts: Mapping[str, int]) -> tuple[KindLink, ...]:
    every = KindLink(
        words=_("Everything"),
        count=sum(counts.values()),
        url=view.url(kind=""),
        is_current=not view.kind,
    )
    found = [
        KindLink(
            words=kind_words(kind),
            count=counts.get(kind, 0),
            url=view.url(kind=kind),
            is_current=kind == view.kind,
        )
        for kind in WORDS
        if counts.get(kind) or kind == view.kind
    ]
    return (every, *found) if found else ()


def _pager(view: View, count: int, total: int) -> Pager:
    return Pager(
        first=view.skip + 1 if count else 0,
        last=view.skip + count if count else 0,
        total=total,
        previous_url=view.url(page=view.page - 1) if view.page > 1 else None,
        next_url=view.url(page=view.page + 1) if count and view.skip + count < total else None,
    )


def _just_done(name: str) -> tuple[str, str] | None:
    try:
        key = key_of(name)
    except NoSuchTask:
        return None
    return (name_of(key), kind_words(key.kind)) if key.kind in WORDS else None


def name_of(key: Key) -> str:
    """What a form calls a task."""
    return f"{key.kind}:{key.subject_id}"


def key_of(name: str) -> Key:
    """Raises NoSuchTask."""
    kind, _colon, subject = name.partition(":")
    try:
        return Key(kind, UUID(subject))
    except ValueError:
        raise NoSuchTask(name[:100]) from None


def task_row(asker: Asker, line: Line) -> TaskRow:
    """A task as a page lists it; within `asker.reading()`."""
    placed, today = line.placed, asker.today
    task, words = placed.task, WORDS[placed.task.kind]
    name = name_of(task.key)
    return TaskRow(
        name=name,
        kind=str(task.kind),
        kind_words=_(words.name),
        verb=_(words.verb),
        url=words.url(task),
        reason=words.reason(task),
        debtor_id=task.debtor_id,
        debtor_name=line.debtor_name,
        at_risk=placed.at_risk,
        since=task.since,
        due_on=task.due_on,
        days_past_due=days_past_due(task.due_on, today) if task.due_on else 0,
        is_overdue=placed.is_overdue,
        staff_name=line.staff_name,
        is_mine=placed.assigned_to == asker.me.staff_id,
        is_taken=placed.is_taken,
        put_off_until=placed.put_off_until,
        put_off_why=placed.put_off_why,
        more_url=f"{PATH}/task?{urlencode({'task': name})}",
    )


def _task(session: Session, asker: Asker, name: str) -> Task:
    """Raises NoSuchTask."""
    asked = asked_of(session, asker.supplier_id, clock=asker.runtime.clock)
    return find(session, asked, key_of(name), sources=SOURCES)


def _form_view(data: Mapping[str, Any]) -> View:
    page = field(data, "page")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return _view(field(data, "show"), field(data, "kind"), max(number, 1))


@post(f"{PATH}/done", sync_to_thread=True)
def do(
    request: Request[Any, Any, Any], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """The one key: it leaves the list. Raises NoSuchTask."""
    name = field(data, "task")
    with collector.transaction() as session:
        task = _task(session, collector, name)
        actions.done(
            session,
            collector.supplier_id,
            task,
            staff_id=collector.me.staff_id,
            clock=collector.runtime.clock,
        )
    return _list_again(request, collector, _form_view(data), done=name, notice="task_done")


@post(f"{PATH}/undo", sync_to_thread=True)
def undo(
    request: Request[Any, Any, Any], data: FormBody, collector: NamedDependency[Asker]
) -> Response[Any]:
    """It was not done. Raises NoSuchTask."""
    with collector.transaction() as session:
        task = _task(session, collector, field(data, "task"))
        actions.reopen(session, collector.supplier_id, task, clock=collector.runtime.clock)
    return _list_again(request, collector, _form_view(data), done="", notice="task_reopened")


def _list_again(
    request: Request[Any, Any, Any], asker: Asker, view: View, *, done: str, notice: str
) -> Response[Any]:
    """The list without what has left it: alone where htmx asks, else after a redirect."""
    if request.headers.get("hx-request") != "true":
        return asker.back(view.url(page=view.page, done=done), notice)
    with asker.reading() as session:
        page = worklist_page(session, asker, view, done=done)
    return asker.page("_worklist.html", page)


@get(f"{PATH}/task", sync_to_thread=True)
def show_task(request: Request[Any, Any, Any], asker: NamedDependency[Asker]) -> Response[Any]:
    """Raises NoSuchTask; without a name it is the list that was meant."""
    name = str(request.query_params.get("task", ""))
    if not name:
        return asker.back(PATH, "task_gone")
    with asker.reading() as session:
        page = task_page(session, asker, name)
    return asker.page("worklist_task.html", page)


def task_page(session: Session, asker: Asker, name: str, **typed: str) -> TaskPage:
    """`typed` is what stood in a form that was refused, and `error`. Raises NoSuchTask."""
    asked = asked_of(session, asker.supplier_id, clock=asker.runtime.clock)
    line = find_placed(session, asked, key_of(name), sources=SOURCES)
    return TaskPage(
        head=asker.head(session, "today"),
        notice=asker.notice(),
        row=task_row(asker, line),
        today=asker.today,
        latest=asker.today + actions.LONGEST,
        typed_until=typed.get("until", ""),
        typed_why=typed.get("why", ""),
        error=typed.get("error", ""),
    )


@post(f"{PATH}/task", sync_to_thread=True)
def take_task(data: FormBody, collector: NamedDependency[Asker]) -> Response[Any]:
    """Take it, leave it, put it off, be done with it. Raises NoSuchTask."""
    name, choice = field(data, "task"), field(data, "choice")
    try:
        with collector.transaction() as session:
            notice = _chosen(session, collector, _task(session, collector, name), choice, data)
    except PutOffImpossible:
        typed = {"until": field(data, "until"), "why": field(data, "why")}
        with collector.reading() as session:
            page = task_page(session, collector, name, error="put_off", **typed)
        return collector.page("worklist_task.html", page, status=422)
    return collector.back(PATH, notice)


def _chosen(
    session: Session, asker: Asker, task: Task, choice: str, data: Mapping[str, Any]
) -> str:
    """Do what was chosen; the notice that says so."""
    supplier_id, clock, me = asker.supplier_id, asker.runtime.clock, asker.me.staff_id
    if choice == "take":
        actions.take(session, supplier_id, task, staff_id=me, clock=clock)
        return "task_taken"
    if choice == "leave":
        actions.leave(session, supplier_id, task, clock=clock)
        return "task_left"
    if choice == "put_off":
        actions.put_off(
            session, supplier_id, task, until=read_day(field(data, "until")),
            why=field(data, "why")[:500], today=asker.today, clock=clock,
        )  # fmt: skip
        return "task_put_off"
    if choice == "done":
        note = field(data, "note")[:500]
        actions.done(session, supplier_id, task, staff_id=me, note=note, clock=clock)
        return "task_done"
    actions.reopen(session, supplier_id, task, clock=clock)
    return "task_reopened"
