"""What is wrong with a file of customers: where, what, and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from receivables.errors import ReceivablesError

#: Explaining more helps nobody.
FAULTS_TOLD = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a file: the line (the first is 1) and the column's header ("" for the
    line as a whole), what, and how to mend it, in the language the file was read in.
    """

    line: int
    column: str
    what: str
    how: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {self.what} {self.how}"


class CustomersRefused(ReceivablesError):
    """Nothing of the file was read; `faults` says why, as far as FAULTS_TOLD."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        assert faults, "a refusal has its reason"
        self.faults = tuple(faults[:FAULTS_TOLD])
        self.more = len(faults) - len(self.faults)
        super().__init__(str(faults[0]))
