"""What can have happened to a promise, and to a declaration that something is paid.

`invoice_id` is set where a single invoice is meant, so that the line stands in its timeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import PaidClaimId, PromiseId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseEvent(Event):
    """Something about one promise; debtors see it as the supplier does."""

    shown_to_debtor: ClassVar[bool] = True

    promise_id: PromiseId
    amount: Money
    promised_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(PromiseEvent):
    kind: ClassVar[str] = "promise.made"

    source: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseKept(PromiseEvent):
    """`has_receipt`: what set it off was a payment here, whose receipt says thanks already."""

    kind: ClassVar[str] = "promise.kept"

    has_receipt: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseBroken(PromiseEvent):
    """Its day passed; of the amount, `received` had come by then."""

    kind: ClassVar[str] = "promise.broken"

    received: Money
    needs_person: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSuperseded(PromiseEvent):
    """Another one took its place."""

    kind: ClassVar[str] = "promise.superseded"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCancelled(PromiseEvent):
    kind: ClassVar[str] = "promise.cancelled"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseNotConfirmed(Event):
    """The mail that confirms a promise, or thanks for one, was turned down for good."""

    kind: ClassVar[str] = "promise.not_confirmed"

    promise_id: PromiseId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEvent(Event):
    """Something about one declaration."""

    shown_to_debtor: ClassVar[bool] = True

    claim_id: PaidClaimId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SaidToBePaid(ClaimEvent):
    """The debtor says that they have paid. `needs_approval`: they said so before."""

    kind: ClassVar[str] = "claim.said_to_be_paid"

    paid_on: date
    needs_approval: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimApproved(ClaimEvent):
    """The supplier believes a second declaration, too."""

    kind: ClassVar[str] = "claim.approved"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRefused(ClaimEvent):
    """The supplier does not believe a second declaration."""

    kind: ClassVar[str] = "claim.refused"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMatched(ClaimEvent):
    """The money was found."""

    kind: ClassVar[str] = "claim.matched"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNotFound(ClaimEvent):
    """The money was not found, or not in time: the debtor is asked for a proof."""

    kind: ClassVar[str] = "claim.not_found"

    in_time: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ProofAsked(ClaimEvent):
    """The mail that asks for a proof was handed over."""

    kind: ClassVar[str] = "claim.proof_asked"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ProofNotAsked(Event):
    """The mail that asks for a proof was turned down for good."""

    kind: ClassVar[str] = "claim.proof_not_asked"

    claim_id: PaidClaimId
    reason: str
