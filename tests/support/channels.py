"""Messages as the engine hands them to a channel, and a texter that records."""

from __future__ import annotations

from datetime import date
from typing import Any

from receivables.database import Scope
from receivables.errors import ReceivablesError
from receivables.ids import DebtorId, ExecutionId, InvoiceId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.parties import queries as parties
from receivables.ports import Channel, ChannelMessage, MessageLine, Text
from tests.support.world import World

LINK = "https://pay.quittance.example/l/" + "Ab3_" * 10 + "xyz"
MOBILE = "+41795550140"


class RecordingTexter:
    """Takes every text, unless `answers` holds an error for the next one."""

    def __init__(self) -> None:
        self.sent: list[Text] = []
        self.answers: list[ReceivablesError | None] = []

    def send(self, text: Text) -> str:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent.append(text)
        return f"SM{len(self.sent)}"


def message_to(
    world: World,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_ids: list[InvoiceId],
    channel: Channel,
    **other: Any,
) -> ChannelMessage:
    """One step to the debtor's first contact about all of these invoices."""
    with world.runtime.reading(Scope(supplier_id)) as session:
        contact = parties.contacts(session, supplier_id, debtor_id)[0]
        lines = tuple(
            _line(session.get_one(Invoice, one), world.clock.now().date()) for one in invoice_ids
        )
        return ChannelMessage(
            **{
                "execution_id": ExecutionId(new_id()),
                "supplier_id": supplier_id,
                "debtor_id": debtor_id,
                "contact_id": contact.id,
                "channel": channel,
                "language": "fr",
                "level": 2,
                "tone": "firm",
                "address": "" if channel in (Channel.LETTER, Channel.REGISTERED) else MOBILE,
                "lines": lines,
                "link": LINK,
                **other,
            }
        )


def _line(invoice: Invoice, today: date) -> MessageLine:
    return MessageLine(
        invoice_id=invoice.id,
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        days_past_due=(today - invoice.due_on).days,
        amount=invoice.total,
    )
