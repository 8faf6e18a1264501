"""What can have happened to a debtor's standing. None of it is ever shown to a debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.money import Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PayerClassChanged(Event):
    """The debtor pays better or worse than they used to; a `rules.PayerClass`."""

    kind: ClassVar[str] = "credit.payer_class_changed"

    before: str
    after: str
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SolvencyClassChanged(Event):
    """What sources say of the debtor's solvency is another class; a `rules.SolvencyClass`."""

    kind: ClassVar[str] = "credit.solvency_class_changed"

    before: str
    after: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChanged(Event):
    """The debtor may owe up to another amount; None: nobody set one."""

    kind: ClassVar[str] = "credit.limit_changed"

    limit: Money | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChanged(Event):
    """The debtor has agreed to pay in so many days; None: as each invoice says."""

    kind: ClassVar[str] = "credit.terms_changed"

    days: int | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PrepaymentChanged(Event):
    """What the debtor orders is paid before it is delivered, since that day; None: no longer."""

    kind: ClassVar[str] = "credit.prepayment_changed"

    since: date | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CoverChanged(Event):
    """The claims on the debtor are insured under another policy, or (empty) no longer."""

    kind: ClassVar[str] = "credit.cover_changed"

    policy_number: str
    extension_days: int


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DemandsStopped(Event):
    """Nothing is demanded of the debtor, until that day or until somebody says so."""

    kind: ClassVar[str] = "credit.demands_stopped"

    reason: str
    until: date | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DemandsResumed(Event):
    """The stop on demands was lifted."""

    kind: ClassVar[str] = "credit.demands_resumed"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SelfServiceBlocked(Event):
    """The debtor cannot agree a plan alone until after that day."""

    kind: ClassVar[str] = "credit.self_service_blocked"

    until: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SelfServiceOpened(Event):
    """The debtor may agree plans alone again."""

    kind: ClassVar[str] = "credit.self_service_opened"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InsolvencyNoted(Event):
    """The debtor is insolvent since that day: every demand and every charge stops."""

    kind: ClassVar[str] = "credit.insolvency_noted"

    insolvent_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InsolvencyRetracted(Event):
    """It turned out that the debtor is not insolvent, or is no longer."""

    kind: ClassVar[str] = "credit.insolvency_retracted"
