"""The rules that handing over can break."""

from __future__ import annotations

from receivables.errors import ReceivablesError


class NothingToHandOver(ReceivablesError):
    """No open invoice of the debtor's was chosen that is still ours to collect."""


class NothingToTakeBack(ReceivablesError):
    """None of the invoices that were chosen is in anybody else's hands."""


class DisputedInvoices(ReceivablesError):
    """Some of it is contested, and nobody has confirmed that it is handed over all the same."""

    def __init__(self, numbers: tuple[str, ...]) -> None:
        self.numbers = numbers
        super().__init__(f"contested: {', '.join(numbers)}")


class OnPlan(ReceivablesError):
    """A plan stands for some of it: the debtor pays as agreed, until the plan is ended."""

    def __init__(self, numbers: tuple[str, ...]) -> None:
        self.numbers = numbers
        super().__init__(f"on a plan: {', '.join(numbers)}")


class RecipientMissing(ReceivablesError):
    """Nobody was named who collects it."""
