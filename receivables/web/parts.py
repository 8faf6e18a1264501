"""Parts of pages that both faces show in the same way: finished values, no way to query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from urllib.parse import quote

from receivables.ledger.rules import InvoiceStatus
from receivables.ledger.statements import Deduction
from receivables.ledger.tables import Reason
from receivables.money import Money

__all__ = ["InvoiceStatus", "invoice_url"]


#: Numbers that mean the same as a part of a path to every browser and proxy.
_PLAIN_NUMBER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def invoice_url(number: str) -> str:
    """Where an invoice's page lives in the portal.

    In a path, `..` and `//` are folded and `%2F` is refused or read as a slash on the way here, by
    one or the other: a number of more than letters and figures stands in the query.
    """
    if _PLAIN_NUMBER.fullmatch(number):
        return f"/invoices/{number}"
    return f"/invoices?number={quote(number, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One thing that happened, as a sentence in the reader's language; newest first."""

    at: datetime
    #: A symbol of `static/icons.svg`, such as `mail`, `card`, `file`, `link`, `alert`, `check`.
    icon: str
    sentence: str
    detail: str = ""
    #: Who did it, where the reader may know; empty in the portal.
    actor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file kept with an invoice, as it came."""

    name: str
    #: How people call the kind: `PDF`, `XML`, `CSV`.
    kind: str
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line of an invoice; what the file did not say is None."""

    description: str
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Money | None = None
    net: Money
    #: A fraction: 0.081 is 8.1 %.
    tax_rate: Decimal | None = None


AmountKind = Literal[
    "credit_note",
    "payment",
    "transfer",
    "unapplied_cash",
    "write_off",
    "write_off_reversed",
    "refund",
    "refund_failed",
    "chargeback",
    "chargeback_reinstated",
    "taken_off",
    "transfer_reversed",
]

_AMOUNT_KINDS: Mapping[Reason, AmountKind] = {
    Reason.TRANSFER_BOOKED: "transfer",
    Reason.TRANSFER_REVERSED: "transfer_reversed",
    Reason.PAYMENT_SETTLED: "payment",
    Reason.CASH_ALLOCATED: "unapplied_cash",
    Reason.ALLOCATION_UNDONE: "taken_off",
    Reason.WRITTEN_OFF: "write_off",
    Reason.WRITE_OFF_REVERSED: "write_off_reversed",
    Reason.REFUNDED: "refund",
    Reason.REFUND_FAILED: "refund_failed",
    Reason.CHARGED_BACK: "chargeback",
    Reason.CHARGEBACK_REINSTATED: "chargeback_reinstated",
}


def kind_of(reason: Reason) -> AmountKind:
    """How an entry on an invoice is named to people."""
    return _AMOUNT_KINDS.get(reason, "credit_note")


def is_credited_alone(deductions: Iterable[Deduction]) -> bool:
    """Whether something was taken off an invoice, and none of it was money that came for it."""
    found = list(deductions)
    came = sum(one.amount.minor for one in found if _is_money(one))
    return bool(found) and came <= 0


def _is_money(one: Deduction) -> bool:
    """Credit without a payment is a credit note's, or was left by an earlier transfer."""
    if one.reason is Reason.CASH_ALLOCATED:
        return one.payment_id is not None
    return one.reason not in (Reason.WRITTEN_OFF, Reason.WRITE_OFF_REVERSED)


def is_written_off(deductions: Iterable[Deduction]) -> bool:
    """Whether some of an invoice is given up, and not expected again."""
    given_up = {Reason.WRITTEN_OFF, Reason.WRITE_OFF_REVERSED}
    return sum(one.amount.minor for one in deductions if one.reason in given_up) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountLine:
    """One step from the amount invoiced to what is outstanding; `amount` is negative where it
    raises what is owed again.
    """

    kind: AmountKind
    amount: Money
    on: date
    #: The credit note's number, the payment's reference; empty where there is none.
    reference: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountExplained:
    """invoiced - deductions = outstanding; of that `processing` is on its way, `disputed` contested
    and `on_plan` asked for in instalments. Of what is contested, `credit_coming` is decided and
    waits for its credit note.
    """

    invoiced: Money
    deductions: tuple[AmountLine, ...]
    outstanding: Money
    processing: Money
    disputed: Money
    on_plan: Money
    credit_coming: Money

    @property
    def under_review(self) -> Money:
        """What is contested and not decided."""
        return self.disputed - self.credit_coming

    @property
    def payable(self) -> Money:
        """What is asked for now."""
        held = self.processing + self.disputed + self.on_plan
        return max(self.outstanding - held, Money.zero(self.outstanding.currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingBucket:
    """Outstanding in one band of days past due; `share` is of the total, 0 to 1."""

    kind: Literal["not_due", "1_30", "31_60", "61_90", "over_90"]
    amount: Money
    count: int
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """Which rows of a list are shown; `first` and `last` count from 1, 0 when there are none."""

    first: int
    last: int
    total: int
    previous_url: str | None = None
    next_url: str | None = None
