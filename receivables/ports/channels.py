"""What the engine hands to a channel, whichever carries it.

The contract, the same for text messages, letters and calls:

- One message is one *execution* of one step for one contact; its `execution_id` is the engine's,
  and the natural key in the channel. The same execution handed over twice is one text message, one
  letter, one call.
- The engine decides and re-reads the ledger in the transaction in which it hands over; the channel
  never decides who is reminded of what. What a channel keeps waiting (a letter before it is
  printed) asks for the amounts again before it leaves the house.
- What became of it is an event of the channel with the same `execution_id`; the engine reacts to
  it. Calls go down, events go up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receivables.ids import ContactId, DebtorId, ExecutionId, InvoiceId, SupplierId
from receivables.money import Money


class Channel(StrEnum):
    """Ways to reach a contact."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    REGISTERED = "registered"
    """A letter handed over against a receipt."""
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One invoice that a message is about; `amount` is what is asked for of it now."""

    invoice_id: InvoiceId
    number: str
    issued_on: date
    due_on: date
    #: Negative before the due date.
    days_past_due: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """The supplier's own words for the step; empty parts are ours.

    Their variables are still in them: a channel fills them when it makes the message, over what
    it asks for then (`wording.rules.filled_for`).
    """

    subject: str = ""
    opening: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMessage:
    """One step to one contact. All lines are in one currency.

    `address` is where it goes: a number in E.164 for a text message or a call, empty for a letter
    (it goes to the debtor's postal address). `link` is the account in the portal, by the contact's
    grant. `tone` and `level` (0 to 5) are the step's; `formal_notice` says that the law's
    consequences follow from it, and then `deadline_on` is the last day to pay.
    """

    execution_id: ExecutionId
    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId
    channel: Channel
    language: str
    level: int
    tone: str
    address: str
    lines: tuple[MessageLine, ...]
    link: str
    formal_notice: bool = False
    deadline_on: date | None = None
    own: OwnWords | None = None

    @property
    def total(self) -> Money:
        """What is asked for."""
        return Money.total((line.amount for line in self.lines), self.lines[0].amount.currency)

    @property
    def most_days_past_due(self) -> int:
        return max(line.days_past_due for line in self.lines)
