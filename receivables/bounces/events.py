"""What can have happened to an address. None stands here: an event stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from receivables.history import Event, event
from receivables.ids import BounceId, ContactId, SuppressionId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MessageBounced(Event):
    """A mail of ours came back, or was complained of. `message` is the UUID in its Message-ID: of
    a reminder, its id. `bounced` is "hard", "soft" or "complaint".
    """

    kind: ClassVar[str] = "mail.bounced"

    bounce_id: BounceId
    contact_id: ContactId
    message: UUID
    bounced: str
    status: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSuppressed(Event):
    """An address is left alone from now on: its channel is closed for this contact (None: the
    debtor's postal address), the next one is taken, and a person has to find another address.
    """

    kind: ClassVar[str] = "contact.suppressed"

    suppression_id: SuppressionId
    contact_id: ContactId | None
    channel: str
    because: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionLifted(Event):
    """A person says that the address works: it is used again."""

    kind: ClassVar[str] = "contact.suppression_lifted"

    contact_id: ContactId | None
    channel: str
