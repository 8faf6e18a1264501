"""What can be wrong about what somebody writes down of how a debtor pays."""

from __future__ import annotations

from receivables.errors import ReceivablesError
from receivables.payers.rules import WrongOverride


class OverrideRefused(ReceivablesError):
    """A person's word about a class that cannot stand; `wrong` says why."""

    def __init__(self, wrong: WrongOverride) -> None:
        self.wrong = wrong
        super().__init__(f"override refused: {wrong}")
