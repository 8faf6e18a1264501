"""What can have happened about late interest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestPolicyChanged(Event):
    """The supplier claims late interest otherwise from now on."""

    kind: ClassVar[str] = "interest.policy_changed"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestAgreed(Event):
    """The contract with a debtor names a rate (percent a year), or (empty) no longer does."""

    kind: ClassVar[str] = "interest.agreed"

    percent: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RateAdded(Event):
    """An owner added a reference rate, or corrected one."""

    kind: ClassVar[str] = "interest.rate_added"

    series: str
    percent: str
    source: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestDecided(Event):
    """The interest on an invoice that was paid late is waived, or kept."""

    kind: ClassVar[str] = "interest.decided"

    choice: str
