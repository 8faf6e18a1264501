"""A call to make, a letter in a batch, an answer by mail and an address that does not work, for an
office's pages.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO
from uuid import UUID

from pypdf import PdfWriter
from sqlalchemy.orm import Session

from receivables.bounces.actions import suppress
from receivables.bounces.tables import Because, Bounce
from receivables.calls import actions as calls
from receivables.calls.tables import CallAttempt
from receivables.database import Scope
from receivables.dunning.holding import holds_of
from receivables.dunning.lateness import claim_of
from receivables.ids import (
    BounceId,
    CallAttemptId,
    CallId,
    DebtorId,
    InvoiceId,
    ReplyId,
    SupplierId,
    new_id,
)
from receivables.letters.piles import Pile
from receivables.parties import queries as parties
from receivables.parties.tables import Contact
from receivables.ports import Channel
from receivables.post import actions as letters
from receivables.post.batches import keep_pages, make_batch
from receivables.replies.tables import Reply
from receivables.sms import actions as texts
from tests.support.channels import MOBILE, message_to
from tests.support.world import World


@cache
def _blank_page() -> bytes:
    """A page nobody had to set: that takes longer than everything else here."""
    writer, written = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(written)
    return written.getvalue()


def _what_was_tried(
    session: Session, world: World, supplier_id: SupplierId, call_id: CallId, contact: Contact
) -> None:
    """A call in vain, and a mail that came back."""
    now = world.clock.now()
    mine = {
        "supplier_id": supplier_id, "debtor_id": contact.debtor_id, "contact_id": contact.id,
    }  # fmt: skip
    session.add(
        CallAttempt(
            **mine, id=CallAttemptId(new_id()), call_id=call_id, outcome="not_reached",
            number=MOBILE, note="", called_at=now,
        )
    )  # fmt: skip
    session.add(
        Bounce(
            **mine, id=BounceId(new_id()), report_hash="0" * 64, kind="soft",
            address=contact.email, status="4.2.2", diagnostic="full", message="", received_at=now,
        )
    )  # fmt: skip
    session.flush()


def reach(
    world: World, supplier_id: SupplierId, debtor_id: DebtorId, invoice_id: InvoiceId
) -> dict[str, UUID]:
    """What the pages of channels are about; the ids by what their addresses call them."""
    call = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.CALL)
    letter = message_to(world, supplier_id, debtor_id, [invoice_id], Channel.LETTER)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        call_id = calls.hand_over(session, call, clock=world.clock)
        letter_id = letters.hand_over(session, letter, clock=world.clock)
        batch_id = make_batch(
            session,
            supplier_id,
            registered=False,
            holds=holds_of(session, supplier_id),
            claim_of=lambda one, on: claim_of(session, supplier_id, one, on),
            clock=world.clock,
        )
        assert call_id and letter_id and batch_id, "there is one of each"
        pile = Pile(_blank_page(), ((1, 1),))
        keep_pages(session, supplier_id, batch_id, pile, ["Rue 1"], clock=world.clock)
        contact = parties.contacts(session, supplier_id, debtor_id)[0]
        contact.phone = MOBILE
        session.flush()
        suppress(
            session, supplier_id=supplier_id, debtor_id=debtor_id, contact_id=contact.id,
            channel=Channel.SMS, address=MOBILE, because=Because.DEAD_NUMBER, clock=world.clock,
        )  # fmt: skip
        _what_was_tried(session, world, supplier_id, call_id, contact)
        text = replace(call, channel=Channel.SMS, address=MOBILE + "0")
        claimed = texts.claim(session, text, clock=world.clock)
        assert claimed is not None
        texts.mark_sent(session, supplier_id, claimed[0], clock=world.clock)
        reply_id = _answer(session, world, supplier_id, contact)
    return {
        "call": call_id, "letter": letter_id, "batch": batch_id, "contact": contact.id,
        "reply": reply_id,
    }  # fmt: skip


def _answer(session: Session, world: World, supplier_id: SupplierId, contact: Contact) -> ReplyId:
    reply_id = ReplyId(new_id())
    session.add(
        Reply(
            id=reply_id, supplier_id=supplier_id, debtor_id=contact.debtor_id,
            contact_id=contact.id, reminder_id=None, mail_hash="0" * 64,
            from_address="a.colleague@dubois.example", from_name="A colleague",
            subject="Re: Rappel", text="Nous payons vendredi.\nPromis.\n\nA. Dubois",
            is_cut=True, is_automatic=False, received_at=world.clock.now(),
        )
    )  # fmt: skip
    session.flush()
    return reply_id
