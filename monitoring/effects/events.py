"""What can happen to what solvency sets off. None of it is ever shown to a debtor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from receivables.history import Event, event
from receivables.ids import SolvencyProposalId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectProposed(Event):
    """Solvency calls for something; a person decides. `effect` is a `rules.Effect`."""

    kind: ClassVar[str] = "solvency.proposed"

    proposal_id: SolvencyProposalId
    effect: str
    cause: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectDecided(Event):
    """It was done (by itself where the supplier chose so), declined or undone."""

    kind: ClassVar[str] = "solvency.decided"

    proposal_id: SolvencyProposalId
    effect: str
    state: str
    is_automatic: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPolicyChanged(Event):
    """The supplier wants other things to follow from solvency."""

    kind: ClassVar[str] = "solvency.policy_changed"

    policy: dict[str, Any]
