"""What the story is made of: plain values. Amounts are whole minor units of their currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sandbox.story.samples import SampleFile, sample_files


class HeroKind(StrEnum):
    """What the story does with a debtor."""

    PAYS = "pays"
    """Gets the first reminder on the first day that passes, and pays by card."""
    PAYS_IN_GERMAN = "pays_in_german"
    """Gets a second, firmer reminder on the first day that passes."""
    FALLS = "falls"
    """Owes a large part of everything; its score stands at 71 and is lowered at the bureau."""


@dataclass(frozen=True, slots=True)
class StoryStaff:
    """Somebody who signs in; `role` is owner, collector or reader."""

    name: str
    email: str
    role: str
    language: str
    password: str


@dataclass(frozen=True, slots=True)
class StoryReading:
    """What the bureau said on a day: 0 (fails soon) to 100 (safe); `limit` in whole units."""

    as_of_on: date
    score: int
    limit: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDebtor:
    """A customer. `readings` are the bureau's, monthly, oldest first; the last is how it stands.

    `registration_scheme` is UID, KBO or SIREN; `registration_number` is written as its register
    writes it, `vat_number` is None for those who charge none. `contact_name` is a person.
    """

    number: str
    name: str
    country: str
    language: str
    street: str
    postcode: str
    city: str
    email: str
    contact_name: str
    registration_scheme: str
    registration_number: str
    vat_number: str | None
    bureau_id: str
    readings: tuple[StoryReading, ...]
    #: "business" or "consumer"; a consumer's number and scores are nobody's to know.
    kind: str = "business"

    @property
    def registration_value(self) -> str:
        """The number without its punctuation."""
        return "".join(filter(str.isalnum, self.registration_number))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryInvoice:
    """An invoice, or a credit note (whose amount is what is credited)."""

    number: str
    debtor_number: str
    issued_on: date
    due_on: date
    currency: str
    amount_minor: int
    payment_reference: str
    note: str
    is_credit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTransfer:
    """Money that came by bank transfer for one invoice; `reference` is the bank's, once."""

    reference: str
    debtor_number: str
    invoice_number: str
    booked_on: date
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step of one invoice (courtesy, r1, r2), and what was outstanding on it then."""

    invoice_number: str
    step: str
    outstanding_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryReminder:
    """One message about one debtor's invoices in one currency, sent on `run_on`.

    `step` gives the words (its highest), `amount_minor` is what it asked for. `still_matters`
    when it took a step of an invoice that is open: without it that step would be taken again.
    """

    debtor_number: str
    currency: str
    run_on: date
    step: str
    amount_minor: int
    items: tuple[StoryStep, ...]
    still_matters: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySupplier:
    """A supplier with everything that is its own; its books are told in `sandbox.story`.

    `outstanding` is what is open by invoice number once everything is booked, credits included.
    """

    name: str
    country: str
    zone: str
    language: str
    currency: str
    street: str
    postcode: str
    city: str
    iban: str
    registration_number: str
    vat_number: str
    contact_name: str
    contact_email: str
    contact_phone: str
    accent: str
    least_payment_minor: int
    staff: tuple[StoryStaff, ...]
    debtors: tuple[StoryDebtor, ...]
    heroes: Mapping[HeroKind, str]
    invoices: tuple[StoryInvoice, ...]
    credits: tuple[StoryInvoice, ...]
    transfers: tuple[StoryTransfer, ...]
    reminders: tuple[StoryReminder, ...]
    invoices_csv: bytes = field(repr=False)
    credits_csv: bytes = field(repr=False)
    outstanding: Mapping[str, int]

    def debtor(self, number: str) -> StoryDebtor:
        """The debtor of that number. Raises KeyError."""
        for debtor in self.debtors:
            if debtor.number == number:
                return debtor
        raise KeyError(number)

    def hero(self, kind: HeroKind) -> StoryDebtor:
        """The debtor who plays that part. Raises KeyError."""
        return self.debtor(self.heroes[kind])


@dataclass(frozen=True, slots=True)
class Story:
    """Everything, as it stands at the end of `today`'s morning run."""

    today: date
    suppliers: tuple[StorySupplier, ...]

    def sample_files(self) -> list[SampleFile]:
        """Files to upload in the first supplier's backoffice; the last has a mistake in it."""
        return sample_files(self.suppliers[0], self.today)
