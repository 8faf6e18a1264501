"""What can have happened to the people at a debtor's. No addresses stand here: an event stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ContactId, ContactProposalId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Event):
    """A contact changed their own name, language or role."""

    kind: ClassVar[str] = "contact.changed"
    shown_to_debtor: ClassVar[bool] = True

    contact_id: ContactId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProposed(Event):
    """A contact asked for a change; `what` is "person", "email" or "postal", and
    `to_confirm` says that whoever reads the proposed address is asked first.
    """

    kind: ClassVar[str] = "contact.change_proposed"
    shown_to_debtor: ClassVar[bool] = True

    proposal_id: ContactProposalId
    what: str
    to_confirm: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAdded(Event):
    """Somebody new can see the account: confirmed by themselves, or approved by the supplier."""

    kind: ClassVar[str] = "contact.added"
    shown_to_debtor: ClassVar[bool] = True

    contact_id: ContactId
    proposal_id: ContactProposalId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChanged(Event):
    """A contact's mail goes to another address now; the former one is told."""

    kind: ClassVar[str] = "contact.address_changed"
    shown_to_debtor: ClassVar[bool] = True

    contact_id: ContactId
    proposal_id: ContactProposalId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddressChanged(Event):
    """The supplier took over the postal address a contact gave."""

    kind: ClassVar[str] = "contact.postal_address_changed"
    shown_to_debtor: ClassVar[bool] = True

    proposal_id: ContactProposalId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRefused(Event):
    """The supplier refused a change."""

    kind: ClassVar[str] = "contact.change_refused"
    shown_to_debtor: ClassVar[bool] = True

    proposal_id: ContactProposalId
    what: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryChanged(Event):
    """Reminders go to this contact from now on."""

    kind: ClassVar[str] = "contact.primary_changed"
    shown_to_debtor: ClassVar[bool] = True

    contact_id: ContactId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneChanged(Event):
    """The supplier noted another telephone number of a contact's, or took it away."""

    kind: ClassVar[str] = "contact.phone_changed"

    contact_id: ContactId
