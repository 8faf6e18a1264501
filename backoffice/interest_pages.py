"""What the pages about late interest get; see `pages.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.ids import DebtorId, InvoiceId
from receivables.interest.laws import Begins
from receivables.interest.notes import ClaimNote
from receivables.interest.queries import ClaimState
from receivables.interest.rules import Segment
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedRow:
    """An invoice that was paid late; its form is `POST /invoices/{id}/interest`."""

    invoice_id: UUID
    number: str
    debtor_id: DebtorId
    debtor_name: str
    amounts: tuple[Money, ...]
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    debtor_id: DebtorId
    debtor_name: str
    debtor_number: str
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestPage:
    """`GET /settings/interest` -> interest.html.

    For an owner: `POST /settings/interest` (`stance`, `after_payment`, `compensation`, `agreed`,
    `due_is_agreed`, `creditor_is_small`, `company_number`) and
    `POST /settings/interest/agreements` (`debtor`, `percent`, empty to end one).
    """

    head: OfficeHead
    notice: Notice | None
    stance: str
    after_payment: str
    compensation: bool
    due_is_agreed: bool
    creditor_is_small: bool
    #: As typed.
    agreed: str
    company_number: str
    typed_debtor: str
    typed_percent: str
    undecided: tuple[UndecidedRow, ...]
    agreements: tuple[AgreementRow, ...]
    #: Reference rates that are not known for today: their names, and the last day known.
    missing: tuple[tuple[str, date | None], ...]
    may_edit: bool
    #: The field that was refused: agreed, company_number, debtor, percent; empty when none was.
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestPart:
    """On an invoice's page -> _interest.html: what is claimed, and what has run up since."""

    state: ClaimState
    notes: tuple[ClaimNote, ...]
    #: Of what is in no note, one amount per currency.
    run_up: tuple[Money, ...]
    #: The invoice and its number, where this one is such a note itself.
    note_for: tuple[InvoiceId, str] | None
    #: Of such a note: the accounts of revenue it stands in, less what was taken back.
    booked: tuple[tuple[str, Money], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPage:
    """`GET /invoices/{id}/interest` -> claim_interest.html.

    `POST` to the same decides (`choice`: waive, keep, or claim `until` a day); `.../waive` takes a
    `note` back, `.../give-back` what was claimed too much. `segments` and the sums are empty where
    `state` says why nothing was reckoned: `rate_missing` (`missing`: which rate, of which day),
    `needs_notice` (`needs`), `no_rule`, `not_late`, `of_interest` (`note_for`).
    """

    head: OfficeHead
    notice: Notice | None
    invoice_id: UUID
    number: str
    debtor_name: str
    on: date
    state: ClaimState
    segments: tuple[Segment, ...]
    interest: Money | None
    withheld: Money | None
    #: Of the interest, what notes ask for; and what they asked for too much, as is known now.
    noted: Money
    overclaimed: Money
    #: None also where a note asks for it.
    compensation: Money | None
    compensation_source: str
    #: Of what is in no note.
    totals: tuple[Money, ...]
    missing: tuple[str, date] | None
    needs: Begins | None
    notes: tuple[ClaimNote, ...]
    #: The invoice and its number, where this one is such a note itself.
    note_for: tuple[InvoiceId, str] | None
    claimed_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    first_day: date
    last_day: date
    percent: Decimal
    source: str
    checked_on: date
    origin: Literal["shipped", "installation", "own"]
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRows:
    code: str
    name: str
    known_until: date
    #: The latest first.
    rows: tuple[RateRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesPage:
    """`GET /settings/interest/rates` -> rates.html; for an owner `POST` to the same adds a row."""

    head: OfficeHead
    notice: Notice | None
    series: tuple[SeriesRows, ...]
    typed: Mapping[str, str]
    #: Names of the fields that were refused.
    wrong: frozenset[str]
    may_edit: bool
