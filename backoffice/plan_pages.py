"""What the templates about plans get as `page`: finished values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money
from receivables.web.parts import TimelineEntry

Show = Literal["queue", "drafts", "standing", "trouble", "over"]
StepName = Literal["approve", "refuse", "cancel", "pause", "resume", "restructure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One plan in a list."""

    id: UUID
    number: str
    debtor_id: UUID
    debtor_name: str
    tone: str
    icon: str
    state_words: str
    total: Money
    outstanding: Money
    parts: int
    #: The day the supplier answers by, or the next instalment falls due.
    next_on: date | None
    #: `next_on` has passed.
    is_late: bool
    #: Why a person decides, or what is wrong; empty where nothing is.
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansPage:
    """`GET /plans?show=` -> plans.html."""

    head: OfficeHead
    notice: Notice | None
    show: Show
    counts: tuple[tuple[Show, int], ...]
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    place: int
    due_on: date
    amount: Money
    paid: Money
    is_late: bool
    #: When it is charged next, tries so far, and what it waits for in words.
    charge_on: date | None
    tries: int
    needs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCovers:
    invoice_id: UUID
    number: str
    due_on: date
    base: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSaid:
    """One message about the plan."""

    words: str
    decided_on: date
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConsented:
    by: str
    at: datetime
    address: str
    user_agent: str
    version: str
    text_hash: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficePlanPage:
    """`GET /plans/{id}` -> plan.html; each of `steps` is a link to its preview."""

    head: OfficeHead
    notice: Notice | None
    row: PlanRow
    version: int
    replaces_id: UUID | None
    sentences: tuple[str, ...]
    card: str
    note: str
    insurer_agreement: str
    parts: tuple[PlanPart, ...]
    covers: tuple[PlanCovers, ...]
    said: tuple[PlanSaid, ...]
    consents: tuple[PlanConsented, ...]
    timeline: tuple[TimelineEntry, ...]
    steps: tuple[tuple[StepName, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStepPage:
    """`GET /plans/{id}/{step}` -> plan_step.html: what the step does, before it is taken."""

    head: OfficeHead
    notice: Notice | None
    row: PlanRow
    step: StepName
    title: str
    button: str
    effects: tuple[str, ...]
    #: What the form asks for.
    asks_note: bool
    note_required: bool
    asks_insurer: bool
    #: Of a restructuring: what can be chosen; parts and words.
    options: tuple[tuple[int, str], ...]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyExample:
    """What one class could choose for the example's amount."""

    payer_class: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """`GET /plans/policy` -> plan_policy.html: the terms, and what they mean for an amount.

    `values` are the fields as typed; the form sends them all. `example` is the amount asked about.
    """

    head: OfficeHead
    notice: Notice | None
    currency: str
    values: dict[str, str]
    #: Class, months, first payment in percent, fee, and rate in percent.
    classes: tuple[tuple[str, str, str, str, str], ...]
    #: The highest yearly rate that can be set, as a fraction.
    most_rate: Decimal
    frequencies: tuple[tuple[str, str, bool], ...]
    solvency: tuple[tuple[str, str, bool], ...]
    whole_units: bool
    example: str
    examples: tuple[PolicyExample, ...]
    #: The field that is wrong.
    error: str = ""
    may_edit: bool = True
