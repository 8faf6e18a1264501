"""The rules that work on tasks can break."""

from __future__ import annotations

from datetime import date

from receivables.errors import NoSuch, ReceivablesError


class PutOffImpossible(ReceivablesError):
    """A task is put off to a day to come, for a reason, and for so long at most."""

    def __init__(self, until: date | None, latest: date) -> None:
        self.until, self.latest = until, latest
        super().__init__(f"put off until {until}, {latest} at the latest")


class TextMissing(ReceivablesError):
    """A task of one's own says what is to be done, and when."""


class NoSuchColleague(NoSuch):
    """Nobody of that id works for the supplier."""
