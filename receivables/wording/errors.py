"""Why words are refused."""

from __future__ import annotations

from collections.abc import Sequence

from receivables.errors import ReceivablesError
from receivables.wording.rules import Fault


class FaultyText(ReceivablesError):
    """A text that no message could be made of; `faults` says why, part by part."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{one.part}: {one.wrong} {one.word}" for one in faults))
