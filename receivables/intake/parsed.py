"""What a file said: pure values, before anything is put on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from receivables.intake.faults import COLUMN_FAULTS, Fault, Refused
from receivables.intake.list_layout import SeenLayout
from receivables.money import Money

__all__ = [
    "CREDIT_NOTE_CODES",
    "DueDateSource",
    "Fault",
    "FileReport",
    "Format",
    "Identifier",
    "Line",
    "ParsedInvoice",
    "Party",
    "Refused",
]

#: Document types that credit the buyer.
#: Source: EN 16931 code list of BT-3 (UNTDID 1001), the codes that its UBL binding gives a
#: CreditNote, and 262, 308, 420, 458 which the lists of UBL and Peppol add.
CREDIT_NOTE_CODES = frozenset(
    {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
)


class Format(StrEnum):
    """How the invoice was written."""

    UBL_INVOICE = "ubl-invoice"
    UBL_CREDIT_NOTE = "ubl-credit-note"
    CII = "cii"
    FACTURX = "factur-x"
    """XML inside a PDF, or ZUGFeRD 1.0 in either form; the profile says which."""
    CSV = "csv"
    XLSX = "xlsx"


class DueDateSource(StrEnum):
    """How we know the due date."""

    EXPLICIT = "explicit"
    TERMS = "terms"
    """Read from the text of the payment terms."""
    DEFAULT = "default"
    """Nothing said; the supplier's usual terms from the issue date."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number that identifies a company.

    `scheme` is SIREN, SIRET, KBO, UID, VAT or GLN where the value passed the check of its kind;
    PEPPOL is an electronic address as ``scheme:value``; DEBTOR is the number the supplier gave
    its debtor; OTHER is anything else, as written.
    """

    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class Party:
    """A seller or buyer as the document names it. `country` is ISO 3166 alpha-2.

    `name` is in one line, fit for a mail's header. Where the document writes it in several, they
    are kept in `name_as_written`.
    """

    name: str
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    email: str | None = None
    language: str | None = None
    name_as_written: str | None = None

    @property
    def stated_name(self) -> str:
        """The name exactly as the document has it."""
        return self.name_as_written or self.name

    def identified(self, scheme: str) -> str | None:
        """The first value of `scheme`, if there is one."""
        return next((each.value for each in self.identifiers if each.scheme == scheme), None)


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `unit` is a code of UN/ECE Recommendation 20."""

    position: str
    description: str
    quantity: Decimal | None
    unit: str | None
    net: Money | None


@dataclass(frozen=True, slots=True)
class ParsedInvoice:
    """An invoice or credit note, as written.

    `total` is the amount with VAT (BT-112), `payable` what remains to be paid (BT-115); both may
    be negative, as corrections are. A credit note's amounts are positive. `type_code` is UNTDID
    1001 (380 invoice, 381 credit note, 384 correction, 389 self-billed). `account` is an IBAN
    without spaces, or what was written when that is none. `note` is the text of the payment
    terms, `profile` the specification the document claims to follow (BT-24).
    """

    format: Format
    number: str
    type_code: str
    issue_date: date
    due_date: date
    due_date_source: DueDateSource
    currency: str
    payable: Money
    total: Money
    seller: Party
    buyer: Party
    payment_reference: str | None = None
    account: str | None = None
    preceding_invoice: str | None = None
    note: str | None = None
    lines: tuple[Line, ...] = ()
    profile: str | None = None

    @property
    def is_credit_note(self) -> bool:
        return self.format is Format.UBL_CREDIT_NOTE or self.type_code in CREDIT_NOTE_CODES


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: its invoices, or every reason why it was refused."""

    file: str
    format: Format | None
    invoices: tuple[ParsedInvoice, ...] = ()
    faults: tuple[Fault, ...] = ()
    #: Of a list: what it looks like, where that is worth knowing.
    layout: SeenLayout | None = None

    @property
    def accepted(self) -> bool:
        return not self.faults

    @property
    def needs_columns(self) -> bool:
        """Whether the list can be read once somebody says what its columns are."""
        return self.layout is not None and any(each.code in COLUMN_FAULTS for each in self.faults)
