"""A line of a statement as matching sees it, and what is found about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Money that came in, as the bank describes it."""

    amount: Money
    structured: str = ""
    end_to_end: str = ""
    text: str = ""
    name: str = ""
    account: str = ""


class Clue(StrEnum):
    """What led to a match; the words are the backoffice's."""

    REFERENCE = "reference"
    ACCOUNT_REFERENCE = "account_reference"
    """The reference of the debtor's whole account."""
    REFERENCE_MISTYPED = "reference_mistyped"
    END_TO_END = "end_to_end"
    NUMBER = "number"
    NUMBER_MISTYPED = "number_mistyped"
    KNOWN_ACCOUNT = "known_account"
    NAME = "name"
    AMOUNT = "amount"
    SUM = "sum"
    """The amount is the sum of several."""
    PART = "part"
    SHORT = "short"
    """A little less came than is owed: the banks' charges."""
    OVER = "over"
    PAID_ALREADY = "paid_already"
    SOMEBODY_ELSE = "somebody_else"
    """Account or name are another debtor's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where a line's money would go: what of it to which invoice; the rest is the debtor's, for
    what else is open and as unapplied cash. `short` is what the payer's banks kept of the last.
    """

    debtor_id: DebtorId
    parts: Mapping[InvoiceId, Money]
    clues: tuple[Clue, ...]
    #: Posted by itself; else a person is asked.
    certain: bool
    #: How likely, 0 to 100; in this order people see them.
    score: int
    short: Money | None = None

    def surplus(self, amount: Money) -> Money:
        return amount - Money.total(self.parts.values(), amount.currency)


@dataclass(frozen=True, slots=True)
class Policy:
    """How much may be missing and the invoice be paid all the same: banks' charges."""

    tolerance_minor: int = 200
    #: Never more than this part of what is owed, in percent.
    tolerance_percent: int = 2

    def forgives(self, owed: Money, paid: Money) -> bool:
        missing = (owed - paid).minor
        return 0 < missing <= min(self.tolerance_minor, owed.minor * self.tolerance_percent // 100)


USUAL = Policy()
