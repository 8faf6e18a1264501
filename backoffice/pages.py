"""What each page of the backoffice gets; a template receives one of these as `page`.

Text a person wrote is plain text; words of ours are in the templates. Paths named here are those
the templates link to and post to. More pages: invoices, reminders and payments in
`billing_pages.py`, monitoring in `watch_pages.py`, settings in `settings_pages.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from backoffice.saved_methods import SavedMethodRow
from receivables.money import Money
from receivables.web.parts import AgeingBucket, InvoiceStatus, Pager, TimelineEntry

Section = Literal[
    "today",
    "overview",
    "debtors",
    "invoices",
    "reminders",
    "disputes",
    "plans",
    "payments",
    "monitoring",
    "settings",
    "",
]
Role = Literal["owner", "collector", "reader"]
Band = Literal["A", "B", "C", "D", "E", "none"]
PaymentState = Literal["open", "processing", "unknown", "settled", "failed", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHead:
    """What stands around every page. Search is `GET /search?q=`; `POST /sign-out` signs out.

    `role` decides which buttons are shown; what may be done is decided by the handlers.
    """

    supplier_name: str
    staff_name: str
    role: Role
    section: Section
    open_alerts: int
    #: Where the language switcher (`POST /language`) comes back to.
    path: str
    search: str = ""
    #: What happened last to alerts when the page was made: the stream goes on from there.
    news: str = ""
    #: What browsers subscribe with; empty while the installation cannot push.
    vapid_key: str = ""
    vapid_key_id: str = ""

    @property
    def may_write(self) -> bool:
        return self.role != "reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the last POST did, shown once above the page after its 303."""

    kind: Literal["done", "note", "failed"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """`GET /sign-in` -> sign_in.html; `POST /sign-in` with `email`, `password`, `next`."""

    email: str
    next: str
    error: Literal["", "wrong", "too_many", "signed_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The head figures in one currency."""

    currency: str
    outstanding: Money
    open_count: int
    overdue: Money
    overdue_count: int
    #: Settled in the last thirty days.
    received: Money
    #: Expected to come in the next thirty.
    expected: Money
    #: Days sales outstanding; None when nothing was invoiced in the period.
    dso_days: Decimal | None
    #: Against the same figure thirty days ago; negative is better.
    dso_change: Decimal | None
    ageing: tuple[AgeingBucket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """Something that waits for a person, with how many there are and where to do it."""

    kind: Literal[
        "open_alerts",
        "unknown_reminders",
        "unknown_payments",
        "failed_refunds",
        "chargebacks",
        "disputes",
        "plans",
        "claims",
        "broken_promises",
        "contact_changes",
        "unapplied_cash",
        "debtors_without_address",
        "dead_jobs",
    ]
    count: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentPayment:
    id: UUID
    debtor_id: UUID
    debtor_name: str
    amount: Money
    state: PaymentState
    at: datetime
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """A debtor whose band is D or E, or fell lately, and who owes something."""

    debtor_id: UUID
    name: str
    band: Band
    previous_band: Band
    outstanding: Money
    overdue: Money
    days_past_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    """`GET /` -> today.html."""

    head: OfficeHead
    notice: Notice | None
    today: date
    todos: tuple[Todo, ...]
    #: The supplier's own currency first; empty before the first invoice.
    totals: tuple[Totals, ...]
    alerts: tuple[AlertLine, ...]
    at_risk: tuple[AtRisk, ...]
    payments: tuple[RecentPayment, ...]
    reminders_tomorrow: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert in a list: `_alert.html` gets it as `alert`; the stream's event `alert` is that.

    The stream `GET /alerts/stream` also sends event `bell`: template `_bell.html` with `head`.
    """

    id: UUID
    #: None of a silent source and of a mass change.
    debtor_id: UUID | None
    debtor_name: str | None
    #: Its rule, such as `S-CLASS`.
    rule: str
    #: What happened, see `wording.headline`.
    headline: str
    severity: Literal["critical", "high", "medium", "low", "info"]
    source: str
    #: None where it is not about bands.
    band_before: Band | None
    band_after: Band | None
    exposure: tuple[Money, ...]
    raised_at: datetime
    acknowledged_at: datetime | None
    #: Set when the source took back what it was about.
    retracted_at: datetime | None = None
    #: Until when somebody put it off.
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorRow:
    id: UUID
    name: str
    place: str
    country: str
    #: One per currency; empty when nothing is outstanding.
    outstanding: tuple[Money, ...]
    overdue: tuple[Money, ...]
    #: Of the oldest open invoice; 0 when none is overdue.
    days_past_due: int
    open_count: int
    band: Band
    previous_band: Band


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorsPage:
    """`GET /debtors?q=&show=&sort=&page=` -> debtors.html."""

    head: OfficeHead
    notice: Notice | None
    q: str
    show: Literal["all", "open", "overdue", "at_risk", "credit", "unreachable"]
    sort: Literal["name", "outstanding", "overdue", "oldest", "band"]
    rows: tuple[DebtorRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the head of a debtor says about how things are."""

    outstanding: tuple[Money, ...]
    overdue: tuple[Money, ...]
    days_past_due: int
    unapplied: tuple[Money, ...]
    band: Band
    previous_band: Band
    score: int | None
    source: str
    as_of_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    invoice_id: UUID
    number: str
    issued_on: date
    due_on: date
    days_past_due: int
    invoiced: Money
    outstanding: Money
    status: InvoiceStatus
    #: The last reminder sent for it; empty when none was.
    last_step: Literal["", "courtesy", "r1", "r2"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """One grant into the portal; revoked by `POST /debtors/{id}/links/{grant}/revoke`."""

    id: UUID
    state: Literal["valid", "expired", "revoked"]
    created_at: datetime
    expires_on: date
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """A person at the debtor's; a link is made and mailed by `.../contacts/{id}/link`."""

    id: UUID
    name: str
    email: str
    phone: str
    #: Language code, such as `fr`.
    language: str
    #: Why mail does not reach them; empty while it does.
    trouble: Literal["", "bounced", "complained"]
    #: Whom reminders go to.
    is_primary: bool
    links: tuple[LinkRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePoint:
    """One reading; the whole history of one source makes a chart."""

    as_of_on: date
    score: int | None
    band: Band
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BandZone:
    """Where a source's scale puts a band: `low` inclusive to `high` exclusive."""

    band: Band
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChart:
    """One source's readings, oldest first, on its own scale; template `_score_chart.html`."""

    source: str
    low: int
    high: int
    zones: tuple[BandZone, ...]
    points: tuple[ScorePoint, ...]
    #: The source gives bands alone: each point stands in the middle of its band.
    is_banded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorPage:
    """`GET /debtors/{id}` -> debtor.html."""

    head: OfficeHead
    notice: Notice | None
    id: UUID
    name: str
    #: What they are called elsewhere: `("UID", "CHE-123.456.788")`.
    identifiers: tuple[tuple[str, str], ...]
    address: tuple[str, ...]
    country: str
    language: str
    terms_days: int | None
    standing: Standing
    open_items: tuple[OpenItem, ...]
    timeline: tuple[TimelineEntry, ...]
    contacts: tuple[ContactRow, ...]
    charts: tuple[ScoreChart, ...]
    #: What they let us keep and charge.
    saved_methods: tuple[SavedMethodRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRow:
    id: UUID
    number: str
    debtor_id: UUID
    debtor_name: str
    issued_on: date
    due_on: date
    days_past_due: int
    invoiced: Money
    outstanding: Money
    status: InvoiceStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """`GET /search?q=` -> search.html; the best few of each."""

    head: OfficeHead
    q: str
    debtors: tuple[DebtorRow, ...]
    invoices: tuple[InvoiceRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """-> errors/{403,404,409,413,429,500,503}.html; `head` is None while nobody is signed in."""

    head: OfficeHead | None
    status: int
    code: str
    reason: Literal["", "form_too_old", "already_done"] = ""
    retry_seconds: int | None = None
