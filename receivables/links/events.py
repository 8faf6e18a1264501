"""What can have happened to a contact's way into the portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from receivables.history import Event, event
from receivables.ids import ContactId, GrantId, StepUpId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class NewLinkRequested(Event):
    """A link is to be mailed to a contact's registered address.

    `request_id` names the mail, so that a repeated one can be told. `was_asked_for` is False
    when the supplier's staff send it.
    """

    kind: ClassVar[str] = "link.requested"

    contact_id: ContactId
    grant_id: GrantId
    request_id: UUID
    was_asked_for: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSent(Event):
    """The mail with the link was handed over."""

    kind: ClassVar[str] = "link.sent"
    shown_to_debtor: ClassVar[bool] = True

    contact_id: ContactId
    grant_id: GrantId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNotSent(Event):
    """The mail with the link was turned down for good; `reason` is the server's."""

    kind: ClassVar[str] = "link.not_sent"

    contact_id: ContactId
    grant_id: GrantId
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRevoked(Event):
    """The supplier closed a contact's way into the portal."""

    kind: ClassVar[str] = "link.revoked"

    contact_id: ContactId
    grant_id: GrantId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequested(Event):
    """Somebody in the portal wants to do what the link alone does not allow: a code is mailed."""

    kind: ClassVar[str] = "link.code_requested"

    contact_id: ContactId
    grant_id: GrantId
    step_up_id: StepUpId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class VisitConfirmed(Event):
    """The code from the registered mailbox was typed."""

    kind: ClassVar[str] = "link.visit_confirmed"

    contact_id: ContactId
    grant_id: GrantId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCodes(Event):
    """A code was guessed at until it was good no longer."""

    kind: ClassVar[str] = "link.wrong_codes"

    contact_id: ContactId
    grant_id: GrantId
    tries: int
