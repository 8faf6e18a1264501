"""Where statuses of e-invoices go: a folder today, a platform's interface another day."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from receivables.errors import ReceivablesError


@runtime_checkable
class StatusOutbox(Protocol):
    """Takes messages for the platform. A message has one name for ever."""

    def put(self, name: str, content: bytes) -> None:
        """Hand one message over, wholly or not at all; the same again changes nothing.

        Raises StatusNotTaken where it could not be handed over, now.
        """
        ...


class StatusNotTaken(ReceivablesError):
    """The message is still ours; trying again may help."""
