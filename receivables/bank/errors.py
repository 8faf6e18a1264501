"""Broken rules of bank statements."""

from __future__ import annotations

from receivables.errors import NoSuch, ReceivablesError
from receivables.money import Money


class NoSuchStatement(NoSuch):
    """No statement of that id is on record for the one who asks."""


class NoSuchBankEntry(NoSuch):
    """No entry of that id is on record for the one who asks."""


class NoSuchMatch(NoSuch):
    """No match of that id stands for the one who asks."""


class EntryTaken(ReceivablesError):
    """The entry has been taken for something already, or is none that can be."""


class NotOneDebtors(ReceivablesError):
    """An invoice is not the debtor's whose money it is said to be."""


class NotEnoughCame(ReceivablesError):
    """More was to be put against invoices than an entry brought."""

    def __init__(self, wanted: Money, came: Money) -> None:
        self.wanted, self.came = wanted, came
        super().__init__(f"{wanted} wanted, {came} came")


class CameBack(ReceivablesError):
    """A receipt cannot be undone while the entry stands by which it came back."""
