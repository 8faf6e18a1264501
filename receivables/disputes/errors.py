"""The rules of a dispute that can be broken."""

from __future__ import annotations

from receivables.errors import NoSuch, ReceivablesError
from receivables.money import Money


class NoSuchDispute(NoSuch):
    """Whoever asks has no such dispute."""


class NothingToDispute(ReceivablesError):
    """No open invoice was chosen, or nothing is outstanding on one of them any more."""


class AlreadyDisputed(ReceivablesError):
    """An invoice is in an open dispute, and may be in one only."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(f"invoice {number} is disputed already")


class AmountNotDisputable(ReceivablesError):
    """Nothing, or more than is outstanding, would be disputed of an invoice."""

    def __init__(self, number: str, offered: Money | None, outstanding: Money) -> None:
        self.number, self.offered, self.outstanding = number, offered, outstanding
        super().__init__(f"{offered} of invoice {number}, {outstanding} outstanding")


class CurrenciesMixed(ReceivablesError):
    """One dispute is about invoices in one currency."""


class MessageMissing(ReceivablesError):
    """What was done needs words: a reason that says nothing by itself, a question, a decision."""


class StepNotPossible(ReceivablesError):
    """The dispute has moved on: what was meant for an earlier state cannot be done any more."""

    def __init__(self, state: str, step: str) -> None:
        self.state, self.step = state, step
        super().__init__(f"a dispute that is {state} cannot {step}")


class ReopenedAlready(ReceivablesError):
    """A dispute is opened again once, and within its time."""


class UpheldTooMuch(ReceivablesError):
    """A decision grants more than was disputed, less than nothing, or not what its name says."""

    def __init__(self, offered: Money, disputed: Money) -> None:
        self.offered, self.disputed = offered, disputed
        super().__init__(f"{offered} upheld of {disputed} disputed")
