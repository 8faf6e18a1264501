"""The rules a promise or a declaration can break."""

from __future__ import annotations

from datetime import date

from receivables.errors import NoSuch, ReceivablesError
from receivables.money import Money
from receivables.promises.rules import Refusal


class NothingChosen(ReceivablesError):
    """No invoice of the debtor's that is open was chosen, or they are in several currencies."""


class NotPromisable(ReceivablesError):
    """This invoice cannot be promised."""

    def __init__(self, number: str, refusal: Refusal) -> None:
        self.number, self.refusal = number, refusal
        super().__init__(f"{number}: {refusal}")


class PromisedTooLate(ReceivablesError):
    """The day is later than may be promised."""

    def __init__(self, promised_on: date, latest: date) -> None:
        self.promised_on, self.latest = promised_on, latest
        super().__init__(f"promised for {promised_on}, {latest} at the latest")


class PromisedForThePast(ReceivablesError):
    """The day has passed."""


class PromisesTooMuch(ReceivablesError):
    """More is promised than the chosen invoices can take."""

    def __init__(self, promised: Money, payable: Money) -> None:
        self.promised, self.payable = promised, payable
        super().__init__(f"{promised} promised of {payable}")


class PromisesNothing(ReceivablesError):
    """Nothing, or less than nothing."""


class NoSuchPromise(NoSuch):
    """The supplier has no such promise, or it is not active any more."""


class PaidOnImpossible(ReceivablesError):
    """The day of payment lies in the future, or too long ago."""


class AlreadyClaimed(ReceivablesError):
    """Somebody is already looking for the money of this invoice."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(number)


class AlreadyBooked(ReceivablesError):
    """Money with this reference is booked on one of the invoices already."""


class NoSuchClaim(NoSuch):
    """The supplier has no such declaration."""


class ClaimDecided(ReceivablesError):
    """Somebody has decided on it already."""
