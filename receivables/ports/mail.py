"""Who carries mail: `receivables.mail.SmtpMailer`, and in tests `tests/support/outbox.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from receivables.errors import ReceivablesError, TemporarilyUnavailable


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message."""

    filename: str
    media_type: str
    content: bytes
    #: The HTML shows it under `cid:<this>`; a file of its own without one. A word of ASCII.
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One message to one person; text and HTML say the same.

    `message_id` has no angle brackets, contains an `@`, and is the same for every attempt at the
    same message, so that whoever gets it twice can tell. `language` is a BCP 47 tag.
    `headers` are additional ones (List-Unsubscribe); none of those the mailer writes itself.
    """

    message_id: str
    to_address: str
    to_name: str
    from_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    language: str
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


class MailRefused(ReceivablesError):
    """The message was turned down for good; sending it again changes nothing.

    `address_is_dead` says that it is the recipient's address that does not exist, which is the
    one case in which the address should not be written to again.
    """

    def __init__(self, code: int, reason: str, *, address_is_dead: bool = False) -> None:
        self.code, self.reason, self.address_is_dead = code, reason, address_is_dead
        super().__init__(f"mail refused: {code} {reason}")


class MailDeferred(TemporarilyUnavailable):
    """The message was certainly not taken; the same message may be sent again later.

    `code` is the server's answer, or None when there was none (no connection, no TLS, a time-out
    before the message was handed over).
    """

    def __init__(self, code: int | None, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"mail deferred: {code or 'no answer'} {reason}")


class MailUnknown(ReceivablesError):
    """The whole message was handed over and no answer came: it may have been taken, or not."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"mail handed over without an answer: {reason}")


@runtime_checkable
class Mailer(Protocol):
    """Carries one message."""

    def send(self, message: MailMessage) -> None:
        """Return when the message was taken; raise MailRefused, MailDeferred or MailUnknown."""
        ...
