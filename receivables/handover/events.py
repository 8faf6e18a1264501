"""What can have happened to invoices that others collect. Staff alone read of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.money import Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Event):
    """Some invoices of a debtor are collected by somebody else from now on."""

    kind: ClassVar[str] = "handover.handed_over"

    recipient: str
    note: str
    numbers: tuple[str, ...]
    #: Per currency.
    amounts: tuple[Money, ...]
    disputed: tuple[str, ...]


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHandedOver(Event):
    """The same of one invoice."""

    kind: ClassVar[str] = "handover.invoice_handed_over"
    repeats: ClassVar[bool] = True

    recipient: str
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Event):
    """Some invoices are the supplier's own to collect again."""

    kind: ClassVar[str] = "handover.taken_back"

    numbers: tuple[str, ...]
    why: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTakenBack(Event):
    """The same of one invoice."""

    kind: ClassVar[str] = "handover.invoice_taken_back"
    repeats: ClassVar[bool] = True

    why: str
