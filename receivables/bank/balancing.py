"""Whether a statement adds up: opening balance and entries make the closing balance."""

from __future__ import annotations

from receivables.bank.faults import fault
from receivables.bank.parsed import NO_CURRENCY, Balance, ParsedEntry
from receivables.intake.faults import Fault
from receivables.money import Money


class Sum:
    """The booked entries of one statement, added up by currency; parts of a batch are not added."""

    def __init__(self) -> None:
        self.minor: dict[str, int] = {}
        self.count = 0

    def add(self, entry: ParsedEntry) -> None:
        self.count += 1
        if entry.status != "BOOK":
            return
        signed = entry.signed
        self.minor[signed.currency] = self.minor.get(signed.currency, 0) + signed.minor

    @property
    def currency(self) -> str | None:
        """The one currency of the entries, if it is one."""
        return next(iter(self.minor)) if len(self.minor) == 1 else None

    def objection(
        self, opening: Balance | None, closing: Balance | None, where: str
    ) -> Fault | None:
        """The finding that entries are missing or too many; None where there is no telling."""
        if opening is None or closing is None:
            return None
        currency = opening.amount.currency
        foreign = set(self.minor) - {currency}
        if currency == NO_CURRENCY or closing.amount.currency != currency or foreign:
            return None
        total = opening.amount + Money(self.minor.get(currency, 0), currency)
        if total == closing.amount:
            return None
        return fault(
            "does-not-add-up",
            where,
            opening=opening.amount,
            sum=total,
            closing=closing.amount,
        )
