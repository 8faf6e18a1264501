"""The life of a plan, as data: which step leads where. What is not here cannot happen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class PlanState(StrEnum):
    QUOTED = "quoted"
    """Shown to the debtor; nothing is on record."""
    PROPOSED = "proposed"
    """Asked for; waits for an answer."""
    APPROVED = "approved"
    """The supplier, or its policy, agrees; waits for the debtor's signature."""
    AWAITING_FIRST = "awaiting_first"
    """Signed; it stands once the first payment has come."""
    ACTIVE = "active"
    IN_DEFAULT = "in_default"
    """An instalment is late and notice was given: the days to cure are running."""
    CURED = "cured"
    """Stands again after a late instalment was paid within the days to cure."""
    COMPLETED = "completed"
    ACCELERATED = "accelerated"
    """Broken: what remained fell due at once, and the invoices stand for themselves again."""
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RESTRUCTURED = "restructured"
    """Another version took its place."""
    EXPIRED = "expired"
    """Nobody answered, signed or paid in time."""


class Step(StrEnum):
    PROPOSE = "propose"
    APPROVE = "approve"
    REFUSE = "refuse"
    ACCEPT = "accept"
    FIRST_PAID = "first_paid"
    GIVE_NOTICE = "give_notice"
    CURE = "cure"
    ACCELERATE = "accelerate"
    COMPLETE = "complete"
    CANCEL = "cancel"
    RESTRUCTURE = "restructure"
    EXPIRE = "expire"


_S = PlanState

TRANSITIONS: Mapping[tuple[PlanState, Step], PlanState] = {
    (_S.QUOTED, Step.PROPOSE): _S.PROPOSED,
    (_S.PROPOSED, Step.APPROVE): _S.APPROVED,
    (_S.PROPOSED, Step.REFUSE): _S.REFUSED,
    (_S.PROPOSED, Step.CANCEL): _S.CANCELLED,
    (_S.PROPOSED, Step.EXPIRE): _S.EXPIRED,
    (_S.APPROVED, Step.ACCEPT): _S.AWAITING_FIRST,
    (_S.APPROVED, Step.CANCEL): _S.CANCELLED,
    (_S.APPROVED, Step.EXPIRE): _S.EXPIRED,
    (_S.AWAITING_FIRST, Step.FIRST_PAID): _S.ACTIVE,
    (_S.AWAITING_FIRST, Step.CANCEL): _S.CANCELLED,
    (_S.AWAITING_FIRST, Step.EXPIRE): _S.EXPIRED,
    (_S.ACTIVE, Step.GIVE_NOTICE): _S.IN_DEFAULT,
    (_S.ACTIVE, Step.COMPLETE): _S.COMPLETED,
    (_S.ACTIVE, Step.CANCEL): _S.CANCELLED,
    (_S.ACTIVE, Step.RESTRUCTURE): _S.RESTRUCTURED,
    (_S.IN_DEFAULT, Step.CURE): _S.CURED,
    (_S.IN_DEFAULT, Step.ACCELERATE): _S.ACCELERATED,
    (_S.IN_DEFAULT, Step.COMPLETE): _S.COMPLETED,
    (_S.IN_DEFAULT, Step.CANCEL): _S.CANCELLED,
    (_S.IN_DEFAULT, Step.RESTRUCTURE): _S.RESTRUCTURED,
    (_S.CURED, Step.GIVE_NOTICE): _S.IN_DEFAULT,
    # The third late instalment: the warning after the second was the notice.
    (_S.CURED, Step.ACCELERATE): _S.ACCELERATED,
    (_S.CURED, Step.COMPLETE): _S.COMPLETED,
    (_S.CURED, Step.CANCEL): _S.CANCELLED,
    (_S.CURED, Step.RESTRUCTURE): _S.RESTRUCTURED,
}

#: A plan that stands: its instalments are asked for, its invoices are not.
STANDING = frozenset({_S.ACTIVE, _S.IN_DEFAULT, _S.CURED})

#: On its way to standing.
DRAFT = frozenset({_S.PROPOSED, _S.APPROVED, _S.AWAITING_FIRST})

#: How long a draft waits in its state.
WAITS: Mapping[PlanState, timedelta] = {
    _S.PROPOSED: timedelta(days=7),
    _S.APPROVED: timedelta(days=7),
    _S.AWAITING_FIRST: timedelta(hours=48),
}


def transition(current: PlanState, step: Step) -> PlanState | None:
    """The next state, or None when that step cannot be taken from here."""
    return TRANSITIONS.get((current, step))
