"""What the pages about tasks get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.ids import DebtorId
from receivables.money import Money
from receivables.web.parts import Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task; `name` is what forms call it (`task`), `url` and `verb` are its one action."""

    name: str
    kind: str
    kind_words: str
    verb: str
    url: str
    #: Why it is there, as a sentence.
    reason: str
    debtor_id: DebtorId | None
    debtor_name: str
    at_risk: tuple[Money, ...]
    since: datetime | None
    due_on: date | None
    days_past_due: int
    is_overdue: bool
    #: Whose it is; "" where it is nobody's.
    staff_name: str
    is_mine: bool
    is_taken: bool
    put_off_until: date | None
    put_off_why: str
    more_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLink:
    """A filter by kind, and how many there are."""

    words: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistPage:
    """`GET /today` -> worklist.html; its fragment is _worklist.html.

    `POST /today/done` and `/today/undo` (`task`, and `show`, `kind`, `page` to come back).
    """

    head: OfficeHead
    notice: Notice | None
    today: date
    show: str
    kind: str
    page: int
    kinds: tuple[KindLink, ...]
    rows: tuple[TaskRow, ...]
    pager: Pager
    #: What was done just now, to be taken back: its name and what it was.
    just_done: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """`GET /today/task?task=` -> worklist_task.html; `POST` to the same (`choice`: take, leave,
    put_off with `until` and `why`, done with `note`, reopen).
    """

    head: OfficeHead
    notice: Notice | None
    row: TaskRow
    today: date
    latest: date
    typed_until: str
    typed_why: str
    #: "put_off" where that was refused.
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorTasksPage:
    """`GET /debtors/{id}/tasks` -> debtor_tasks.html; `POST` to the same sets a task of one's own
    (`text`, `day`), `POST /debtors/{id}/owner` says who looks after the debtor (`staff`).
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    today: date
    rows: tuple[TaskRow, ...]
    #: Whom it may be: id and name; and who it is.
    colleagues: tuple[tuple[UUID, str], ...]
    owner_id: UUID | None
    typed_text: str
    typed_day: str
    error: str
