"""What can have happened in a dispute.

Each stands in the debtor's timeline; `InvoiceDisputed` and `InvoiceDisputeDecided` say of each
invoice what its dispute says of the debtor.
"""

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import DisputeId, StaffId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEvent(Event):
    """Something about one dispute; `reference` is what people call it."""

    dispute_id: DisputeId
    reference: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(DisputeEvent):
    """The debtor contests `amount`, for a Reason."""

    kind: ClassVar[str] = "dispute.opened"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money
    reason: str
    is_late: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDisputed(DisputeEvent):
    """Of this invoice the debtor contests `amount`."""

    kind: ClassVar[str] = "dispute.invoice_disputed"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeAcknowledged(DisputeEvent):
    """Somebody at the supplier's has it."""

    kind: ClassVar[str] = "dispute.acknowledged"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeQuestioned(DisputeEvent):
    """The supplier asked the debtor something, and waits."""

    kind: ClassVar[str] = "dispute.questioned"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReminded(DisputeEvent):
    """The debtor was reminded that the supplier waits for an answer."""

    kind: ClassVar[str] = "dispute.reminded"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorWrote(DisputeEvent):
    """The debtor wrote something."""

    kind: ClassVar[str] = "dispute.debtor_wrote"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierWrote(DisputeEvent):
    """The supplier wrote something to the debtor."""

    kind: ClassVar[str] = "dispute.supplier_wrote"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeNoted(DisputeEvent):
    """Somebody at the supplier's wrote a note for colleagues."""

    kind: ClassVar[str] = "dispute.noted"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueAsked(DisputeEvent):
    """It waits for somebody else at the supplier's."""

    kind: ClassVar[str] = "dispute.colleague_asked"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeAssigned(DisputeEvent):
    """Another person or department answers for it."""

    kind: ClassVar[str] = "dispute.assigned"

    owner_id: StaffId | None
    department: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeProposed(DisputeEvent):
    """The supplier offers to uphold `amount`."""

    kind: ClassVar[str] = "dispute.proposed"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDecided(DisputeEvent):
    """It was decided: `outcome` is accepted, accepted_in_part or rejected, `amount` is upheld."""

    kind: ClassVar[str] = "dispute.decided"
    shown_to_debtor: ClassVar[bool] = True

    outcome: str
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDisputeDecided(DisputeEvent):
    """Of what was disputed of this invoice, `amount` was upheld."""

    kind: ClassVar[str] = "dispute.invoice_decided"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeWithdrawn(DisputeEvent):
    """The debtor took it back."""

    kind: ClassVar[str] = "dispute.withdrawn"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeExpired(DisputeEvent):
    """The debtor did not answer in time."""

    kind: ClassVar[str] = "dispute.expired"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeReopened(DisputeEvent):
    """The debtor has another word."""

    kind: ClassVar[str] = "dispute.reopened"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeClosed(DisputeEvent):
    """Nothing is left to be done."""

    kind: ClassVar[str] = "dispute.closed"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TermRunningOut(DisputeEvent):
    """So many percent of the time for acknowledging, answering or resolving are used up."""

    kind: ClassVar[str] = "dispute.term_running_out"

    term: str
    percent: int


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeMailNotSent(DisputeEvent):
    """A mail about it was turned down for good; `reason` is the server's."""

    kind: ClassVar[str] = "dispute.mail_not_sent"

    reason: str
