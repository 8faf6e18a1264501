"""What can have happened to a payer's profile. None of it is ever shown to a debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PayerClassOverridden(Event):
    """A person says how the debtor pays, until that day."""

    kind: ClassVar[str] = "payers.class_overridden"

    payer_class: str
    reason: str
    until: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PayerOverrideEnded(Event):
    """A person's word about the class no longer stands: taken back, or its day has passed."""

    kind: ClassVar[str] = "payers.override_ended"

    payer_class: str
    lapsed: bool
