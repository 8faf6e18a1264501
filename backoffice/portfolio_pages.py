"""What each page of the portfolio health check gets; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.billing_pages import Fault
from backoffice.pages import Band, Notice, OfficeHead
from monitoring.portfolio.document import Document
from receivables.money import Money

CheckState = Literal["running", "ready", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check in the list."""

    id: UUID
    name: str
    state: CheckState
    asked_at: datetime
    asked_by: str
    customers: int
    delete_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksPage:
    """`GET /monitoring/checks` -> checks.html.

    `POST` the same, multipart: `file`, or `book` without one, and `keep_days`; `error` where
    neither came.
    """

    head: OfficeHead
    notice: Notice | None
    checks: tuple[CheckLine, ...]
    keep_days: tuple[int, ...]
    kept_usually: int
    usual_customers: int
    largest_bytes: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a check is: `phases` in their order, each done, in hand or to come."""

    phases: tuple[tuple[str, Literal["done", "now", "later"]], ...]
    done: int
    total: int
    #: How many other ways there are to spend the time: none, it can be left alone.
    poll_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewLine:
    staff_name: str
    what: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """Something the check suggests: how many, in words, and where it is done."""

    words: str
    url: str
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedLine:
    id: UUID
    words: str
    done_at: datetime
    done_by: str
    undone_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    """`GET /monitoring/checks/{id}` -> check.html: its progress, why it was refused, its report.

    `POST .../delete`; `POST .../again` for a book.
    """

    head: OfficeHead
    notice: Notice | None
    check: CheckLine
    progress: Progress | None
    faults: tuple[Fault, ...]
    more_faults: int
    document: Document | None
    todos: tuple[ToDo, ...]
    deeds: tuple[DeedLine, ...]
    views: tuple[ViewLine, ...]
    is_book: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A customer and the company we take it for."""

    place: int
    name: str
    address: str
    number: str
    known_as: str
    debtor_id: UUID | None
    known_number: str
    why: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """`GET /monitoring/checks/{id}/review` -> check_review.html.

    `POST .../review/{place}` with `answer`: yes or no.
    """

    head: OfficeHead
    notice: Notice | None
    check_id: UUID
    guesses: tuple[Guess, ...]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One of the customers of a cluster."""

    place: int
    number: str
    name: str
    address: str
    open: tuple[Money, ...]
    debtor_id: UUID | None
    survives: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterShown:
    place: int
    twins: tuple[Twin, ...]
    together: tuple[Money, ...]
    reasons: str
    score: str
    #: Less likely one than several.
    is_question: bool
    decision: Literal["", "merged", "apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesPage:
    """`GET /monitoring/checks/{id}/duplicates` -> check_duplicates.html.

    `POST .../duplicates/{place}` with `decision` (merged, apart, or "" to take it back) and
    `survivor`; `POST .../duplicates` merges all that are undecided.
    """

    head: OfficeHead
    notice: Notice | None
    check_id: UUID
    duplicates: tuple[ClusterShown, ...]
    groups: tuple[ClusterShown, ...]
    undecided: int
    #: Clusters beyond those shown.
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    debtor_id: UUID
    name: str
    band: Band
    exposure: Money
    now: Money | None
    proposed: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsPage:
    """`GET /monitoring/checks/{id}/actions` -> check_actions.html: what would be done.

    `POST .../limits` with `debtor` for each that is meant; `POST .../watch`;
    `POST .../deeds/{deed}/undo`; CSV files beside them.
    """

    head: OfficeHead
    notice: Notice | None
    check_id: UUID
    cuts: tuple[CutLine, ...]
    to_watch: tuple[str, ...]
    to_watch_count: int
    prepayment_count: int
    insurer_count: int
    deeds: tuple[DeedLine, ...]
    scenario_url: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionsPage:
    """`GET /monitoring/checks/{id}/assumptions` -> check_assumptions.html.

    `POST` the same; `values` as they were typed, `wrong` the fields that were refused.
    """

    head: OfficeHead
    notice: Notice | None
    check_id: UUID
    values: dict[str, str]
    wrong: frozenset[str]
    bands: tuple[str, ...]
    limited_bands: tuple[str, ...]
    are_examples: bool
    currency: str
    may_edit: bool
