"""Answers as a mail program writes them: the words, and below them what they answer."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, make_msgid

from sandbox.mailbox.store import StoredMessage

#: What a program says for somebody who is away.
AWAY = "I am away and read my mail again on Monday."


def answer_to(message: StoredMessage, words: str, *, is_automatic: bool, now: datetime) -> bytes:
    """The answer of whoever got `message`, to whom it says that answers go."""
    answer = EmailMessage(policy=SMTP)
    said = "Automatic reply" if is_automatic else "Re"
    answer["From"] = str(message.parsed.get("to", message.recipients[0]))
    answer["To"] = message.reply_to or message.from_
    answer["Subject"] = f"{said}: {message.subject}"
    answer["Date"] = format_datetime(now)
    answer["Message-ID"] = make_msgid(domain="mailbox.sandbox")
    if message.message_id:
        answer["In-Reply-To"] = answer["References"] = f"<{message.message_id}>"
    if is_automatic:
        answer["Auto-Submitted"] = "auto-replied"
        answer.set_content(words or AWAY)
        return answer.as_bytes()
    quoted = "\n".join(f"> {line}".rstrip() for line in message.text.splitlines())
    day = message.received_at.strftime("%a, %d %b %Y at %H:%M")
    answer.set_content(f"{words}\n\nOn {day}, {message.from_} wrote:\n{quoted}\n")
    return answer.as_bytes()


def addressed(message: StoredMessage) -> tuple[str, ...]:
    """Every address that an answer goes to."""
    found = getaddresses([message.reply_to or message.from_])
    return tuple(address for _name, address in found if address)
