"""What can be wrong about what somebody writes down of a debtor's standing."""

from __future__ import annotations

from receivables.credit.rules import Wrong
from receivables.errors import ReceivablesError


class StandingRefused(ReceivablesError):
    """It cannot be meant, or is not theirs to say; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        super().__init__(f"standing refused: {wrong}")
