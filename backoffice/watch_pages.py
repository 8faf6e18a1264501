"""What each page of the backoffice's Monitoring section gets; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from backoffice.pages import AlertLine, Band, Notice, OfficeHead, ScoreChart
from receivables.money import Money
from receivables.web.parts import Pager, TimelineEntry

Decision = Literal[
    "keep", "lower_limit", "prepayment", "stop_deliveries", "insurer_told", "call", "false_alarm"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source of readings, and whether it is alive."""

    name: str
    watched: int
    last_reading_at: datetime | None
    last_success_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsPage:
    """`GET /monitoring?show=&page=` -> alerts.html; the list grows by `/alerts/stream`."""

    head: OfficeHead
    notice: Notice | None
    show: Literal["open", "all"]
    alerts: tuple[AlertLine, ...]
    sources: tuple[SourceStatus, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One telling of an alert to one person by one channel."""

    staff_name: str
    channel: Literal["email", "push"]
    state: Literal["waiting", "sent", "gone", "failed"]
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    staff_name: str
    at: datetime
    decision: Decision
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPage:
    """`GET /monitoring/alerts/{id}` -> alert.html.

    `POST /monitoring/alerts/{id}/acknowledge` with `decision` and `note`.
    """

    head: OfficeHead
    notice: Notice | None
    alert: AlertLine
    as_of_on: date
    received_at: datetime
    #: What happened and what was asked for, see `wording.explained`.
    explained: str
    overdue: tuple[Money, ...]
    #: Exposure as a fraction of everything outstanding, 0 to 1; None when nothing is.
    share: Decimal | None
    open_count: int
    chart: ScoreChart | None
    deliveries: tuple[Delivery, ...]
    acknowledgement: Acknowledgement | None
    timeline: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRule:
    """One rule and its numbers; `window_days` is for S-DROP, `band` for S-CLASS."""

    id: UUID
    rule: str
    is_on: bool
    #: S-THR: the score; S-DROP: points lost; S-CLASS: bands lost.
    threshold: int
    window_days: int | None
    fired_last_90_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRulesPage:
    """`GET /monitoring/rules` -> watch_rules.html.

    `POST /monitoring/rules/{id}` with `is_on` (a tick), `threshold`, `window_days`; `error_in` is
    the rule whose numbers were refused, with the sentence `error`.
    """

    head: OfficeHead
    notice: Notice | None
    rules: tuple[WatchRule, ...]
    error_in: UUID | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    debtor_id: UUID
    debtor_name: str
    source: str
    score: int | None
    band: Band
    as_of_on: date
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsReport:
    """What became of an uploaded file of readings."""

    name: str
    taken: int
    known: int
    #: Line number, what is wrong, how to mend it.
    faults: tuple[tuple[int, str, str], ...]
    alerts_raised: int
    #: A long file: accepted, and recorded in turn.
    is_queued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsPage:
    """`GET /monitoring/readings` -> readings.html; `POST` the same, multipart, `file`."""

    head: OfficeHead
    notice: Notice | None
    report: ReadingsReport | None
    latest: tuple[ReadingRow, ...]
    columns: tuple[tuple[str, bool, str], ...]
