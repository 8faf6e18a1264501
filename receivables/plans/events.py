"""What can have happened to a plan.

A line about the plan stands in the debtor's timeline; `InvoicePutOnPlan` and
`InvoiceTakenOffPlan` say in each invoice's own what that means for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import InstalmentId, PlanId, PlanMessageId, SavedMethodId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEvent(Event):
    """Something about one plan; `amount` is what it is about."""

    plan_id: PlanId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanProposed(PlanEvent):
    """A debtor asked for a plan, or (`by_policy`) chose one the policy allows."""

    kind: ClassVar[str] = "plan.proposed"
    shown_to_debtor: ClassVar[bool] = True

    parts: int
    by_policy: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproved(PlanEvent):
    """The supplier, or its policy, agrees."""

    kind: ClassVar[str] = "plan.approved"
    shown_to_debtor: ClassVar[bool] = True

    by_policy: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefused(PlanEvent):
    """A person said no."""

    kind: ClassVar[str] = "plan.refused"
    shown_to_debtor: ClassVar[bool] = True

    note: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAccepted(PlanEvent):
    """The debtor signed; the plan stands once the first payment has come."""

    kind: ClassVar[str] = "plan.accepted"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanActivated(PlanEvent):
    """The first payment came: the plan stands."""

    kind: ClassVar[str] = "plan.activated"
    shown_to_debtor: ClassVar[bool] = True

    parts: int


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePutOnPlan(PlanEvent):
    """From now on the instalments are asked for instead of this invoice."""

    kind: ClassVar[str] = "plan.invoice_put_on"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTakenOffPlan(PlanEvent):
    """The plan is over; what is left of this invoice was, and is, due on its own day."""

    kind: ClassVar[str] = "plan.invoice_taken_off"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    due_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentNotCharged(PlanEvent):
    """The bank refused an instalment; it is tried `again_on`, or (None) the debtor is asked."""

    kind: ClassVar[str] = "plan.instalment_not_charged"
    shown_to_debtor: ClassVar[bool] = True

    instalment_id: InstalmentId
    place: int
    #: "card", "confirmation" or "person"; empty when it is tried again.
    needs: str
    again_on: date | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCardNeeded(PlanEvent):
    """There is no card, or no longer one, to charge instalments to."""

    kind: ClassVar[str] = "plan.card_needed"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCardChanged(PlanEvent):
    """Instalments are charged to another card or account from now on."""

    kind: ClassVar[str] = "plan.card_changed"
    shown_to_debtor: ClassVar[bool] = True

    saved_method_id: SavedMethodId
    label: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInDefault(PlanEvent):
    """An instalment is late beyond its grace: notice is given, and the days to cure run."""

    kind: ClassVar[str] = "plan.in_default"
    shown_to_debtor: ClassVar[bool] = True

    instalment_id: InstalmentId
    cure_until: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCured(PlanEvent):
    """What was late is paid: the plan goes on."""

    kind: ClassVar[str] = "plan.cured"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAccelerated(PlanEvent):
    """The plan is broken: `amount` remains, and all of it is due."""

    kind: ClassVar[str] = "plan.accelerated"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCompleted(PlanEvent):
    """Everything is paid."""

    kind: ClassVar[str] = "plan.completed"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCancelled(PlanEvent):
    """It ended, or never began, because one of both sides said so."""

    kind: ClassVar[str] = "plan.cancelled"
    shown_to_debtor: ClassVar[bool] = True

    note: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanExpired(PlanEvent):
    """Nobody answered, signed or paid in time; `waited_for` is the state it was in."""

    kind: ClassVar[str] = "plan.expired"
    shown_to_debtor: ClassVar[bool] = True

    waited_for: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRestructured(PlanEvent):
    """Another version took its place."""

    kind: ClassVar[str] = "plan.restructured"
    shown_to_debtor: ClassVar[bool] = True

    by_plan_id: PlanId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPaused(PlanEvent):
    """Nothing is charged or asked for until a person has looked; `why` is a PauseReason."""

    kind: ClassVar[str] = "plan.paused"

    why: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResumed(PlanEvent):
    """A person looked, and it goes on."""

    kind: ClassVar[str] = "plan.resumed"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCoverAlert(PlanEvent):
    """The insurer's extension period for `amount` ends, or has ended; a `covering.CoverAlert`."""

    kind: ClassVar[str] = "plan.cover_alert"

    alert: str
    ends_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMessageSent(PlanEvent):
    """Somebody was written to about the plan; `about` is a MessageKind."""

    kind: ClassVar[str] = "plan.message_sent"

    message_id: PlanMessageId
    about: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMessageNotSent(PlanEvent):
    """A message about the plan did not arrive, or nobody knows whether it did."""

    kind: ClassVar[str] = "plan.message_not_sent"

    message_id: PlanMessageId
    about: str
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicyChanged(Event):
    """The supplier's terms for plans are others from now on; agreed plans keep theirs."""

    kind: ClassVar[str] = "plan_policy.changed"
