"""What can have happened about late interest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.money import Money


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


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestNoticeGiven(Event):
    """Notice was given of the invoice: where the law asks for one, default begins with it."""

    kind: ClassVar[str] = "interest.notice_given"

    on: date
    way: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestClaimed(Event):
    """The late interest on an invoice, up to a day, is claimed by a note to be paid."""

    kind: ClassVar[str] = "interest.claimed"
    shown_to_debtor: ClassVar[bool] = True

    number: str
    amount: Money
    until: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InterestCredited(Event):
    """Late interest that a note had claimed is not owed any more: waived, or claimed too much."""

    kind: ClassVar[str] = "interest.credited"
    shown_to_debtor: ClassVar[bool] = True

    number: str
    amount: Money
