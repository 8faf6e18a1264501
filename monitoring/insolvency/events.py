"""What can happen to a debtor by publication. None of it is ever shown to a debtor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import InsolvencyClaimId, SolvencyEventId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SolvencyEventRecorded(Event):
    """A gazette or register published something about the debtor; `event` is an EventKind.

    Recorded for what stands: a match by number, or one by name that a person has confirmed.
    """

    kind: ClassVar[str] = "solvency.recorded"

    solvency_event_id: SolvencyEventId
    event: str
    source: str
    published_on: date
    label: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SolvencyEventRetracted(Event):
    """What was published was taken back, or a person said that it is about somebody else."""

    kind: ClassVar[str] = "solvency.retracted"

    solvency_event_id: SolvencyEventId
    event: str
    source: str
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimToLodge(Event):
    """Our claim is to be lodged with the liquidator, until that day where it is known."""

    kind: ClassVar[str] = "insolvency.claim_to_lodge"

    claim_id: InsolvencyClaimId
    lodge_until: date | None
    basis: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDecided(Event):
    """The claim was lodged, given up, or is withdrawn: the insolvency was taken back."""

    kind: ClassVar[str] = "insolvency.claim_decided"

    claim_id: InsolvencyClaimId
    state: str
    note: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InsurerTold(Event):
    """Somebody has told the credit insurer of the insolvency."""

    kind: ClassVar[str] = "insolvency.insurer_told"

    claim_id: InsolvencyClaimId
