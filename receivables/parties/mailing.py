"""Who a mail comes from: the supplier, towards its debtors; the product, towards its users."""

from __future__ import annotations

from receivables.parties.tables import Supplier
from receivables.ports import Attachment, MailMessage
from receivables.rendering import RenderedMail
from receivables.settings import Settings

#: Who writes to a supplier's own people.
OURSELVES = "Quittance"


def mail_from_supplier(
    supplier: Supplier,
    rendered: RenderedMail,
    *,
    to: tuple[str, str],
    message_id: str,
    locale: str,
    attachments: tuple[Attachment, ...] = (),
) -> MailMessage:
    """In the supplier's name, answers to its contact; `to` is an address and a name."""
    return MailMessage(
        message_id=message_id,
        to_address=to[0],
        to_name=to[1],
        from_name=supplier.name,
        reply_to=supplier.contact_email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=language_tag(locale),
        attachments=attachments,
    )


def mail_from_us(
    rendered: RenderedMail,
    *,
    to: tuple[str, str],
    message_id: str,
    locale: str,
    headers: tuple[tuple[str, str], ...] = (),
) -> MailMessage:
    """To somebody who works for a supplier; nobody reads answers to it."""
    return MailMessage(
        message_id=message_id,
        to_address=to[0],
        to_name=to[1],
        from_name=OURSELVES,
        reply_to=None,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=language_tag(locale),
        headers=headers,
    )


def message_id_for(key: str, settings: Settings) -> str:
    """The same for every attempt at what `key` names, and nobody else's (RFC 5322, 3.6.4)."""
    return f"{key}@{settings.mail.from_address.rpartition('@')[2]}"


def language_tag(locale: str) -> str:
    """A locale as mail headers and pages write it: de-CH (RFC 5646)."""
    return locale.replace("_", "-")
