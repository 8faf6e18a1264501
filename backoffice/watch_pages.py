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
    #: When it was sent, or will be.
    at: datetime | None
    purpose: Literal["first", "unopened", "deputy", "admin", "again"] = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    staff_name: str
    at: datetime
    decision: Decision
    note: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPage:
    """`GET /monitoring/alerts/{id}` -> alert.html.

    `POST /monitoring/alerts/{id}/acknowledge` with `decision`, `note` and perhaps `due_on`;
    `.../snooze` with `until`; `.../opened` by the page itself, unless it `is_opened`.
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
    #: Today, before which nothing can be due.
    first_day: date
    #: Why the last form was refused, as a sentence; empty when none was.
    error: str = ""
    #: Whether this reader has had the page before them already.
    is_opened: bool = False
    #: Of a mass change the alerts it tells of, the gravest first, and how many more there are.
    members: tuple[AlertLine, ...] = ()
    more_members: int = 0
    #: The notice of a mass change in which it was told.
    mass_alert_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRule:
    """One rule and its numbers, as saved or as just typed."""

    id: UUID
    rule: str
    name: str
    is_on: bool
    #: What its number counts; empty where it has none.
    number_name: str
    threshold: str
    #: None where it looks back by no number of days.
    window_days: str | None
    severity_shift: int
    fired_last_90_days: int
    #: What is wrong with what was typed, in a sentence, and in which field.
    error: str
    error_in: str
    past: RulePast | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAlert:
    """One thing a rule would have told: `what` says from what to what."""

    on: date
    debtor_id: UUID
    debtor_name: str
    source: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePast:
    """What a rule with these numbers would have told -> _rule_past.html, `past`."""

    sentence: str
    alerts: tuple[PastAlert, ...]
    #: How many more there are than are listed.
    more: int
    #: Whether the portfolio is so large that only a part of it was looked at.
    is_partial: bool
    is_today: bool

    @staticmethod
    def refused(sentence: str) -> RulePast:
        """What is wrong with the numbers, where the past would stand."""
        return RulePast(sentence=sentence, alerts=(), more=0, is_partial=False, is_today=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRulesPage:
    """`GET /monitoring/rules` -> watch_rules.html.

    `POST /monitoring/rules/{id}` with `is_on` (a tick), `threshold`, `window_days`,
    `severity_shift`; `POST /monitoring/rules/{id}/past` with the same saves nothing and answers
    with what the rule would have told (to htmx with the fragment alone).
    """

    head: OfficeHead
    notice: Notice | None
    rules: tuple[WatchRule, ...]
    #: Steps and their names.
    shifts: tuple[tuple[int, str], ...]


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
