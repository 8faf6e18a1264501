"""What can have happened by mail that a debtor wrote. Staff alone read of it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ContactId, ReplyId

#: What the timeline shows of an answer; the whole stands on its own page.
EXCERPT = 300


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived(Event):
    """Somebody answered a mail of ours in words of their own: the debtor is left in peace for some
    days, and a person reads it.
    """

    kind: ClassVar[str] = "reply.received"

    reply_id: ReplyId
    contact_id: ContactId
    excerpt: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AutomaticReplyReceived(Event):
    """A program answered, of somebody who is away: nothing follows from it."""

    kind: ClassVar[str] = "reply.automatic"

    reply_id: ReplyId
    contact_id: ContactId
    excerpt: str
