"""What can have happened to an invoice."""

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.money import Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(Event):
    """An invoice was taken in."""

    kind: ClassVar[str] = "invoice.issued"
    shown_to_debtor: ClassVar[bool] = True

    number: str
    total: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteIssued(Event):
    """A credit note was taken in."""

    kind: ClassVar[str] = "invoice.credit_note_issued"
    shown_to_debtor: ClassVar[bool] = True

    number: str
    total: Money
