"""The rules that collection files can break."""

from __future__ import annotations

from receivables.errors import NoSuch, ReceivablesError


class NoSuchFile(NoSuch):
    """The debtor has no such collection file, it is not made yet, or it has expired."""


class DocumentChanged(ReceivablesError):
    """What is kept of a document is not what was taken in: its fingerprint is another."""

    def __init__(self, path: str, expected: str, found: str) -> None:
        self.path, self.expected, self.found = path, expected, found
        super().__init__(f"{path}: {found} instead of {expected}")
