"""What the pages about tomorrow's messages, scenarios and stops get; see `pages.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A message as it will go, waits, or is left alone."""

    id: UUID | None
    debtor_id: UUID
    debtor_name: str
    recipient: str
    step: str
    channel: str
    numbers: tuple[str, ...]
    amount: Money
    why: str
    is_vetoed: bool = False
    #: Whether a person has to let it out.
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VetoRow:
    """What was taken out of a day; no name: everything."""

    id: UUID
    debtor_name: str
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningOutRow:
    """An open invoice whose time is running out in law."""

    invoice_id: UUID
    number: str
    amount: Money
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TomorrowPage:
    """`GET /reminders/tomorrow?on=` -> tomorrow.html.

    `POST /reminders/veto` with `on`, and `debtor` and `currency` for less than all;
    `POST /reminders/veto/{id}/withdraw`; `POST /reminders/{id}/let-out` and `/decline`;
    `POST /reminders/let-out` with `reason` for all that wait because of it.
    """

    head: OfficeHead
    notice: Notice | None
    on: date
    may_veto: bool
    messages: tuple[MessageRow, ...]
    tasks: tuple[MessageRow, ...]
    held: tuple[MessageRow, ...]
    vetoes: tuple[VetoRow, ...]
    waiting: tuple[MessageRow, ...]
    #: Batches that can be let out as a whole: reason, its words, how many.
    batches: tuple[tuple[str, str, int], ...]
    #: Why nobody is asked for what is overdue on that day, or nothing is sent; empty: no reason.
    held_back: str
    #: Invoices that can be enforced for a few weeks more.
    running_out: tuple[RunningOutRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of a scenario in the list and on the calendar line."""

    name: str
    offset_days: int
    #: "3 days after the due date".
    when: str
    level: int
    tone: str
    ways: str
    mode: str
    #: What the law makes of it; empty where that is nothing.
    effect: str
    url: str
    #: Where it stands on the line: hundredths of its width.
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    place: int
    name: str
    #: For whom it is, in words.
    whom: str
    steps: tuple[StepRow, ...]
    #: It has the free first reminder, after which nothing firmer comes at once.
    has_first_reminder: bool
    #: The due date's place on the line.
    due_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenariosPage:
    """`GET /reminders/scenarios` -> scenarios.html."""

    head: OfficeHead
    notice: Notice | None
    scenarios: tuple[ScenarioView, ...]
    presets: tuple[tuple[str, str], ...]
    may_edit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What another scenario changes for one debtor on one day."""

    debtor_id: UUID
    debtor_name: str
    on: date
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """`GET /reminders/scenarios/step?scenario=&step=` -> scenario_step.html.

    `POST /reminders/scenarios/step` with `scenario` and `step` (new: another one), the fields of
    `values`, and `do` = compare | save | remove.
    """

    head: OfficeHead
    notice: Notice | None
    scenario: ScenarioView
    step: str
    title: str
    is_new: bool
    values: Mapping[str, str]
    #: Values of `channels` in the order in which they are tried, one of them for each place; ""
    #: leaves a place empty. Sent as `channel`, as many as there are.
    ways: tuple[str, ...]
    #: Values of `channels` that go along with it, sent as `beside`.
    beside: frozenset[str]
    tones: tuple[tuple[str, str], ...]
    modes: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    audiences: tuple[tuple[str, str], ...]
    effects: tuple[tuple[str, str], ...]
    error: str
    may_edit: bool
    #: None before it was asked for.
    changes: tuple[ChangeRow, ...] | None = None
    #: How many debtors were looked at, on how many days.
    compared: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    id: UUID
    what: str
    reason: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopsPage:
    """`GET /debtors/{id}/stops` -> stops.html.

    `POST` of the same address with `invoice` (empty: all), `kind`, `reason`, `until`;
    `POST /debtors/{id}/stops/{stop}/lift`.
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    stops: tuple[StopRow, ...]
    invoices: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]
    values: Mapping[str, str]
    today: date
    latest: date
    may_leave_open: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceRow:
    id: UUID
    first_on: date
    last_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPage:
    """`GET /reminders/hours` -> hours.html: hours, limits, absences.

    `POST /reminders/hours`; `POST /reminders/absences` with `first`, `last`, `reason`;
    `POST /reminders/absences/{id}/cancel`.
    """

    head: OfficeHead
    notice: Notice | None
    values: Mapping[str, str]
    absences: tuple[AbsenceRow, ...]
    today: date
    may_edit: bool
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPage:
    """`GET /invoices/{id}/why?on=` -> why.html."""

    head: OfficeHead
    notice: Notice | None
    invoice_id: UUID
    number: str
    on: date
    #: What the day brings: a sentence, and what it is kept back by.
    what: str
    why: str
    because: str
    scenario: str
    next_on: date | None
