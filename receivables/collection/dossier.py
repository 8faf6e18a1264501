"""Everything a collection file says, as finished values: -> collection_file/letter.xml and the
lists beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from receivables.ids import LetterId
from receivables.letters.rendering import Letterhead
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file as it came or was made, which is put into the ZIP byte for byte."""

    path: str
    what: str
    sha256: str
    size_bytes: int
    #: Where its content is: an invoice's document or an upload.
    document_id: UUID | None = None
    upload_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The supplier, or the debtor."""

    name: str
    lines: tuple[str, ...]
    country: str
    #: Scheme and value of each register number.
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFact:
    name: str
    email: str
    role: str
    is_primary: bool
    bounced_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFact:
    """One invoice with something outstanding, or one that was handed over."""

    number: str
    issued_on: date
    due_on: date
    total: Money
    outstanding: Money
    days_late: int
    reference: str
    disputed: Money | None
    #: Who collects it, and since when; "" while it is the supplier's own.
    handed_to: str
    handed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRow:
    """Days with one principal and one rate."""

    first_day: date
    last_day: date
    days: int
    principal: Money
    percent: Decimal
    source: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestFact:
    """Late interest on one invoice, item by item; without rows `why_none` says why."""

    number: str
    rows: tuple[InterestRow, ...] = ()
    interest: Money | None = None
    withheld: Money | None = None
    compensation: Money | None = None
    compensation_source: str = ""
    #: What notes have claimed already: it is among the invoices.
    noted: Money | None = None
    state_words: str = ""
    why_none: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFact:
    """One movement on the debtor's account: `number` is the invoice, "" for unapplied money."""

    on: date
    what: str
    number: str
    #: Above zero it raises what is owed.
    amount: Money
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFact:
    """One message that was sent, or was to be: the proof of it."""

    channel: str
    what: str
    to: str
    numbers: tuple[str, ...]
    amount: Money
    state: str
    state_words: str
    #: The Message-ID, the gateway's id, the post's number.
    message_id: str
    #: What the server, the gateway or the post answered.
    answer: str
    decided_at: datetime
    claimed_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A letter that was printed, and where its copy goes."""

    path: str
    letter_id: LetterId


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFact:
    """What was agreed to, word for word."""

    path: str
    text: str
    sha256: str
    version: str
    agreed_at: datetime
    agreed_by: str
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFact:
    number: str
    state_words: str
    total: Money
    proposed_at: datetime
    ended_at: datetime | None
    consents: tuple[ConsentFact, ...]
    #: The signed agreement; None before that.
    agreement_path: str
    agreement: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidFact:
    """What somebody wrote in a dispute; notes among the supplier's staff are none of it."""

    at: datetime
    author: str
    body: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFact:
    reference: str
    reason: str
    numbers: tuple[str, ...]
    disputed: Money
    upheld: Money
    state_words: str
    opened_at: datetime
    decided_on: date | None
    path: str
    said: tuple[SaidFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFact:
    """A promise, or (paid_on) what the debtor says is paid."""

    at: datetime
    amount: Money
    day: date
    is_claim: bool
    numbers: tuple[str, ...]
    state_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What is asked for in one currency."""

    currency: str
    outstanding: Money
    #: Interest and fixed sums that may be asked for and that no note has claimed.
    interest: Money
    unapplied: Money

    @property
    def total(self) -> Money:
        return self.outstanding + self.interest - self.unapplied


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One debtor as the file tells them, on one day."""

    head: Letterhead
    zone: str
    on: date
    made_at: datetime
    supplier: Party
    supplier_contact: tuple[str, ...]
    debtor: Party
    debtor_number: str
    debtor_kind: str
    contacts: tuple[ContactFact, ...]
    totals: tuple[Totals, ...]
    invoices: tuple[InvoiceFact, ...]
    interest: tuple[InterestFact, ...]
    entries: tuple[EntryFact, ...]
    messages: tuple[MessageFact, ...]
    letters: tuple[Printed, ...]
    plans: tuple[PlanFact, ...]
    disputes: tuple[DisputeFact, ...]
    promises: tuple[PromiseFact, ...]
    timeline: tuple[Happened, ...]
    enclosures: tuple[Enclosure, ...]
